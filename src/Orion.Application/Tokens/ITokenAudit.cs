using Orion.Application.Messaging;
using Orion.Domain.Sessions;

namespace Orion.Application.Tokens;

/// <summary>The audit log of minted tokens.</summary>
public interface ITokenAudit
{
    /// <summary>Records that a session token was minted.</summary>
    /// <param name="session">The session that the token gives access to.</param>
    /// <param name="caller">The caller that requested it.</param>
    void SessionTokenMinted(SessionId session, Caller caller);
}
