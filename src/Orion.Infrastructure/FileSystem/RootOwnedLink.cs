namespace Orion.Infrastructure.FileSystem;

/// <summary>
/// A symbolic link that only root can change, which is how Kubernetes mounts a Secret: every folder, link and file on the way from the
/// root of the file system to the target belongs to root, and this account, which is not root, cannot write to any of them. An exception
/// is a sticky folder further up, such as /tmp, in which only root can replace root's files.
/// </summary>
internal static class RootOwnedLink
{
    private const uint Root = 0;

    // The kernel's limit for one path (path_resolution(7)).
    private const int MaxLinks = 40;

    /// <summary>Whether this account can change neither the link nor its target.</summary>
    public static bool Is(string path)
    {
        if (!OperatingSystem.IsLinux() || UnixAccount.IsRoot) return false;
        var links = 0;
        var steps = new Stack<string>();
        var current = "/";
        Push(steps, Path.GetFullPath(path));
        if (!IsSafeStep(current)) return false;
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
                // A link does not have its own mode: an account that can write to its folder can replace it.
                if (UnixAccount.OwnerOf(next) != Root || !IsRootOnly(current) || ++links > MaxLinks) return false;
                if (target.StartsWith('/')) current = "/";
                Push(steps, target);
                continue;
            }

            current = next;
            if (!IsSafeStep(current)) return false;
        }

        return IsRootOnly(current) && IsRootOnly(Path.GetDirectoryName(current) ?? "/");
    }

    private static bool IsRootOnly(string path) => UnixAccount.OwnerOf(path) == Root && !UnixAccount.MayWrite(path);

    private static bool IsSafeStep(string path) => IsRootOnly(path)
        || (UnixAccount.OwnerOf(path) == Root && FileModes.IsSticky(path));

    private static void Push(Stack<string> steps, string path)
    {
        foreach (var step in path.Split('/', StringSplitOptions.RemoveEmptyEntries).Where(step => step != ".").Reverse()) steps.Push(step);
    }
}
