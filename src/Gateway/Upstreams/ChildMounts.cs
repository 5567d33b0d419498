using System.Collections.Immutable;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// What children see of the gateway's own files, as arguments of bubblewrap. Hidden things look empty. What is read-only can
/// neither be written nor be replaced: its folder is read-only, and no folder above it can be renamed, since the kernel does
/// not move a place on which something is mounted.
/// </summary>
internal sealed class ChildMounts
{
    private readonly ImmutableArray<string> hidden;
    private readonly ImmutableArray<string> readOnly;

    /// <param name="hidden">The data folder first, other folders and files that hold secrets after it.</param>
    /// <param name="readOnly">Files that configure the gateway. Those that are links are meant with their targets.</param>
    public ChildMounts(IEnumerable<string> hidden, IEnumerable<string> readOnly)
    {
        this.hidden = [.. hidden.Select(ChildPaths.Real)];
        this.readOnly = [.. readOnly.SelectMany(static path => new[] { Place(path), ChildPaths.Real(path) }).Distinct(StringComparer.Ordinal)];
    }

    /// <summary>The gateway's own folder.</summary>
    public string DataFolder => hidden[0];

    public List<string> Arguments(string home, string workingDirectory)
    {
        var kept = Kept(home, workingDirectory);
        List<string> arguments = ["--bind", "/", "/"];
        foreach (var folder in kept.Concat(hidden).SelectMany(Above).Distinct(StringComparer.Ordinal).OrderBy(static folder => folder.Length))
        {
            arguments.AddRange(["--bind", folder, folder]);
        }

        // `--dev` instead of the machine's /dev: a child of root could read the disk below the hidden folder there.
        // The capabilities go for the same reason: with them the empty folder could be unmounted again.
        arguments.AddRange(["--dev", "/dev", "--proc", "/proc"]);
        foreach (var path in kept)
        {
            arguments.AddRange(["--ro-bind", path, path]);
        }

        foreach (var path in hidden)
        {
            if (Directory.Exists(path))
            {
                arguments.AddRange(["--tmpfs", path]);
            }
            else if (File.Exists(path))
            {
                arguments.AddRange(["--ro-bind", "/dev/null", path]);
            }
        }

        // Its own places come back where they lie in a hidden folder, as homes do: each child sees only its own.
        arguments.AddRange(["--bind", home, home, "--bind", workingDirectory, workingDirectory, "--die-with-parent", "--unshare-pid", "--cap-drop", "ALL"]);
        return arguments;
    }

    /// <summary>The folders of the read-only files; a file alone where its folder is the child's own ground too.</summary>
    private List<string> Kept(string home, string workingDirectory)
    {
        var kept = readOnly.Where(File.Exists).Select(file =>
        {
            var folder = Path.GetDirectoryName(file)!;
            return folder == "/" || IsWithin(home, folder) || IsWithin(workingDirectory, folder) ? ChildPaths.Real(file) : folder;
        });
        return [.. kept.Distinct(StringComparer.Ordinal).OrderBy(static path => path.Length)];
    }

    private static IEnumerable<string> Above(string path)
    {
        for (var folder = Path.GetDirectoryName(path); folder is not (null or "/"); folder = Path.GetDirectoryName(folder))
        {
            yield return folder;
        }
    }

    /// <summary>Where the file's name lies: the name itself may be a link, which must not be replaced either.</summary>
    private static string Place(string path) => Path.Combine(ChildPaths.Real(Path.GetDirectoryName(Path.GetFullPath(path))!), Path.GetFileName(path));

    private static bool IsWithin(string path, string folder) => path == folder || path.StartsWith(folder + "/", StringComparison.Ordinal);
}
