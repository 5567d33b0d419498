using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>Members of a journal entry. What is absent or of another kind is not known, which is no reason to stop.</summary>
internal static class AuditIndexEntry
{
    public static string? Text(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    public static long? Number(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) ? number : null;

    public static bool Flag(JsonElement entry, string name) => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.True;

    public static string Time(JsonElement entry, string name) => AuditIndexSearch.Written(Instant(entry, name));

    /// <summary>Since 1970.</summary>
    public static long Milliseconds(JsonElement entry, string name) => Instant(entry, name).ToUnixTimeMilliseconds();

    /// <summary>Rewritten by our own writer, so that what a reader is shown is escaped in one way only.</summary>
    public static string List(JsonElement entry, string name)
    {
        if (!entry.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
        {
            return "[]";
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            value.WriteTo(writer);
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static DateTimeOffset Instant(JsonElement entry, string name) =>
        entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.TryGetDateTimeOffset(out var time) ? time : DateTimeOffset.UnixEpoch;
}
