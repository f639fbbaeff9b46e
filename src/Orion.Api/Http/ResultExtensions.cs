using System.Globalization;
using Orion.Api.Authentication;
using Orion.Api.Errors;
using Orion.Api.Sessions;
using Orion.Application.Idempotency;
using Orion.Application.Sessions;
using Orion.Application.Users;
using Orion.Domain;

namespace Orion.Api.Http;

/// <summary>Converts outcomes of commands and queries to HTTP results.</summary>
internal static class ResultExtensions
{
    internal static IResult Then<T>(this Result<T> outcome, Func<T, IResult> succeeded)
        where T : notnull =>
        outcome.Error is { } error ? Failed(error) : succeeded(outcome.Value);

    internal static IResult Then(this Result outcome, Func<IResult> succeeded) =>
        outcome.Error is { } error ? Failed(error) : succeeded();

    internal static IResult Failed(Error error) => error.Kind == ErrorKind.Unauthenticated || error == UserErrors.NotAuthorized
        ? new CallerRejectedResult(error)
        : new ProblemResult(Problems.From(error));

    internal static IResult Ok(SessionView session) =>
        new JsonResult<SessionView>(session, OrionJson.Responses.SessionView) { ETag = ETag(session) };

    internal static IResult Ok(MessageView message) => new JsonResult<MessageView>(message, OrionJson.Responses.MessageView);

    internal static IResult Created(IdempotentResult<SessionView> session) =>
        new JsonResult<SessionView>(session.Value, OrionJson.Responses.SessionView, StatusCodes.Status201Created)
        {
            ETag = ETag(session.Value),
            Location = $"{SessionEndpoints.Path}/{session.Value.SessionId}",
            IsReplay = session.IsReplay,
        };

    internal static IResult Created(IdempotentResult<MessageView> message) =>
        new JsonResult<MessageView>(message.Value, OrionJson.Responses.MessageView, StatusCodes.Status201Created)
        {
            Location = $"{SessionEndpoints.Path}/{message.Value.SessionId}/messages/{message.Value.Id}",
            IsReplay = message.IsReplay,
        };

    private static string ETag(SessionView session) => string.Create(CultureInfo.InvariantCulture, $"\"{session.Version}\"");
}
