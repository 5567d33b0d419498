namespace Callgate.Gateway.Upstreams;

/// <summary>Programs, real paths and folders of children, without the environment and without a shell.</summary>
internal static class ChildPaths
{
    public static string? FindProgram(string name, string searchPath)
    {
        foreach (var directory in searchPath.Split(':'))
        {
            var candidate = Path.Combine(directory, name);
            if (File.Exists(candidate))
            {
                return candidate;
            }
        }

        return null;
    }

    /// <summary>
    /// The path with every link in it followed. A sandbox mounts over the name it is given, so a folder reached through
    /// a link would stay readable under its real name.
    /// </summary>
    public static string Real(string path)
    {
        var real = "/";
        foreach (var part in Path.GetFullPath(path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, part);
            FileSystemInfo entry = Directory.Exists(next) ? new DirectoryInfo(next) : new FileInfo(next);
            real = entry.LinkTarget is null ? next : Real(entry.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? next);
        }

        return real;
    }

    public static void Remove(string folder)
    {
        try
        {
            Directory.Delete(folder, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // What a child left unremovable stays behind; it is its own folder.
        }
    }
}
