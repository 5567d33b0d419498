using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Audit;

namespace Callgate.Gateway.Configuration;

/// <summary>One file of a reading.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Sha256">Of its bytes, lower-case hex; null for a file that could not be read.</param>
public sealed record FileDigest(string Path, string? Sha256);

/// <summary>The files of one reading and a digest of what they held at that moment, so that no later change is mistaken for what was read.</summary>
internal sealed class FilesRead
{
    private const int MostShown = 2;

    private readonly List<FileDigest> files = [];
    private readonly List<byte> digests = [];

    public ImmutableArray<FileDigest> Files => [.. files];

    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(digests.ToArray()));

    /// <summary>What each file that is another now was and is, by names alone: where the folder lies is nobody's concern. The entry has room for two.</summary>
    /// <param name="isWhole">False where errors kept files from being read: none is taken to be gone then.</param>
    public static string Changes(ImmutableArray<FileDigest> before, ImmutableArray<FileDigest> after, bool isWhole)
    {
        var (was, now) = (Digests(before), Digests(after));
        var changed = after.Concat(isWhole ? before : []).Select(static file => file.Path).Distinct(StringComparer.Ordinal).Where(path => was.GetValueOrDefault(path) != now.GetValueOrDefault(path)).ToList();
        if (changed.Count == 0)
        {
            return "every file is as it is in force";
        }

        var shown = changed.Take(MostShown).Select(path => ChangeText.Of(was.GetValueOrDefault(path), now.GetValueOrDefault(path), Path.GetFileName(path)));
        return string.Join("; ", changed.Count > MostShown ? shown.Append(string.Create(CultureInfo.InvariantCulture, $"{changed.Count - MostShown} more files")) : shown);
    }

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
        var digest = SHA256.HashData(bytes ?? Encoding.UTF8.GetBytes(fault!));
        files.Add(new FileDigest(path, bytes is null ? null : Convert.ToHexStringLower(digest)));
        digests.AddRange(SHA256.HashData(Encoding.UTF8.GetBytes(path)));
        digests.AddRange(digest);
        digests.Add(bytes is null ? (byte)0 : (byte)1);
        return (bytes, fault);
    }

    private static Dictionary<string, string?> Digests(ImmutableArray<FileDigest> files) =>
        files.GroupBy(static file => file.Path, StringComparer.Ordinal).ToDictionary(static file => file.Key, static file => file.First().Sha256 is { } digest ? "sha256 " + digest : null, StringComparer.Ordinal);
}
