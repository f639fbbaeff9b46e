using Npgsql;
using Orion.Application.Import.Legacy;

namespace Orion.Infrastructure.LegacyImport;

/// <summary>Reads the rows of <see cref="LegacyQueries"/>, in the order of their columns.</summary>
internal static class LegacyRows
{
    internal static LegacySession Session(NpgsqlDataReader row) => new(
        row.GetString(0), row.GetString(1), Text(row, 2), Limited(row, 3), Limited(row, 5), Time(row, 7), Time(row, 8));

    internal static LegacyMessage Message(NpgsqlDataReader row) => new(
        row.GetString(0), Text(row, 1), Text(row, 2), Limited(row, 3), Limited(row, 5), Time(row, 7));

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    private static LegacyText Limited(NpgsqlDataReader row, int column) => new(Text(row, column), row.GetBoolean(column + 1));

    private static DateTimeOffset? Time(NpgsqlDataReader row, int column) =>
        row.IsDBNull(column) ? null : new DateTimeOffset(row.GetFieldValue<DateTime>(column).ToUniversalTime(), TimeSpan.Zero);
}
