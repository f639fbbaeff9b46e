using Orion.Infrastructure.Configuration.Rules;

namespace Orion.Infrastructure.Configuration;

/// <summary>
/// All settings. The check at startup, the names that are read from a <c>.env</c>, and the list in <c>docs/settings.md</c> use this table.
/// </summary>
internal static partial class SettingsTable
{
    public static readonly Setting Secret = new("ORION_SHARED_JWT_SECRET", "Jwt:Secret")
    {
        IsSecret = true,
        IsExact = true,
        IsRequired = true,
        DevelopmentNote = "generated at the first start and stored in the data folder",
        Rule = "The secret that Orion shares with the frontend's server. Its UTF-8 bytes, including spaces, are the HMAC key. It needs at least " +
            $"{SecretRule.MinBytes} bytes and {SecretRule.MinDistinct} distinct characters. Placeholders (`changeme…`, `your_…`) and the secret that " +
            "has been published are rejected.",
        Example = "the output of `openssl rand -hex 64`",
    };

    public static readonly Setting PreviousSecret = new("ORION_SHARED_JWT_SECRET_PREVIOUS", "Jwt:PreviousSecret")
    {
        IsSecret = true,
        IsExact = true,
        Rule = "The secret before a rotation. Orion still accepts tokens that were signed with it, and signs none. It must follow the rules of the secret " +
            "and differ from it. Each start logs a warning while it is set. Remove it once the tokens that were signed with it have expired.",
        Example = "the former value of `ORION_SHARED_JWT_SECRET`",
    };

    public static readonly Setting Issuer = new("JWT_ISSUER", "Jwt:Issuer")
    {
        Aliases = ["ORION_SHARED_JWT_ISS"],
        IsExact = true,
        IsRequired = true,
        InDevelopment = "http://localhost:3000",
        Rule = "The `iss` of every token. It must match exactly.",
        Example = "https://chat.example.com",
    };

    public static readonly Setting Audience = new("JWT_AUDIENCE", "Jwt:Audience")
    {
        Aliases = ["ORION_SHARED_JWT_AUD"],
        IsExact = true,
        Default = "orion-core",
        Rule = "The `aud` of every token. It must match exactly.",
        Example = "orion-core",
    };

    public static readonly Setting UserTokenMaxSeconds = new("USER_TOKEN_MAX_SECONDS", "Jwt:UserTokenMaxSeconds")
    {
        Default = "86400",
        Range = NumberRange.Seconds,
        Rule = $"The maximum lifetime (`exp − iat`) of a user token in seconds: {NumberRange.Seconds} (a year).",
        Example = "3600",
    };

    public static readonly Setting Owner = new("AUTHORIZED_USER_EMAIL", "Users:Owner")
    {
        IsRequired = true,
        InDevelopment = "you@example.com",
        ProductionNote = "**required**, not `you@example.com`",
        Rule = "The e-mail address of the owner, the only person who has access by configuration. Use Orion's command line to give access to others.",
        Example = "owner@example.com",
    };

    public static readonly Setting AllowedOrigins = new("ALLOWED_ORIGINS", "Cors:AllowedOrigins")
    {
        IsRequired = true,
        IsList = true,
        MayBeEmpty = true,
        InDevelopment = "http://localhost:3000,http://localhost:3005",
        ProductionNote = "**required**, may be empty",
        Rule = "The origins that a browser may call from, comma-separated, exactly as browsers send them: `scheme://host`, with `:port` only if it is not " +
            "the default port of the scheme. Wildcards such as `*`, paths, trailing slashes, `null` and upper-case letters are not allowed. Other " +
            "alphabets are written in punycode. In Production, `http:` is allowed only for loopback. The scheme of an app is allowed: " +
            "`capacitor://localhost`, `ionic://localhost`, `tauri://localhost`, `app://obsidian.md`, or `chrome-extension://` with the extension's ID. " +
            "The first three identify the framework and not the app, so only the token protects the data. `file:`, `ftp:`, `data:`, `blob:`, `about:` " +
            "and `javascript:` are not allowed. With an empty value, no browser may call.",
        Example = "https://chat.example.com,https://admin.example.com",
    };

    public static readonly Setting MaxRequests = new("RATE_LIMIT_MAX_REQUESTS", "RateLimit:MaxRequests")
    {
        InDevelopment = "10000",
        InProduction = "100",
        Range = NumberRange.Requests,
        Rule = $"The number of requests that a client address may send in a window: {NumberRange.Requests}.",
        Example = "300",
    };

    public static readonly Setting WindowSeconds = new("RATE_LIMIT_WINDOW_SECONDS", "RateLimit:WindowSeconds")
    {
        Default = "900",
        Range = NumberRange.Seconds,
        Rule = $"The length of a window in seconds: {NumberRange.Seconds}.",
        Example = "60",
    };

    public static readonly Setting UserMaxRequests = new("RATE_LIMIT_USER_MAX_REQUESTS", "RateLimit:UserMaxRequests")
    {
        Note = "the value of `RATE_LIMIT_MAX_REQUESTS`",
        Range = NumberRange.Requests,
        Rule = $"The number of requests that an authorized user may send in a window: {NumberRange.Requests}. The user's session tokens have a separate " +
            "limit of the same size.",
        Example = "1000",
    };

    public static readonly Setting RedisUrl = new("REDIS_URL", "RateLimit:RedisUrl")
    {
        IsSecret = true,
        Rule = "The Redis server through which several instances share their rate limits: `redis://user:password@host:port/database`, with each part " +
            "percent-encoded, or `rediss://` for TLS. User, password, port (6379) and database (0) are optional. While it is unavailable, each instance " +
            "counts separately.",
        Example = "rediss://orion:p%40ssword@redis.example.com:6379/0",
    };

    public static readonly Setting RetentionDays = new("RETENTION_DAYS", "Retention:Days")
    {
        Default = "0",
        Range = NumberRange.Days,
        Rule = $"After how many days without a change a session is deleted, whether it is archived or not: {NumberRange.Days}. 0 keeps sessions. A " +
            "change is what changes `updatedAt`: a message, another title, metadata or `expiresAt`, archiving or restoring. Imported sessions keep " +
            "their `updatedAt`. `orion retention --dry-run` states what would be deleted ([Retention](operations.md#retention)).",
        Example = "365",
    };

    public static readonly Setting Port = new("PORT", "Server:Port")
    {
        Default = "3002",
        DevelopmentNote = "`3002`, loopback only",
        Range = NumberRange.Port,
        Rule = $"The port to listen on: {NumberRange.Port}. `--urls` and `ASPNETCORE_URLS` take precedence.",
        Example = "8080",
    };

    public static readonly Setting RequireHttps = new("REQUIRE_HTTPS", "Server:RequireHttps")
    {
        InDevelopment = "false",
        InProduction = "true",
        Rule = "Whether requests that did not arrive over HTTPS get 403 `https_required`. Health routes are exempt. Behind a proxy that terminates TLS, " +
            "add the proxy to `TRUSTED_PROXIES`.",
        Example = "true",
    };

    public static readonly Setting TrustedProxies = new("TRUSTED_PROXIES", "Server:TrustedProxies")
    {
        IsList = true,
        Default = "127.0.0.0/8,::1",
        Rule = "The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are trusted: comma-separated addresses or CIDR blocks, no wider than " +
            $"/{ProxyRule.WidestIPv4} (IPv6: /{ProxyRule.WidestIPv6}). A value replaces the default. `X-Forwarded-For` is read from the right: the client " +
            "is the first address that is not a trusted proxy. `X-Forwarded-Proto` must be a single word. For each peer, the log reports once that a " +
            "proxy is missing here or that a header is malformed.",
        Example = "127.0.0.0/8,::1,10.1.0.0/16",
    };

    public static readonly Setting MaxConnections = new("MAX_CONNECTIONS", "Server:MaxConnections")
    {
        Default = "1000",
        Range = NumberRange.Connections,
        Rule = $"The maximum number of open connections: {NumberRange.Connections}.",
        Example = "5000",
    };

    public static readonly Setting MetricsPort = new("METRICS_PORT", "Metrics:Port")
    {
        Range = NumberRange.Port,
        Rule = $"The port that serves only `/metrics`, in the Prometheus text format: {NumberRange.Port}, and not `PORT`. Without it, nothing is " +
            "measured, unless the standard variable `OTEL_EXPORTER_OTLP_ENDPOINT` is set ([Monitoring](operations.md#monitoring)).",
        Example = "9464",
    };

    public static readonly Setting MetricsAddress = new("METRICS_ADDRESS", "Metrics:Address")
    {
        Default = "127.0.0.1",
        Rule = "The address of this machine that `METRICS_PORT` listens on. The metrics can be read there without a token, so use `0.0.0.0` only in a " +
            "container whose network is closed.",
        Example = "0.0.0.0",
    };

    public static readonly Setting HealthShowDatabase = new("HEALTH_SHOW_DATABASE", "Health:ShowDatabase")
    {
        Default = "false",
        Rule = "Whether `/health` shows the address of the database, without credentials, instead of only its type.",
        Example = "true",
    };

    public static readonly Setting ApiDocs = new("API_DOCS", "ApiDocs:Enabled")
    {
        InDevelopment = "true",
        InProduction = "false",
        Rule = "Whether `/openapi/v1.json` is served, and in Development also the page `/docs`. In Production, the document requires a user token.",
        Example = "true",
    };

    public static readonly Setting Mcp = new("MCP", "Mcp:Enabled")
    {
        Default = "false",
        Rule = "Whether `/mcp` serves the Model Context Protocol, with user tokens ([Model Context Protocol](mcp.md)). `orion mcp` does not need it.",
        Example = "true",
    };
}
