namespace Orion.Infrastructure.Configuration;

/// <summary>Every setting there is. The check at start, <c>docs/settings.md</c> and the names taken from a <c>.env</c> all come from
/// here.</summary>
internal static partial class SettingsTable
{
    public static readonly Setting Secret = new("ORION_SHARED_JWT_SECRET", "Jwt:Secret")
    {
        IsSecret = true,
        IsExact = true,
        IsRequired = true,
        DevelopmentNote = "made at first start, kept in the data folder",
        Rule = "The secret shared with the frontend's server; its UTF-8 bytes are the HMAC key, blanks included. At least 32 bytes and 10 distinct " +
            "characters, no placeholder (`changeme…`, `your_…`), and not the one that has been published.",
        Example = "the output of `openssl rand -hex 64`",
    };

    public static readonly Setting PreviousSecret = new("ORION_SHARED_JWT_SECRET_PREVIOUS", "Jwt:PreviousSecret")
    {
        IsSecret = true,
        IsExact = true,
        Rule = "The secret before a rotation: tokens that it signed still count, and nothing is signed with it any more. Every rule of the secret " +
            "holds for it, it must differ from it, and each start warns that it is set. Remove it once the tokens that it signed have run out.",
        Example = "the value that `ORION_SHARED_JWT_SECRET` had",
    };

    public static readonly Setting Issuer = new("JWT_ISSUER", "Jwt:Issuer")
    {
        Aliases = ["ORION_SHARED_JWT_ISS"],
        IsExact = true,
        IsRequired = true,
        InDevelopment = "http://localhost:3000",
        Rule = "The `iss` that a token must have, character by character.",
        Example = "https://chat.example.com",
    };

    public static readonly Setting Audience = new("JWT_AUDIENCE", "Jwt:Audience")
    {
        Aliases = ["ORION_SHARED_JWT_AUD"],
        IsExact = true,
        InDevelopment = "orion-core",
        InProduction = "orion-core",
        Rule = "The `aud` that a token must have, character by character.",
        Example = "orion-core",
    };

    public static readonly Setting UserTokenMaxSeconds = new("USER_TOKEN_MAX_SECONDS", "Jwt:UserTokenMaxSeconds")
    {
        InDevelopment = "86400",
        InProduction = "86400",
        Rule = "The longest lifetime (`exp − iat`) of a user token, in seconds: 1 to 31536000, a year.",
        Example = "3600",
    };

    public static readonly Setting Owner = new("AUTHORIZED_USER_EMAIL", "Users:Owner")
    {
        IsRequired = true,
        InDevelopment = "you@example.com",
        ProductionNote = "**required**, not `you@example.com`",
        Rule = "The owner's e-mail address: the one person who is let in by configuration. Others are let in with Orion's command line.",
        Example = "owner@example.com",
    };

    public static readonly Setting AllowedOrigins = new("ALLOWED_ORIGINS", "Cors:AllowedOrigins")
    {
        IsRequired = true,
        IsList = true,
        MayBeEmpty = true,
        InDevelopment = "http://localhost:3000,http://localhost:3005",
        ProductionNote = "**required**, may be empty",
        Rule = "The origins that a browser may call from, comma-separated, exactly as browsers send them: `scheme://host`, and `:port` unless it is the " +
            "scheme's own. No `*` or other wildcard, no path, no trailing slash, no `null`, no capitals, other alphabets in punycode; in Production " +
            "`http:` is for loopback alone. An app's own scheme can be listed: `capacitor://localhost`, `ionic://localhost`, `tauri://localhost`, " +
            "`app://obsidian.md`, `chrome-extension://` with the extension's id. The first three identify the framework and not the app, so the token " +
            "must protect the data. `file:`, `ftp:`, `data:`, `blob:`, `about:` and `javascript:` cannot be listed. Set and empty: no browser may call.",
        Example = "https://chat.example.com,https://admin.example.com",
    };

    public static readonly Setting MaxRequests = new("RATE_LIMIT_MAX_REQUESTS", "RateLimit:MaxRequests")
    {
        InDevelopment = "10000",
        InProduction = "100",
        Rule = "How many requests one client address may make in a window: 1 to 1000000000.",
        Example = "300",
    };

    public static readonly Setting WindowSeconds = new("RATE_LIMIT_WINDOW_SECONDS", "RateLimit:WindowSeconds")
    {
        InDevelopment = "900",
        InProduction = "900",
        Rule = "The length of a window in seconds: 1 to 31536000.",
        Example = "60",
    };

    public static readonly Setting UserMaxRequests = new("RATE_LIMIT_USER_MAX_REQUESTS", "RateLimit:UserMaxRequests")
    {
        DevelopmentNote = "as `RATE_LIMIT_MAX_REQUESTS`",
        ProductionNote = "as `RATE_LIMIT_MAX_REQUESTS`",
        Rule = "How many requests an authorized user may make in a window: 1 to 1000000000. The user's session tokens draw on a second budget of the same size.",
        Example = "1000",
    };

    public static readonly Setting DatabaseUrl = new("DATABASE_URL", "Database:Url")
    {
        IsSecret = true,
        InDevelopment = "sqlite:orion.db",
        ProductionNote = "**required** (or `DB_HOST`)",
        Rule = "`postgresql://user:password@host:port/name?sslmode=…&sslrootcert=…`, each part percent-encoded, or `sqlite:PATH`, relative to the data " +
            "folder; the folder of a full path has the data folder's rules. Wins over `DB_HOST`. A parameter that Orion does not take refuses to start. Production never falls back to an embedded database: a lost `.env` must not look like lost data.",
        Example = "postgresql://orion:p%40ssword@db.example.com:5432/orion_core?sslmode=verify-full",
    };

    public static readonly Setting DatabaseHost = new("DB_HOST", "Database:Host")
    {
        Rule = "The PostgreSQL server, where `DATABASE_URL` is not set: a name, an address, or the folder of a socket.",
        Example = "db.example.com",
    };

    public static readonly Setting DatabasePort = new("DB_PORT", "Database:Port")
    {
        InDevelopment = "5432",
        InProduction = "5432",
        Rule = "Its port, with `DB_HOST`: 1 to 65535.",
        Example = "6432",
    };

    public static readonly Setting DatabaseName = new("DB_NAME", "Database:Name")
    {
        IsExact = true,
        InDevelopment = "orion_core",
        InProduction = "orion_core",
        Rule = "The database's name, with `DB_HOST`.",
        Example = "orion_core",
    };

    public static readonly Setting DatabaseUser = new("DB_USER", "Database:User")
    {
        IsExact = true,
        DevelopmentNote = "required with `DB_HOST`",
        ProductionNote = "required with `DB_HOST`",
        Rule = "The role that Orion logs in as, with `DB_HOST`.",
        Example = "orion",
    };

    public static readonly Setting DatabasePassword = new("DB_PASSWORD", "Database:Password")
    {
        IsSecret = true,
        IsExact = true,
        Rule = "The role's password, with `DB_HOST`, as it is: nothing in it is encoded. A server that asks for none needs none.",
        Example = "what the server's administrator gave you",
    };

    public static readonly Setting DatabaseSsl = new("DB_SSL", "Database:Ssl")
    {
        DevelopmentNote = "by host, see the rule",
        ProductionNote = "by host, see the rule",
        Rule = "`true` (verify-full), `false` (disable), or a libpq sslmode, with `DB_HOST`. Without one, plain to loopback and sockets, `verify-full` to " +
            "every other host. The same goes for `sslmode` in a URL. `prefer` and `allow` refuse to start in Production; `disable` to another host warns at each start.",
        Example = "verify-full",
    };

    public static readonly Setting DatabaseRootCertificate = new("DB_SSL_ROOT_CERT", "Database:SslRootCertificate")
    {
        DevelopmentNote = "the system's authorities",
        ProductionNote = "the system's authorities",
        Rule = "The file with the certificates (PEM) of the authorities to trust for the server, with `DB_HOST`; relative to the working directory. `system` " +
            "are the system's. In a URL it is `sslrootcert`.",
        Example = "/etc/orion/database-ca.pem",
    };

    public static readonly Setting PoolSize = new("DB_POOL_SIZE", "Database:PoolSize")
    {
        InDevelopment = "20",
        InProduction = "20",
        Rule = "How many connections one instance holds at most for requests: 1 to 10000. One more is the database check's.",
        Example = "50",
    };

    public static readonly Setting PreparedStatements = new("DB_PREPARED_STATEMENTS", "Database:PreparedStatements")
    {
        InDevelopment = "true",
        InProduction = "true",
        Rule = "Whether statements are prepared on the server. `false` for PgBouncer in transaction mode before 1.21.",
        Example = "false",
    };

    public static readonly Setting MigrationUrl = new("MIGRATION_DATABASE_URL", "Database:MigrationUrl")
    {
        IsSecret = true,
        Rule = "As `DATABASE_URL`, PostgreSQL alone, and used for migrating alone: then `DATABASE_URL`'s own role needs no more than the SELECT, INSERT, " +
            "UPDATE and DELETE that migrating grants to it.",
        Example = "postgresql://orion_owner:p%40ssword@db.example.com:5432/orion_core",
    };

    public static readonly Setting MigrateOnStart = new("MIGRATE_ON_START", "Database:MigrateOnStart")
    {
        InDevelopment = "true",
        InProduction = "true",
        Rule = "Whether pending migrations are applied at start. Safe with many instances starting at once.",
        Example = "false",
    };

    public static readonly Setting DataDir = new("ORION_DATA_DIR", "Data:Folder")
    {
        InDevelopment = ".orion",
        DevelopmentNote = "`.orion` in the working directory",
        ProductionNote = "**required** for a relative `sqlite:` path",
        Rule = "The folder of the embedded database and the generated secret, made where it is missing, for the account that Orion runs as alone (0700, files 0600). " +
            "One that is a symbolic link or open to group or others refuses to start. One that another account owns may be open to its group: Orion " +
            "then makes and uses the folder `orion` in it.",
        Example = "/var/lib/orion",
    };

    public static readonly Setting BackupDir = new("BACKUP_DIR", "Backup:Folder")
    {
        Rule = "The folder of the backups, as a full path.",
        Example = "/var/backups/orion",
    };

    public static readonly Setting Port = new("PORT", "Server:Port")
    {
        InDevelopment = "3002",
        InProduction = "3002",
        DevelopmentNote = "`3002`, loopback only",
        Rule = "The port to listen on: 1 to 65535. `--urls` and `ASPNETCORE_URLS` win.",
        Example = "8080",
    };

    public static readonly Setting RequireHttps = new("REQUIRE_HTTPS", "Server:RequireHttps")
    {
        InDevelopment = "false",
        InProduction = "true",
        Rule = "Whether a request that did not arrive over HTTPS gets 403 `https_required`, health routes aside. Behind a proxy that ends TLS, " +
            "name the proxy in `TRUSTED_PROXIES`.",
        Example = "true",
    };

    public static readonly Setting TrustedProxies = new("TRUSTED_PROXIES", "Server:TrustedProxies")
    {
        IsList = true,
        InDevelopment = "127.0.0.0/8,::1",
        InProduction = "127.0.0.0/8,::1",
        Rule = "The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` count, comma-separated: addresses or CIDRs, no wider than /8 (IPv6: /32). " +
            "A value replaces the default. `X-Forwarded-For` is read from the right: the client is the first address that is no trusted proxy. " +
            "`X-Forwarded-Proto` must be one word. The log names, once for each peer, a proxy that is missing here and a header that cannot be read.",
        Example = "127.0.0.0/8,::1,10.1.0.0/16",
    };

    public static readonly Setting MaxConnections = new("MAX_CONNECTIONS", "Server:MaxConnections")
    {
        InDevelopment = "1000",
        InProduction = "1000",
        Rule = "How many connections may be open at once: 1 to 1000000.",
        Example = "5000",
    };

    public static readonly Setting MetricsPort = new("METRICS_PORT", "Metrics:Port")
    {
        Rule = "The port that serves metrics in Prometheus' text format as `/metrics`, and nothing else: 1 to 65535, another than `PORT`. Nothing is " +
            "measured without it, unless the standard `OTEL_EXPORTER_OTLP_ENDPOINT` asks for it ([Monitoring](operations.md#monitoring)).",
        Example = "9464",
    };

    public static readonly Setting MetricsAddress = new("METRICS_ADDRESS", "Metrics:Address")
    {
        InDevelopment = "127.0.0.1",
        InProduction = "127.0.0.1",
        Rule = "The address of this machine that `METRICS_PORT` is open on. Whoever reaches it reads the metrics without a token: `0.0.0.0` belongs " +
            "into a container whose network is closed.",
        Example = "0.0.0.0",
    };

    public static readonly Setting HealthShowDatabase = new("HEALTH_SHOW_DATABASE", "Health:ShowDatabase")
    {
        InDevelopment = "false",
        InProduction = "false",
        Rule = "Whether `/health` names the database's address, without credentials, instead of its kind.",
        Example = "true",
    };

    public static readonly Setting ApiDocs = new("API_DOCS", "ApiDocs:Enabled")
    {
        InDevelopment = "true",
        InProduction = "false",
        Rule = "Whether `/openapi/v1.json` is served, and in Development the page `/docs`. In Production the document needs a user token.",
        Example = "true",
    };
}
