using MediatR;
using Orion.Domain;

namespace Orion.Application.Messaging;

/// <summary>A request with a caller.</summary>
public interface ICallerRequest
{
    /// <summary>The user on whose behalf it runs.</summary>
    Caller Caller { get; }
}

/// <summary>A request in which a client may name the user. It must then name the caller.</summary>
public interface IUserNamingRequest : ICallerRequest
{
    /// <summary>The user as the client named it; null or empty if it named none.</summary>
    Result<string>? NamedUser { get; }
}

/// <summary>A request without a caller: authentication, and the operator's commands. An architecture test lists these requests.</summary>
public interface ISystemRequest;

/// <summary>A request that writes. All others only read.</summary>
public interface ITransactionalRequest;

/// <summary>A request that writes. Its changes are saved once, after it has succeeded.</summary>
/// <typeparam name="TOutcome"><see cref="Result"/> or <see cref="Result{T}"/>.</typeparam>
public interface ITransactionalRequest<out TOutcome> : IRequest<TOutcome>, ITransactionalRequest
    where TOutcome : IOutcome<TOutcome>;

/// <summary>A write on behalf of a caller.</summary>
public interface ICommand<T> : ITransactionalRequest<Result<T>>, ICallerRequest
    where T : notnull;

/// <summary>A write on behalf of a caller, without a result value.</summary>
public interface ICommand : ITransactionalRequest<Result>, ICallerRequest;

/// <summary>A read on behalf of a caller.</summary>
public interface IQuery<T> : IRequest<Result<T>>, ICallerRequest
    where T : notnull;
