namespace Orion.Domain;

/// <summary>Computes cutoffs: tokens issued before the second of a cutoff are rejected.</summary>
public static class TokenCutoff
{
    /// <summary>The maximum difference between the clocks of token issuers. A token dated further ahead is rejected.</summary>
    public static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(60);

    /// <summary>
    /// The cutoff that rejects every token issued up to now. It is never before the earlier cutoff, unless that is more than
    /// <see cref="ClockSkew"/> ahead. A fast clock has set such a cutoff, and all tokens would be rejected until then.
    /// </summary>
    public static DateTimeOffset After(DateTimeOffset earlier, DateTimeOffset now)
    {
        var next = now.NextSecond();
        return earlier > next && earlier - now <= ClockSkew ? earlier : next;
    }
}
