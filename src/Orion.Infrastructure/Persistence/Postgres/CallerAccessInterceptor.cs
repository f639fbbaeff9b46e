using System.Data.Common;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;

namespace Orion.Infrastructure.Persistence.Postgres;

/// <summary>Adds <see cref="CallerCheck"/> to the statements of SaveChanges, in the same round trip.</summary>
internal sealed class CallerAccessInterceptor : DbCommandInterceptor
{
    private static readonly string User = CallerCheck.Text("@caller_id", "@token_issued_at", null);
    private static readonly string UserAndSession = CallerCheck.Text("@caller_id", "@token_issued_at", "@caller_session");

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        if (eventData is { CommandSource: CommandSource.SaveChanges, Context: OrionDbContext { CheckedCaller: { TokenIssuedAt: { } issuedAt } caller } })
        {
            command.CommandText += caller.Scope is null ? User : UserAndSession;
            command.Parameters.Add(new NpgsqlParameter<Guid>("caller_id", caller.Id.Value));
            command.Parameters.Add(new NpgsqlParameter<DateTimeOffset>("token_issued_at", issuedAt));
            if (caller.Scope is { } session) command.Parameters.Add(new NpgsqlParameter<Guid>("caller_session", session.Value));
        }

        return new(result);
    }
}
