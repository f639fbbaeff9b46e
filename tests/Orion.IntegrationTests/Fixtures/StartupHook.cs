/// <summary>
/// .NET calls this before the entry point if <c>DOTNET_STARTUP_HOOKS</c> is set. It requires this name and the global namespace.
/// </summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        CommandWorker.Serve();
        Environment.Exit(0);
    }
}
