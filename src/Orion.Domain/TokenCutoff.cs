namespace Orion.Domain;

/// <summary>The first second in which an accepted token can be issued.</summary>
public static class TokenCutoff
{
    /// <summary>How far the clocks of the token issuers can differ. A token that is dated further ahead is rejected.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The cutoff that rejects every token issued up to now. It is never before an earlier cutoff, unless that one is further ahead than
    /// <see cref="ClockSkew"/>: a clock that ran ahead wrote it, and it would reject all tokens until then.
    /// </summary>
    public static DateTimeOffset After(DateTimeOffset earlier, DateTimeOffset now)
    {
        var next = now.NextSecond();
        return earlier > next && earlier - now <= ClockSkew ? earlier : next;
    }
}
