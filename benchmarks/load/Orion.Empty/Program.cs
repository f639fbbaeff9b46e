// The baseline for the startup time: an app as the ASP.NET Core template creates it, with a health endpoint.
var app = WebApplication.CreateBuilder(args).Build();
app.MapGet("/health", () => "healthy");
app.Run();
