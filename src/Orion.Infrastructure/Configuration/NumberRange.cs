using System.Globalization;
using System.Net;

namespace Orion.Infrastructure.Configuration;

/// <summary>The whole numbers that a setting accepts.</summary>
internal sealed record NumberRange(int Min, int Max)
{
    /// <summary>Seconds, up to a year.</summary>
    public static readonly NumberRange Seconds = new(1, 31_536_000);

    /// <summary>Requests per window.</summary>
    public static readonly NumberRange Requests = new(1, 1_000_000_000);

    /// <summary>Connections of clients.</summary>
    public static readonly NumberRange Connections = new(1, 1_000_000);

    /// <summary>Connections to the database.</summary>
    public static readonly NumberRange PooledConnections = new(1, 10_000);

    /// <summary>The timeout of a connection to the database, in seconds.</summary>
    public static readonly NumberRange ConnectTimeout = new(1, 60);

    /// <summary>Characters of a conversation.</summary>
    public static readonly NumberRange Characters = new(1, 10_000_000);

    /// <summary>Seconds of a reply, up to a day.</summary>
    public static readonly NumberRange ReplySeconds = new(1, 86_400);

    /// <summary>Replies of a user.</summary>
    public static readonly NumberRange Replies = new(1, 1000);

    /// <summary>Days, up to a century. Zero for no limit.</summary>
    public static readonly NumberRange Days = new(0, 36_500);

    /// <summary>The numbers of Redis's databases.</summary>
    public static readonly NumberRange RedisDatabase = new(0, 1_000_000);

    /// <summary>Ports.</summary>
    public static readonly NumberRange Port = new(1, IPEndPoint.MaxPort);

    /// <summary>Parses a number. Only digits are accepted.</summary>
    public bool TryParse(string text, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= Min && number <= Max;

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Min} to {Max}");
}
