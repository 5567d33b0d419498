using System.Globalization;
using System.Security.Cryptography;
using Callgate.Gateway.Storage;

namespace Callgate.Cli.Connecting;

/// <summary>
/// A copy of a configuration beside it, from before it was changed. Its name tells when, and a digest of what was written then,
/// so that undoing knows whether the file is still that.
/// </summary>
/// <param name="Written">The digest of what took its place.</param>
internal sealed record Backup(string Path, string Written)
{
    private const string Mark = ".callgate-";
    private const string Ending = ".bak";
    private const int DigestLength = 16;

    public static Backup Keep(string path, byte[] content, byte[] written)
    {
        var time = TimeProvider.System.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var backup = new Backup($"{path}{Mark}{time}-{DigestOf(written)}{Ending}", DigestOf(written));
        try
        {
            return PrivateFile.TryCreate(backup.Path, content) ? backup : throw new CommandFault(ExitCode.Failed, $"callgate: `{backup.Path}` is there already, so nothing was changed");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new CommandFault(ExitCode.Failed, $"callgate: no backup could be written beside `{path}`, so nothing was changed: {exception.Message.TrimEnd('.')}");
        }
    }

    /// <summary>The newest of a file; null when there is none.</summary>
    public static Backup? Newest(string path)
    {
        var folder = System.IO.Path.GetDirectoryName(path)!;
        var before = System.IO.Path.GetFileName(path) + Mark;
        var name = !Directory.Exists(folder) ? null : Directory.EnumerateFiles(folder)
            .Select(System.IO.Path.GetFileName)
            .Where(name => name!.StartsWith(before, StringComparison.Ordinal) && name.EndsWith(Ending, StringComparison.Ordinal) && name.Length > before.Length + DigestLength + Ending.Length)
            .Max(StringComparer.Ordinal);
        return name is null ? null : new Backup(System.IO.Path.Combine(folder, name), name[^(DigestLength + Ending.Length)..^Ending.Length]);
    }

    public bool WasFollowedBy(byte[] content) => DigestOf(content) == Written;

    private static string DigestOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content))[..DigestLength];
}
