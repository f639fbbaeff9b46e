namespace Orion.Infrastructure.Configuration;

/// <summary>The settings of the database, the data folder and the backups.</summary>
internal static partial class SettingsTable
{
    public static readonly Setting DatabaseUrl = new("DATABASE_URL", "Database:Url")
    {
        IsSecret = true,
        InDevelopment = "sqlite:orion.db",
        ProductionNote = "**required** (or `DB_HOST`)",
        Rule = "`postgresql://user:password@host:port/name?sslmode=…&sslrootcert=…`, with each part percent-encoded, or `sqlite:PATH`, relative to the " +
            "data folder. Several hosts, `host1:5432,host2:5432`, are one cluster: Orion works on the server that can be written, and looks for it again each " +
            "second. The folder of a full path must follow the rules of the data folder. Takes precedence over `DB_HOST`. Orion does not start with " +
            "a parameter that it does not support. Production never falls back to an embedded database, because a lost `.env` must not look like lost data.",
        Example = "postgresql://orion:p%40ssword@db.example.com:5432/orion_core?sslmode=verify-full",
    };

    public static readonly Setting DatabaseHost = new("DB_HOST", "Database:Host")
    {
        Rule = "The PostgreSQL server, if `DATABASE_URL` is not set: a host name, an IP address, or the folder of a Unix socket.",
        Example = "db.example.com",
    };

    public static readonly Setting DatabasePort = new("DB_PORT", "Database:Port")
    {
        Default = "5432",
        Range = NumberRange.Port,
        Rule = $"The port of `DB_HOST`: {NumberRange.Port}.",
        Example = "6432",
    };

    public static readonly Setting DatabaseName = new("DB_NAME", "Database:Name")
    {
        IsExact = true,
        Default = "orion_core",
        Rule = "The name of the database on `DB_HOST`.",
        Example = "orion_core",
    };

    public static readonly Setting DatabaseUser = new("DB_USER", "Database:User")
    {
        IsExact = true,
        Note = "required with `DB_HOST`",
        Rule = "The role that Orion uses on `DB_HOST`.",
        Example = "orion",
    };

    public static readonly Setting DatabasePassword = new("DB_PASSWORD", "Database:Password")
    {
        IsSecret = true,
        IsExact = true,
        Rule = "The role's password on `DB_HOST`, without any encoding. Not needed if the server does not require one.",
        Example = "the password from the server's administrator",
    };

    public static readonly Setting DatabaseSsl = new("DB_SSL", "Database:Ssl")
    {
        Note = "depends on the host",
        Rule = "TLS to `DB_HOST`: `true` (verify-full), `false` (disable), or an sslmode of libpq. The default is `disable` for loopback and sockets, and " +
            "`verify-full` for every other host. The same applies to `sslmode` in a URL. Production does not start with `prefer` and `allow`. With " +
            "`disable` for another host, each start logs a warning.",
        Example = "verify-full",
    };

    public static readonly Setting DatabaseRootCertificate = new("DB_SSL_ROOT_CERT", "Database:SslRootCertificate")
    {
        Note = "the system's certificate authorities",
        Rule = "The PEM file with the certificate authorities to trust for `DB_HOST`, relative to the working directory, or `system` for those of the " +
            "system. In a URL it is `sslrootcert`.",
        Example = "/etc/orion/database-ca.pem",
    };

    public static readonly Setting PoolSize = new("DB_POOL_SIZE", "Database:PoolSize")
    {
        Default = "20",
        Range = NumberRange.PooledConnections,
        Rule = $"The maximum number of connections that one instance uses for requests: {NumberRange.PooledConnections}. The health check uses one more, and replies use two more.",
        Example = "50",
    };

    public static readonly Setting PreparedStatements = new("DB_PREPARED_STATEMENTS", "Database:PreparedStatements")
    {
        Default = "true",
        Rule = "Whether statements are prepared on the server. Set `false` for PgBouncer before 1.21 in transaction mode.",
        Example = "false",
    };

    public static readonly Setting MigrationUrl = new("MIGRATION_DATABASE_URL", "Database:MigrationUrl")
    {
        IsSecret = true,
        Rule = "Like `DATABASE_URL`, but only for PostgreSQL, and used only for migrations and backups. The role of `DATABASE_URL` then needs only " +
            "SELECT, INSERT, UPDATE and DELETE, which a migration grants to it.",
        Example = "postgresql://orion_owner:p%40ssword@db.example.com:5432/orion_core",
    };

    public static readonly Setting MigrateOnStart = new("MIGRATE_ON_START", "Database:MigrateOnStart")
    {
        Default = "true",
        Rule = "Whether pending migrations are applied at startup. This is safe if many instances start at the same time.",
        Example = "false",
    };

    public static readonly Setting DataDir = new("ORION_DATA_DIR", "Data:Folder")
    {
        InDevelopment = ".orion",
        DevelopmentNote = "`.orion` in the working directory",
        ProductionNote = "**required** for a relative `sqlite:` path",
        Rule = "The folder of the embedded database and the generated secret. Orion creates it if it is missing. Only the account that Orion runs as has " +
            "access (mode 0700, files 0600). Orion does not start if the folder is a symbolic link or open to its group or others. A folder of another " +
            "account may be open to its group: Orion then creates and uses the folder `orion` in it.",
        Example = "/var/lib/orion",
    };

    public static readonly Setting BackupDir = new("BACKUP_DIR", "Backup:Folder")
    {
        Rule = "The full path of the folder for backups.",
        Example = "/var/backups/orion",
    };
}
