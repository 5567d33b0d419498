using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>
/// Writes one entry without its place in the chain, on the thread of the caller, so that the writer only frames and hashes.
/// Everything outside ASCII is escaped: no entry can move a cursor, hide a line or turn text around on a terminal.
/// </summary>
internal sealed class JournalEncoder : IDisposable
{
    public const int LongestText = 128;

    public const int LongestDetail = 512;

    public const int MostNames = 64;

    private const int LargestKept = 64 * 1024;

    private readonly ArrayBufferWriter<byte> buffer = new(1_024);
    private readonly Utf8JsonWriter json;

    public JournalEncoder()
    {
        json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.Default, SkipValidation = true });
    }

    /// <summary>The entry as a JSON object that begins with <c>kind</c>.</summary>
    public ReadOnlySpan<byte> Payload => buffer.WrittenSpan;

    public bool IsWorthKeeping => buffer.Capacity <= LargestKept;

    public void Write(CallRecord call)
    {
        Begin("call");
        json.WriteString("id"u8, Cut(call.Id));
        JournalCharges.WriteTime(json, "time", call.Time);
        json.WriteString("grant"u8, Cut(call.Grant));
        json.WriteString("identity"u8, Cut(call.Identity));
        json.WriteString("server"u8, Cut(call.Server));
        json.WriteString("method"u8, Cut(call.Method));
        json.WriteString("tool"u8, Cut(call.Tool));
        json.WriteString("decision"u8, Cut(call.Decision));
        json.WriteString("code"u8, Cut(call.Code));
        json.WriteString("rule"u8, Cut(call.Rule, LongestDetail));
        json.WriteString("policy"u8, Cut(call.Policy));
        WriteNumber("revision", call.Revision);
        json.WriteString("outcome"u8, Cut(call.Outcome));
        json.WriteStartArray("argument_names"u8);
        for (var i = 0; i < Math.Min(call.ArgumentNames.Count, MostNames); i++)
        {
            json.WriteStringValue(Cut(call.ArgumentNames[i]));
        }

        json.WriteEndArray();
        json.WriteString("arguments_digest"u8, Cut(call.ArgumentsDigest));
        if (call.ArgumentsSealed is { } values)
        {
            json.WriteString("arguments_sealed"u8, values);
        }

        json.WriteString("client"u8, Cut(call.Client));
        json.WriteString("request_id"u8, Cut(call.RequestId));
        json.WriteBoolean("shadow"u8, call.Shadow);
        json.WriteString("approval"u8, Cut(call.Approval));
        json.WritePropertyName("charges"u8);
        JournalCharges.Write(json, call.Charges);
        json.WriteString("detail"u8, Cut(call.Detail, LongestDetail));
        End();
    }

    public void Write(OutcomeRecord outcome)
    {
        Begin("outcome");
        json.WriteString("of"u8, Cut(outcome.Id));
        JournalCharges.WriteTime(json, "time", outcome.Time);
        json.WriteString("outcome"u8, Cut(outcome.Outcome));
        WriteNumber("upstream_status", outcome.UpstreamStatus);
        json.WriteNumber("duration_ms"u8, outcome.DurationMilliseconds);
        json.WriteBoolean("released"u8, outcome.Released);
        json.WriteString("code"u8, Cut(outcome.Code));
        json.WriteString("detail"u8, Cut(outcome.Detail, LongestDetail));
        End();
    }

    /// <summary>Refusals that were counted instead of written one by one.</summary>
    public void Write(RefusalCount refusals)
    {
        Begin("refusals");
        JournalCharges.WriteTime(json, "time", refusals.To);
        json.WriteNumber("count", refusals.Count);
        json.WriteStartObject("codes");
        foreach (var (code, count) in refusals.Codes)
        {
            json.WriteNumber(Cut(code)!, count);
        }

        json.WriteEndObject();
        JournalCharges.WriteTime(json, "from", refusals.From);
        JournalCharges.WriteTime(json, "to", refusals.To);
        End();
    }

    /// <summary>The begin or the end of a process's life.</summary>
    public void WriteLife(string kind, DateTimeOffset time)
    {
        Begin(kind);
        JournalCharges.WriteTime(json, "time", time);
        End();
    }

    /// <summary>An incomplete last line was cut off when the journal was opened.</summary>
    public void WriteRecovered(DateTimeOffset time, string file, long bytes)
    {
        Begin("recovered");
        JournalCharges.WriteTime(json, "time", time);
        json.WriteString("file", file);
        json.WriteNumber("bytes", bytes);
        End();
    }

    /// <summary>A segment is about to be removed because of its age or for room.</summary>
    public void WriteRetired(DateTimeOffset time, string file, JournalHead last, RetiredSummary segment, RetiredSummary total)
    {
        Begin("retired");
        JournalCharges.WriteTime(json, "time", time);
        json.WriteString("file", file);
        json.WriteNumber("last_seq", last.Seq);
        json.WriteString("last_hash", last.Hash);
        json.WritePropertyName("segment");
        segment.Write(json);
        json.WritePropertyName("total");
        total.Write(json);
        End();
    }

    /// <summary>The first entry of a segment; as many more of kind <c>counters</c> follow as it says.</summary>
    public void WriteSegment(DateTimeOffset time, long firstSeq, JournalFold fold, IReadOnlyList<JournalFoldPart> parts)
    {
        Begin("segment");
        json.WriteNumber("version", 1);
        json.WriteNumber("first_seq", firstSeq);
        JournalCharges.WriteTime(json, "time", time);
        JournalCharges.WriteExactTime(json, "latest", fold.Latest);
        json.WriteNumber("retired", fold.RetiredSeq);
        if (fold.Retired is { } total)
        {
            json.WritePropertyName("retired_total");
            total.Write(json);
        }

        json.WriteNumber("more", parts.Count - 1);
        WritePart(parts[0]);
        End();
    }

    /// <summary>More of what a segment begins with.</summary>
    public void WriteCounters(DateTimeOffset time, JournalFoldPart part)
    {
        Begin("counters");
        JournalCharges.WriteTime(json, "time", time);
        WritePart(part);
        End();
    }

    public void Dispose() => json.Dispose();

    /// <summary>At most so many UTF-16 units; a cut text ends in an ellipsis.</summary>
    public static string? Cut(string? text, int longest = LongestText)
    {
        if (text is null || text.Length <= longest)
        {
            return text;
        }

        var end = longest - 1;
        return string.Concat(text.AsSpan(0, char.IsHighSurrogate(text[end - 1]) ? end - 1 : end), "…");
    }

    private void WritePart(JournalFoldPart part)
    {
        json.WritePropertyName("counters");
        JournalCharges.Write(json, part.Counters);
        json.WriteStartArray("open");
        foreach (var (id, charges) in part.Open)
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WritePropertyName("charges");
            JournalCharges.Write(json, charges);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private void WriteNumber(string name, long? number)
    {
        if (number is { } value)
        {
            json.WriteNumber(name, value);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private void Begin(string kind)
    {
        buffer.ResetWrittenCount();
        json.Reset();
        json.WriteStartObject();
        json.WriteString("kind"u8, kind);
    }

    private void End()
    {
        json.WriteEndObject();
        json.Flush();
    }
}
