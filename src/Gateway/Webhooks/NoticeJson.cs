using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace Callgate.Gateway.Webhooks;

/// <summary>A notice as plain JSON: names and a link, never a value of an argument.</summary>
internal static class NoticeJson
{
    public static ReadOnlyMemory<byte> Body(Notice notice, Uri? page)
    {
        var approval = notice.Approval;
        var bytes = new ArrayBufferWriter<byte>(1_024);
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        writer.WriteString("event"u8, notice.Event);
        writer.WriteString("delivery"u8, notice.Id);
        writer.WriteStartObject("approval"u8);
        foreach (var (name, value) in new (string, string?)[]
        {
            ("id", approval.Id), ("url", page?.AbsoluteUri), ("state", approval.State.ToString().ToLowerInvariant()), ("server", approval.Server), ("tool", approval.Tool),
            ("category", approval.Category), ("risk", approval.Risk), ("grant", approval.Grant), ("grant_label", approval.GrantLabel), ("identity", approval.Identity),
            ("client", approval.Client), ("policy", approval.Policy), ("rule", approval.Rule), ("reason", approval.Reason),
        })
        {
            writer.WriteString(name, value);
        }

        if (notice.Arguments is { } names)
        {
            writer.WriteStartArray("arguments"u8);
            foreach (var name in names)
            {
                writer.WriteStringValue(name);
            }

            writer.WriteEndArray();
        }
        else
        {
            writer.WriteNull("arguments"u8);
        }

        writer.WriteNumber("approvers"u8, approval.Approvers);
        writer.WriteString("asked"u8, Written(approval.Asked));
        writer.WriteString("expires"u8, Written(approval.Expires));
        writer.WriteStartArray("votes"u8);
        foreach (var vote in approval.Votes)
        {
            writer.WriteStartObject();
            writer.WriteString("operator"u8, vote.Operator);
            writer.WriteBoolean("approves"u8, vote.Approves);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenMemory;
    }

    private static string Written(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
