/// <summary>What .NET calls before the entry point of a process with <c>DOTNET_STARTUP_HOOKS</c>; its name and place are .NET's.</summary>
internal static class StartupHook
{
    public static void Initialize()
    {
        CommandWorker.Serve();
        Environment.Exit(0);
    }
}
