namespace Orion.IntegrationTests.Fixtures;

/// <summary>Polls a condition until it holds or a timeout expires.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    public static Task Until(Func<bool> condition, string otherwise, TimeSpan? within = null) =>
        Until(() => Task.FromResult(condition()), otherwise, within);

    public static async Task Until(Func<Task<bool>> condition, string otherwise, TimeSpan? within = null)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < (within ?? Timeout), otherwise);
            await Task.Delay(Pause);
        }
    }
}
