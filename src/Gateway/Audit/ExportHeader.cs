using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>
/// What an export of the journal begins with: one line that says what it is and names the key, one line for each signed head.
/// The entries follow as they stand in the journal, byte for byte.
/// </summary>
internal static class ExportHeader
{
    public const int Version = 1;

    private static ReadOnlySpan<byte> EntryPrefix => "{\"seq\":"u8;

    public static bool IsEntry(ReadOnlySpan<byte> line) => line.StartsWith(EntryPrefix);

    public static string First(NoteKey? key) => JsonSerializer.Serialize(new { export = "callgate journal", version = Version, key = key?.Text });

    public static string Line(SignedHead head) => JsonSerializer.Serialize(new { head = head.ToString() });

    /// <summary>The key that the export names, to be compared with the one that is known; null when it is no export or names none.</summary>
    public static NoteKey? KeyOf(string path)
    {
        using var lines = new JournalLines(path);
        return lines.MoveNext() && TryText(lines.Line, "key") is { } text ? NoteKey.TryParse(text) : null;
    }

    /// <summary>Takes in the heads of the export.</summary>
    public static HeadFault? Read(string path, KnownHeads known)
    {
        var file = Path.GetFileName(path);
        using var lines = new JournalLines(path);
        if (!lines.MoveNext() || TryText(lines.Line, "export") is null)
        {
            return new HeadFault(file, 1, "the file is no export of the journal; make one with `callgate audit export --format jsonl`");
        }

        var notes = new List<SignedHead?>();
        while (lines.MoveNext() && !IsEntry(lines.Line))
        {
            notes.Add(TryText(lines.Line, "head") is { } text ? SignedHead.ReadAll(new StringReader(text)).FirstOrDefault() : null);
        }

        return known.Add(notes, file);
    }

    private static string? TryText(ReadOnlySpan<byte> line, string member)
    {
        try
        {
            return AuditIndexEntry.Text(JsonElement.Parse(line), member);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}
