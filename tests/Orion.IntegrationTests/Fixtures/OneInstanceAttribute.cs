using Xunit.v3;

namespace Orion.IntegrationTests.Fixtures;

/// <summary>
/// Excludes tests of the collection <see cref="OnPostgres"/> from the run with two instances (tests/run.sh --two-instances).
/// </summary>
/// <param name="reason">Why the tests need exactly one instance, or are not affected by a second one.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Method)]
public sealed class OneInstanceAttribute(string reason) : Attribute, ITraitAttribute
{
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [KeyValuePair.Create("OneInstance", reason)];
}
