// The yardstick for a start: an ASP.NET app as the template makes it, which answers that it is there.
var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/health", () => "healthy");
app.Run();
