namespace Orion.Domain;

/// <summary>The whole second from which tokens count, where all earlier ones are refused.</summary>
public static class TokenCutoff
{
    /// <summary>How far the clocks of those who mint tokens may differ: a token that is dated further ahead is refused for that.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The cutoff that refuses every token issued up to now. It does not go back behind an earlier one, except where that one is further
    /// ahead than <see cref="ClockSkew"/>: a clock that ran ahead wrote it, and it would refuse all tokens until then.
    /// </summary>
    public static DateTimeOffset After(DateTimeOffset earlier, DateTimeOffset now)
    {
        var next = now.NextSecond();
        return earlier > next && earlier - now <= ClockSkew ? earlier : next;
    }
}
