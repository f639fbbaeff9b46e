using Orion.Cli.Execution;
using Orion.Cli.Reporting;
using Orion.Domain.Users;

namespace Orion.Cli.Import;

/// <summary>Takes over a whole export, user after user.</summary>
internal sealed class ArchiveFile(OrionHost host, ArchiveLines lines, EmailAddress? becomes, bool dryRun)
{
    private readonly List<ArchiveImport> _users = [];

    /// <summary>What came of each user, in the file's order.</summary>
    internal IReadOnlyList<ArchiveImport> Users => _users;

    /// <summary>Takes over all lines.</summary>
    /// <exception cref="CommandRefusedException">A line is wrong, or the end is missing; what stands before it was taken over.</exception>
    internal async Task Run(Progress progress, CancellationToken cancellationToken)
    {
        var toCome = 1;
        while (await Next(cancellationToken) is { } first)
        {
            var line = ArchiveLine.Read(first);
            if (line is null && lines.Number == 1) await RefuseForeign(cancellationToken);
            var user = await Begin(line, cancellationToken);
            _users.Add(user);
            toCome = await Take(user, progress, cancellationToken);
        }

        if (toCome > 0) throw lines.Wrong("The file ends here, and not as an export does: it is not whole.");
    }

    private async Task<ArchiveImport> Begin(ArchiveLine? line, CancellationToken cancellationToken)
    {
        if (line is not ArchiveStart { Format: ArchiveStart.CurrentFormat } start || !EmailAddress.TryParse(start.UserId, out var named))
            throw lines.Wrong("It does not begin an export of this version.");
        if (becomes is not null && _users.Count > 0) throw lines.Wrong("Another user begins here, and --user names one for all.");

        try
        {
            return new ArchiveImport(host, await host.Impersonate(becomes ?? named, cancellationToken), lines, dryRun);
        }
        catch (CommandRefusedException refused)
        {
            throw lines.Wrong(refused.Message);
        }
    }

    private async Task<int> Take(ArchiveImport user, Progress progress, CancellationToken cancellationToken)
    {
        try
        {
            while (await Next(cancellationToken) is { } text)
            {
                if (await user.Take(ArchiveLine.Read(text), cancellationToken) is { } end) return end.UsersToCome;
                if (lines.Position is { Of: > 0 } position) progress.Show(position.Done, position.Of);
            }

            throw lines.Wrong("The file ends here, and the line that ends an export is missing: it is not whole.");
        }
        catch (CommandRefusedException)
        {
            // What was sound until there is not lost; run again, it goes on behind it.
            await user.Flush(cancellationToken);
            throw;
        }
    }

    private async ValueTask<string?> Next(CancellationToken cancellationToken)
    {
        try
        {
            return await lines.Next(cancellationToken);
        }
        catch (CommandRefusedException) when (lines.Number == 1)
        {
            await RefuseForeign(cancellationToken);
            throw;
        }
    }

    private async Task RefuseForeign(CancellationToken cancellationToken)
    {
        if (ForeignExport.Recognize(await lines.Beginning(cancellationToken)) is not { } whose) return;
        throw new CommandRefusedException($"This is an export of {whose}. Orion cannot import it yet: --file takes what orion export wrote.");
    }
}
