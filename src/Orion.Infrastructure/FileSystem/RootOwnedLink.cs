namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// A symbolic link that only root can change, as Kubernetes mounts a Secret: every folder, link and file on the way from the root of
/// the file system to the target belongs to root, and this account, which is not root, cannot write to any of them. It may write to a
/// sticky folder such as /tmp further up, where nobody but root can replace what is root's.
/// </summary>
internal static class RootOwnedLink
{
    private const uint Root = 0;

    // The kernel's own limit for the links of one path (path_resolution(7)).
    private const int MostLinks = 40;

    /// <summary>Whether this account has no part in where a link leads.</summary>
    public static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux() || UnixAccount.IsRoot) return false;
        var links = 0;
        var steps = new Stack<string>();
        var current = "/";
        Push(steps, Path.GetFullPath(path));
        if (!IsRoots(current)) return false;
        while (steps.TryPop(out var step))
        {
            if (step == "..")
            {
                current = Path.GetDirectoryName(current) ?? "/";
                continue;
            }

            var next = Path.Combine(current, step);
            if (new FileInfo(next).LinkTarget is { } target)
            {
                // A link itself has no mode: whoever can write to its folder can replace it.
                if (UnixAccount.OwnerOf(next) != Root || !IsClosed(current) || ++links > MostLinks) return false;
                if (target.StartsWith('/')) current = "/";
                Push(steps, target);
                continue;
            }

            current = next;
            if (!IsRoots(current)) return false;
        }

        return IsClosed(current) && IsClosed(Path.GetDirectoryName(current) ?? "/");
    }

    private static bool IsClosed(string path) => UnixAccount.OwnerOf(path) == Root && !UnixAccount.MayWrite(path);

    private static bool IsRoots(string path) => IsClosed(path)
        || (UnixAccount.OwnerOf(path) == Root && FileModes.IsSticky(path));

    private static void Push(Stack<string> steps, string path)
    {
        foreach (var step in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(step => step != ".").Reverse()) steps.Push(step);
    }
}
