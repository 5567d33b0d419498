using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace Callgate.Gateway.Configuration;

/// <summary>The files of one reading and a digest of what they held at that moment, so that no later change is mistaken for what was read.</summary>
internal sealed class FilesRead
{
    private readonly List<string> files = [];
    private readonly List<byte> digests = [];

    public ImmutableArray<string> Files => [.. files];

    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(digests.ToArray()));

    public static string FingerprintOf(IEnumerable<string> paths)
    {
        var read = new FilesRead();
        foreach (var path in paths)
        {
            read.Read(path);
        }

        return read.Fingerprint;
    }

    /// <summary>The bytes, or the rest of a sentence that begins with the file's name.</summary>
    public (byte[]? Bytes, string? Fault) Read(string path)
    {
        var (bytes, fault) = BoundedFile.Read(path);
        files.Add(path);
        digests.AddRange(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
        digests.AddRange(SHA256.HashData(bytes ?? Encoding.UTF8.GetBytes(fault!)));
        digests.Add(bytes is null ? (byte)0 : (byte)1);
        return (bytes, fault);
    }
}
