using Orion.Application.Concurrency;
using Orion.Application.Messaging;
using Orion.Domain;

namespace Orion.Mcp;

/// <summary>What a server needs to run the requests of one user.</summary>
/// <param name="Dispatcher">Runs the application's requests.</param>
/// <param name="FindCaller">Finds the user. Called for each request, because a connection can outlast the user's access.</param>
/// <param name="Memory">Reserves the memory for a large page; null for no reservation.</param>
/// <param name="ReportFault">Reports an unexpected exception to the operator. The client does not get its message.</param>
public sealed record McpConnection(
    IDispatcher Dispatcher,
    Func<CancellationToken, Task<Result<Caller>>> FindCaller,
    ByteReservation? Memory,
    Action<Exception> ReportFault);
