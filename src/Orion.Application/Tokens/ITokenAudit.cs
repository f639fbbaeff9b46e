using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Tokens;

/// <summary>Where it is written down who was given a token.</summary>
public interface ITokenAudit
{
    /// <summary>A session token was minted.</summary>
    /// <param name="session">The session that it reaches.</param>
    /// <param name="caller">Who asked for it.</param>
    void SessionTokenMinted(SessionId session, Caller caller);
}
