using System.Globalization;

namespace Callgate.Gateway.Audit;

/// <summary>The segment files of a journal folder, named by the number of their first entry.</summary>
internal static class JournalSegments
{
    private const string Extension = ".jsonl";

    private const int Digits = 20;

    public static string PathOf(string directory, long firstSeq) =>
        Path.Combine(directory, firstSeq.ToString("D20", CultureInfo.InvariantCulture) + Extension);

    public static long FirstSeqOf(string path) =>
        long.Parse(Path.GetFileName(path.AsSpan())[..Digits], NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Full paths, oldest first.</summary>
    /// <exception cref="JournalDamagedException">A file that looks like a segment has no segment's name.</exception>
    public static List<string> List(string directory)
    {
        var files = Directory.GetFiles(directory, "*" + Extension).ToList();
        files.Sort(string.CompareOrdinal);
        foreach (var file in files)
        {
            if (!IsSegment(Path.GetFileName(file.AsSpan())))
            {
                throw new JournalDamagedException(file, 0, "the file has no segment's name");
            }
        }

        return files;
    }

    private static bool IsSegment(ReadOnlySpan<char> name) =>
        name.Length == Digits + Extension.Length
        && name.EndsWith(Extension, StringComparison.Ordinal)
        && long.TryParse(name[..Digits], NumberStyles.None, CultureInfo.InvariantCulture, out var seq)
        && seq > 0;
}
