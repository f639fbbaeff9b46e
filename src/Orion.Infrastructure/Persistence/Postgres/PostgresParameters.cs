using Npgsql;
using NpgsqlTypes;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Parameters with a value whose type is known, which Npgsql does not box.</summary>
internal static class PostgresParameters
{
    internal static NpgsqlParameter<Guid> Value(Guid id) => new() { TypedValue = id };

    internal static NpgsqlParameter<string> Value(string? text) => new() { TypedValue = text };

    internal static NpgsqlParameter Value(DateTimeOffset? instant) => instant is { } known
        ? new NpgsqlParameter<DateTimeOffset> { TypedValue = known }
        : new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.TimestampTz };
}
