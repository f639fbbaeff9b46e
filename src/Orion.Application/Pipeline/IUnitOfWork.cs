namespace Orion.Application.Pipeline;

/// <summary>The database transaction of one command.</summary>
public interface IUnitOfWork
{
    /// <summary>Begins it. Disposing of it without <see cref="IChanges.Save"/> takes everything back.</summary>
    Task<IChanges> Begin(CancellationToken cancellationToken);
}

/// <summary>What a command has changed and not yet saved.</summary>
public interface IChanges : IAsyncDisposable
{
    /// <summary>Writes and commits all of it, or throws and has written nothing.</summary>
    Task Save(CancellationToken cancellationToken);
}
