namespace Orion.Infrastructure.Configuration;

/// <summary>Advice about parameters of database URLs that other libraries and providers use, and Orion does not support.</summary>
internal static class DatabaseUrlParameters
{
    private const string Known = "Orion supports sslmode, sslrootcert, application_name, connect_timeout, channel_binding, target_session_attrs and host.";
    private const int MaxNameLength = 40;

    private static readonly Dictionary<string, string> Advice = new(StringComparer.OrdinalIgnoreCase)
    {
        ["pgbouncer"] = "Remove it, and set DB_PREPARED_STATEMENTS=false for PgBouncer before 1.21 in transaction mode.",
        ["connection_limit"] = "Remove it, and set DB_POOL_SIZE.",
        ["pool_timeout"] = "Remove it. connect_timeout also limits that wait.",
        ["schema"] = "Remove it. Orion's tables are in the first schema of the role's search_path: ALTER ROLE … SET search_path = ….",
        ["supa"] = "Remove it. Only Supabase's own clients read it.",
        ["ssl"] = "Write sslmode=verify-full for ssl=true, and sslmode=disable for ssl=false.",
        ["sslaccept"] = "Write sslmode=verify-full for strict, and sslmode=require for accept_invalid_certs.",
        ["uselibpqcompat"] = "Remove it. Orion always interprets sslmode as libpq does.",
        ["options"] = "Remove it, and set its options for the role: ALTER ROLE … SET …. Neon finds its endpoint by the host name.",
        ["gssencmode"] = "Remove it. Orion does not use the encryption of Kerberos.",
        ["statement_cache_size"] = "Remove it, and set DB_PREPARED_STATEMENTS.",
        ["prepared_statements"] = "Remove it, and set DB_PREPARED_STATEMENTS.",
    };

    /// <summary>The error for an unsupported parameter.</summary>
    public static SettingError Unknown(string name)
    {
        // If a password contains an unencoded ?, the rest of it looks like a parameter. Only plausible names are repeated.
        var isName = name.Length is > 0 and <= MaxNameLength && name.All(c => char.IsAsciiLetter(c) || c == '_');
        if (!isName) return new("has a parameter that Orion does not support", $"{Known} In a password, write %3F for a ?.");
        return new(
            $"has a parameter that Orion does not support, {name}",
            Advice.TryGetValue(name, out var advice) ? advice : $"Remove it. {Known} In a password, write %3F for a ?.");
    }
}
