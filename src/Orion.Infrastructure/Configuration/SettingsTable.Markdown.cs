using System.Globalization;
using System.Text;

namespace Orion.Infrastructure.Configuration;

internal static partial class SettingsTable
{
    private const string Before = """
        # Settings

        <!-- Made from src/Orion.Infrastructure/Configuration/SettingsTable.cs: change it there, then run the unit tests with ORION_UPDATE_DOCS=1. -->

        Orion is configured by environment variables, usually in a `.env` file. Every setting is checked at start: where something is wrong, the process
        exits with code 78 and one message that lists every problem, says where the value was looked for and how to fix it. No message repeats a value.

        A Production `.env` needs these lines, and mostly no others:

        ```sh
        ORION_SHARED_JWT_SECRET=    # the output of: openssl rand -hex 64
        JWT_ISSUER=https://chat.example.com
        AUTHORIZED_USER_EMAIL=owner@example.com
        ALLOWED_ORIGINS=https://chat.example.com
        DATABASE_URL=postgresql://orion:p%40ssword@db.example.com:5432/orion_core
        ```

        In Development nothing needs to be set: Orion makes a secret and an embedded database in `.orion`. Every other environment, `Staging` too,
        has the rules of Production.

        ## Where a value comes from

        The first source that holds a setting, under any of its names, decides:

        1. the command line (`--Server:Port=8080`),
        2. the environment,
        3. the `.env` file,
        4. user secrets (in Development), `appsettings.{Environment}.json`, `appsettings.json`,
        5. the default.

        A setting has up to three kinds of names, and within one source the first of these wins: its variable (`JWT_ISSUER`), an older variable that means the
        same (`ORION_SHARED_JWT_ISS`), and its section name in ASP.NET's way: `Jwt__Issuer` as a variable, `Jwt:Issuer` on the command line, and in JSON

        ```json
        { "Jwt": { "Issuer": "https://chat.example.com" }, "Cors": { "AllowedOrigins": ["https://chat.example.com"] } }
        ```

        - An empty value counts as absent, so the next source is asked. `ALLOWED_ORIGINS` alone may be empty.
        - Blanks around a value fall off, but not around secrets, passwords, `JWT_ISSUER`, `JWT_AUDIENCE`, `DB_NAME` and `DB_USER`.
        - Yes or no is `true` or `false`, in any case, or `1` or `0`. Numbers are digits alone.
        - `ASPNETCORE_FORWARDEDHEADERS_ENABLED` believes everybody's forwarded headers, so Orion does not start with it: use `TRUSTED_PROXIES`.

        ## The `.env` file

        It is read from the working directory (with `dotnet run` that is the repository's root), exactly as Node's `dotenv` 17 reads it:

        ```sh
        # a comment
        PORT=3002                   # a comment after a value
        export JWT_AUDIENCE=orion-core
        DB_PASSWORD='p@$$w0rd #1'   # quotes ('…', "…" or `…`) keep # and blanks; a bare # ends the value
        ```

        Nothing is interpolated: a `$` is a `$`. In double quotes `\n` is a line end. Of a name that comes twice the last value counts.

        - `ORION_ENV_FILE`, in the real environment alone, names another file, which must then exist, or is `none`: no file is read.
        - The real environment wins over the file.
        - Names that are no settings of Orion are passed over, with a warning that lists them; OpenTelemetry's (`OTEL_…`) are taken. A `#` that
          cuts a secret short is a warning, too.
        - The file is UTF-8, with or without a byte order mark. Any other encoding refuses to start. The largest file is 1 MiB.
        - In Production a file that its group or others can write to refuses to start, and so does a symbolic link. A link is accepted where Orion
          does not run as root, and every folder, link and file on the way to the target belongs to root and cannot be written by Orion's account.
          That is how Kubernetes mounts a Secret.

        ## Secrets in files

        `ORION_SHARED_JWT_SECRET`, `ORION_SHARED_JWT_SECRET_PREVIOUS`, `DATABASE_URL`, `DB_PASSWORD` and `MIGRATION_DATABASE_URL` can each be read
        from a file, as Docker and Kubernetes mount secrets: the same name with `_FILE` holds the file's full path.

        ```sh
        DATABASE_URL_FILE=/run/secrets/database-url
        ```

        The file is UTF-8, at most 64 KiB, and one line end at its end is cut off. Orion does not start where the file is missing, empty or not
        readable, or where both names are set.

        ## In Kubernetes

        - Set `enableServiceLinks: false` in the pod's spec. Without it Kubernetes writes variables such as `DB_PORT=tcp://10.0.0.1:5432` for a Service
          named `db`, and Orion does not start with an address in place of a number.
        - A volume with an `fsGroup` works as `ORION_DATA_DIR`: Orion makes a folder `orion` of its own in it. The volume must not be open to accounts
          outside of the group.

        ## All settings


        """;

    /// <summary>The documentation of all settings: <c>docs/settings.md</c>, which a test keeps equal to this.</summary>
    public static string ToMarkdown()
    {
        var text = new StringBuilder(Before);
        text.Append("| variable | Development | Production |\n|---|---|---|\n");
        foreach (var setting in All)
            text.Append(CultureInfo.InvariantCulture, $"| [`{setting.Name}`](#{setting.Name.ToLowerInvariant()}) | {DevelopmentCell(setting)} | {ProductionCell(setting)} |\n");

        foreach (var group in Groups)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {group.Title}\n\n{group.Introduction}\n");
            foreach (var setting in group.Settings) Append(text, setting);
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Setting setting)
    {
        var example = setting.Example.Contains('`', StringComparison.Ordinal) || setting.Example.Contains(' ', StringComparison.Ordinal)
            ? setting.Example
            : $"`{setting.Name}={setting.Example}`";
        text.Append(CultureInfo.InvariantCulture, $"\n### {setting.Name}\n\n{setting.Rule}\n\n");
        text.Append(CultureInfo.InvariantCulture, $"- Where it is not set: in Development {DevelopmentCell(setting)}; in Production {ProductionCell(setting)}\n");
        if (setting.Aliases.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"- Older name: {string.Join(", ", setting.Aliases.Select(a => $"`{a}`"))}\n");
        text.Append(CultureInfo.InvariantCulture, $"- Section name: `{setting.Key}`, as a variable `{setting.SectionVariable}`\n");
        text.Append(CultureInfo.InvariantCulture, $"- Example: {example}\n");
    }

    private static string DevelopmentCell(Setting setting) => setting.DevelopmentNote ?? Code(setting.InDevelopment) ?? None;

    private static string ProductionCell(Setting setting) => setting.ProductionNote ?? Code(setting.InProduction) ?? (setting.IsRequired ? "**required**" : None);

    /// <summary>What a setting without a value and a default is.</summary>
    private const string None = "nothing";

    private static string? Code(string? value) => value is null ? null : $"`{value}`";
}
