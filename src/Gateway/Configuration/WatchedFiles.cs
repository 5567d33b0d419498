using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Configuration;

/// <summary>
/// Notices that files changed by their content, so that a rename into place, a swapped symbolic link and a file that
/// comes back are seen like any edit. A change counts once it was seen twice: a file in the middle of being written
/// may be sound and mean something else.
/// </summary>
internal sealed class WatchedFiles
{
    private ImmutableArray<string> files;
    private string settled;
    private string? seen;

    public WatchedFiles(ImmutableArray<string> files)
    {
        this.files = files;
        settled = Fingerprint();
    }

    /// <summary>True once for each change, at the second look that shows it.</summary>
    public bool Look()
    {
        var now = Fingerprint();
        var twice = now == seen;
        seen = now;
        if (!twice || now == settled)
        {
            return false;
        }

        settled = now;
        return true;
    }

    /// <summary>Watches these from now on. What they held when they were read is settled.</summary>
    public void Follow(ImmutableArray<string> next)
    {
        if (!next.SequenceEqual(files, StringComparer.Ordinal))
        {
            files = next;
            settled = Fingerprint();
            seen = settled;
        }
    }

    private string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var file in files)
        {
            var (bytes, fault) = BoundedFile.Read(file);
            hash.AppendData(Encoding.UTF8.GetBytes(file));
            hash.AppendData(SHA256.HashData(bytes ?? Encoding.UTF8.GetBytes(fault!)));
            hash.AppendData(bytes is null ? [0] : [1]);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
