namespace Orion.Infrastructure.Configuration;

/// <summary>What is said of parameters that other libraries and providers put into a database's URL, and Orion does not take.</summary>
internal static class DatabaseUrlParameters
{
    private const string Known = "Orion takes sslmode, sslrootcert, application_name, connect_timeout, channel_binding and host.";
    private const int LongestName = 40;

    private static readonly Dictionary<string, string> Advice = new(StringComparer.OrdinalIgnoreCase)
    {
        ["pgbouncer"] = "Remove it, and set DB_PREPARED_STATEMENTS=false where PgBouncer is older than 1.21 and in transaction mode.",
        ["connection_limit"] = "Remove it, and set DB_POOL_SIZE.",
        ["pool_timeout"] = "Remove it; connect_timeout bounds that wait, too.",
        ["schema"] = "Remove it. Orion's tables are in the first schema of the role's search_path: ALTER ROLE … SET search_path = ….",
        ["supa"] = "Remove it: Supabase's own clients read it, and its servers need it nowhere.",
        ["ssl"] = "Write sslmode=verify-full for ssl=true, and sslmode=disable for ssl=false.",
        ["sslaccept"] = "Write sslmode=verify-full for strict, and sslmode=require for accept_invalid_certs.",
        ["uselibpqcompat"] = "Remove it: Orion reads sslmode as libpq does.",
        ["options"] = "Remove it, and set what is in it for the role: ALTER ROLE … SET …. Neon finds its endpoint by the host's name.",
        ["gssencmode"] = "Remove it: Orion does not use Kerberos' encryption.",
        ["statement_cache_size"] = "Remove it, and set DB_PREPARED_STATEMENTS.",
        ["prepared_statements"] = "Remove it, and set DB_PREPARED_STATEMENTS.",
    };

    /// <summary>What is wrong with a parameter that is not taken.</summary>
    public static SettingError Unknown(string name)
    {
        // A piece of a password with a bare ? in it can look like a parameter: only what can be a name is repeated.
        var isName = name.Length is > 0 and <= LongestName && name.All(c => char.IsAsciiLetter(c) || c == '_');
        if (!isName) return new("has a parameter that Orion does not take", $"{Known} A ? in a password is %3F.");
        return new(
            $"has a parameter that Orion does not take, {name}",
            Advice.TryGetValue(name, out var advice) ? advice : $"Remove it. {Known} A ? in a password is %3F.");
    }
}
