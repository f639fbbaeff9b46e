using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>A request that somebody makes.</summary>
public interface ICallerRequest
{
    /// <summary>On whose behalf it runs.</summary>
    Caller Caller { get; }
}

/// <summary>A request in which a client may say whose behalf it means; that must then be the caller.</summary>
public interface IUserNamingRequest : ICallerRequest
{
    /// <summary>The user as the client named it; null or empty where it named none.</summary>
    string? NamedUser { get; }
}

/// <summary>
/// The explicit exception: a request that runs on nobody's behalf (recognizing a caller, the operator's own commands).
/// An architecture test lists which these are.
/// </summary>
public interface ISystemRequest;

/// <summary>A request that writes. All others only read.</summary>
public interface ITransactionalRequest;

/// <summary>A request that writes; what it wrote is saved once, after it succeeded.</summary>
/// <typeparam name="TOutcome"><see cref="Result"/> or <see cref="Result{T}"/>.</typeparam>
public interface ITransactionalRequest<out TOutcome> : IRequest<TOutcome>, ITransactionalRequest
    where TOutcome : IOutcome<TOutcome>;

/// <summary>A write on behalf of a caller.</summary>
public interface ICommand<T> : ITransactionalRequest<Result<T>>, ICallerRequest
    where T : notnull;

/// <summary>A write on behalf of a caller that answers nothing.</summary>
public interface ICommand : ITransactionalRequest<Result>, ICallerRequest;

/// <summary>A read on behalf of a caller.</summary>
public interface IQuery<T> : IRequest<Result<T>>, ICallerRequest
    where T : notnull;
