using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>How an export is written.</summary>
public enum AuditExportFormat
{
    /// <summary>The journal itself with its signed heads: whole, and the only one that can be verified.</summary>
    Jsonl,

    /// <summary>A table for spreadsheets.</summary>
    Csv,

    /// <summary>Events of OCSF's class API Activity, one a line.</summary>
    Ocsf,
}

/// <summary>Writes the record for others, in a stream and without holding it.</summary>
public static class AuditExport
{
    private const int BlockBytes = 64 * 1024;

    /// <summary>The key that an export of the journal names, to be compared with the one that is known; null when it names none.</summary>
    public static NoteKey? KeyOf(string path) => ExportHeader.KeyOf(path);

    /// <summary>
    /// What <see cref="JournalVerifier"/> reads: the key, the heads, then every entry up to <paramref name="lastSeq"/> byte for
    /// byte. It reads files and blocks on them and on the output, so call it from a thread of one's own.
    /// </summary>
    public static void WriteJournal(string directory, NoteKey? key, long lastSeq, Stream output)
    {
        var block = new ArrayBufferWriter<byte>(BlockBytes * 2);
        Add(block, Encoding.UTF8.GetBytes(ExportHeader.First(key)));
        var heads = new HeadsFile(Path.Combine(directory, HeadsFile.Name));
        for (var (some, next) = heads.ReadFrom(0); some.Count > 0; (some, next) = heads.ReadFrom(next))
        {
            foreach (var head in some.Where(head => head.Head.Seq <= lastSeq))
            {
                Add(block, Encoding.UTF8.GetBytes(ExportHeader.Line(head)));
                Flush(block, output, BlockBytes);
            }
        }

        foreach (var segment in JournalSegments.List(directory))
        {
            using var lines = new JournalLines(segment);
            while (lines.MoveNext() && !(JournalLine.TryParse(lines.Line, out var line) && line.Seq > lastSeq))
            {
                Add(block, lines.Line);
                Flush(block, output, BlockBytes);
            }
        }

        Flush(block, output, 0);
    }

    /// <summary>Whole pages of what a query finds, oldest first.</summary>
    /// <exception cref="Storage.StoreException">The index cannot be read now.</exception>
    public static async Task WriteFoundAsync(AuditIndex index, AuditQuery query, AuditExportFormat format, Stream output, CancellationToken ct)
    {
        if (format == AuditExportFormat.Csv)
        {
            await output.WriteAsync(Encoding.UTF8.GetBytes(AuditCsv.Titles), ct);
        }

        var page = query with { OldestFirst = true, Limit = AuditQuery.MaxLimit };
        do
        {
            var found = await index.SearchAsync(page, ct);
            var text = new StringBuilder();
            foreach (var record in found.Records)
            {
                var entry = JsonElement.Parse(record);
                text.Append(format == AuditExportFormat.Csv ? AuditCsv.Line(entry) : AuditOcsf.Line(entry)).Append('\n');
            }

            await output.WriteAsync(Encoding.UTF8.GetBytes(text.ToString()), ct);
            page = page with { Cursor = found.Cursor };
        }
        while (page.Cursor is not null);
    }

    private static void Add(ArrayBufferWriter<byte> block, ReadOnlySpan<byte> line)
    {
        block.Write(line);
        block.Write("\n"u8);
    }

    private static void Flush(ArrayBufferWriter<byte> block, Stream output, int above)
    {
        if (block.WrittenCount > above)
        {
            output.Write(block.WrittenSpan);
            block.ResetWrittenCount();
        }
    }
}
