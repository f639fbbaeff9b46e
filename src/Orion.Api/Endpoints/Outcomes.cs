using System.Globalization;
using Orion.Api.Errors;
using Orion.Api.Json;
using Orion.Application.Sessions;
using Orion.Domain;

namespace Orion.Api.Endpoints;

/// <summary>Outcomes of sessions and messages as HTTP results.</summary>
internal static class Outcomes
{
    internal static IResult Then<T>(this Result<T> outcome, Func<T, IResult> succeeded)
        where T : notnull =>
        outcome.Error is { } error ? new ProblemResult(Problems.From(error)) : succeeded(outcome.Value);

    internal static IResult Then(this Result outcome, Func<IResult> succeeded) =>
        outcome.Error is { } error ? new ProblemResult(Problems.From(error)) : succeeded();

    internal static IResult Ok(SessionView session) => new JsonResult<SessionView>(session, OrionJson.Answers.SessionView, etag: ETag(session));

    internal static IResult Created(SessionView session) => new JsonResult<SessionView>(
        session, OrionJson.Answers.SessionView, StatusCodes.Status201Created, ETag(session), $"{SessionEndpoints.Path}/{session.SessionId}");

    internal static IResult Ok(MessageView message) => new JsonResult<MessageView>(message, OrionJson.Answers.MessageView);

    internal static IResult Created(MessageView message) => new JsonResult<MessageView>(
        message,
        OrionJson.Answers.MessageView,
        StatusCodes.Status201Created,
        location: $"{SessionEndpoints.Path}/{message.SessionId}/messages/{message.Id}");

    private static string ETag(SessionView session) => string.Create(CultureInfo.InvariantCulture, $"\"{session.Version}\"");
}
