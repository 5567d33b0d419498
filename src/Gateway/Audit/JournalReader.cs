using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>One entry as it stands on disk.</summary>
/// <param name="File">The segment's file name, without its folder.</param>
/// <param name="Offset">Where its line begins.</param>
/// <param name="End">Where the next line begins: the place to go on from.</param>
/// <param name="Prev">The hash of the entry before it.</param>
/// <param name="Hash">The hash of this entry: what the next one names as <c>prev</c>.</param>
public sealed record JournalEntry(long Seq, string File, long Offset, long End, string Prev, string Hash, JsonElement Entry)
{
    /// <summary>What it records: <c>call</c>, <c>outcome</c>, <c>segment</c>, <c>counters</c>, <c>refusals</c>, <c>start</c>, <c>stop</c>, <c>recovered</c>, <c>retired</c>.</summary>
    public string Kind => Entry.GetProperty("kind").GetString() ?? "";
}

/// <summary>A place between two entries.</summary>
public readonly record struct JournalPosition(string File, long Offset);

/// <summary>
/// Reads the entries of a journal, from its beginning or from a place, up to the last complete one. It may read while the
/// writer appends: an incomplete last line is not there yet. It reads files and blocks on them, so call it from a thread
/// of one's own.
/// </summary>
public static class JournalReader
{
    /// <summary>
    /// The entries after a place, oldest first. When the segment of that place has been retired, reading goes on with the
    /// oldest one there is.
    /// </summary>
    /// <exception cref="JournalDamagedException">A line is no entry. The chain is not checked here: each entry carries both hashes.</exception>
    public static IEnumerable<JournalEntry> Read(string directory, JournalPosition? after = null)
    {
        foreach (var path in JournalSegments.List(directory))
        {
            var name = Path.GetFileName(path);
            var order = after is { } place ? string.CompareOrdinal(name, place.File) : 1;
            if (order < 0)
            {
                continue;
            }

            foreach (var entry in ReadSegment(path, name, order == 0 ? after!.Value.Offset : 0))
            {
                yield return entry;
            }
        }
    }

    private static IEnumerable<JournalEntry> ReadSegment(string path, string name, long offset)
    {
        using var lines = TryOpen(path, offset);
        while (lines is not null && lines.MoveNext())
        {
            yield return Parse(path, name, lines);
        }
    }

    /// <summary>Null when retention has taken the segment since the folder was listed.</summary>
    private static JournalLines? TryOpen(string path, long offset)
    {
        try
        {
            return new JournalLines(path, offset);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    private static JournalEntry Parse(string path, string name, JournalLines lines)
    {
        if (!JournalLine.TryParse(lines.Line, out var line))
        {
            throw new JournalDamagedException(path, 0, $"the line at byte {lines.Offset} is no entry");
        }

        try
        {
            return new JournalEntry(
                line.Seq,
                name,
                lines.Offset,
                lines.Next,
                Encoding.ASCII.GetString(line.Prev),
                JournalLine.HashText(lines.Line),
                JsonElement.Parse(lines.Line));
        }
        catch (JsonException)
        {
            throw new JournalDamagedException(path, line.Seq, "the entry is no JSON");
        }
    }
}
