using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Callgate.Gateway.Wire;

/// <summary>
/// One change to a value while it is written again: the member at <paramref name="Path"/> is left out
/// (<paramref name="Replacement"/> null) or written as these bytes of JSON. With <paramref name="Add"/> the member is
/// appended to its object when the object has none.
/// </summary>
public sealed record JsonEdit(string[] Path, ReadOnlyMemory<byte>? Replacement, bool Add = false)
{
    public static JsonEdit Remove(params string[] path) => new(path, null);

    public static JsonEdit Replace(ReadOnlyMemory<byte> json, params string[] path) => new(path, json);

    public static JsonEdit Set(ReadOnlyMemory<byte> json, params string[] path) => new(path, json, Add: true);
}

/// <summary>
/// Writes a judged value again, token by token: same members, same order, same number text, plain spelling of keys and
/// strings. Nothing else in the gateway turns a parsed value into bytes for the wire.
/// </summary>
public static class Reemit
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Indented = false,
        SkipValidation = true,
        MaxDepth = 256,
    };

    public static Utf8JsonWriter Writer(IBufferWriter<byte> output) => new(output, Options);

    /// <summary>The value as bytes of its own.</summary>
    public static ReadOnlyMemory<byte> Bytes(JsonElement value, params ReadOnlySpan<JsonEdit> edits)
    {
        var scratch = Scratch.Begin();
        Write(scratch.Json, value, edits);
        return scratch.End();
    }

    /// <summary>Writes the value with the edits applied. Edits name members by their path from this value.</summary>
    /// <exception cref="ArgumentException">More than 64 edits.</exception>
    public static void Write(Utf8JsonWriter writer, JsonElement value, params ReadOnlySpan<JsonEdit> edits)
    {
        if (edits.IsEmpty || value.ValueKind != JsonValueKind.Object)
        {
            value.WriteTo(writer);
            return;
        }

        if (edits.Length > MostEdits)
        {
            throw new ArgumentException($"at most {MostEdits} edits", nameof(edits));
        }

        WriteObject(writer, value, new Pending(edits, ulong.MaxValue >> (MostEdits - edits.Length), 0));
    }

    private const int MostEdits = 64;

    /// <summary>The edits whose path leads into the object at this depth, as a set of their places.</summary>
    private readonly ref struct Pending(ReadOnlySpan<JsonEdit> edits, ulong live, int depth)
    {
        public readonly ReadOnlySpan<JsonEdit> Edits = edits;
        public readonly ulong Live = live;
        public readonly int Depth = depth;

        public bool IsLive(int edit) => (Live & (1UL << edit)) != 0;
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value, Pending pending)
    {
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            var inner = Below(pending, member, out var edit);
            if (edit is not null)
            {
                if (edit.Replacement is { } replacement)
                {
                    WriteName(writer, member);
                    writer.WriteRawValue(replacement.Span, skipInputValidation: true);
                }

                continue;
            }

            WriteName(writer, member);
            if (inner != 0 && member.Value.ValueKind == JsonValueKind.Object)
            {
                WriteObject(writer, member.Value, new Pending(pending.Edits, inner, pending.Depth + 1));
            }
            else
            {
                member.Value.WriteTo(writer);
            }
        }

        WriteAdded(writer, value, pending);
        writer.WriteEndObject();
    }

    /// <summary>Plain spelling: a name without a backslash is written as it stands, any other from its characters.</summary>
    private static void WriteName(Utf8JsonWriter writer, JsonProperty member)
    {
        var raw = JsonMarshal.GetRawUtf8PropertyName(member);
        if (raw.Contains((byte)'\\'))
        {
            writer.WritePropertyName(member.Name);
        }
        else
        {
            writer.WritePropertyName(raw);
        }
    }

    private static void WriteAdded(Utf8JsonWriter writer, JsonElement value, Pending pending)
    {
        for (var at = 0; at < pending.Edits.Length; at++)
        {
            var edit = pending.Edits[at];
            if (!pending.IsLive(at) || !edit.Add || edit.Replacement is not { } json || value.TryGetProperty(edit.Path[pending.Depth], out _))
            {
                continue;
            }

            // A path of several absent members is written as nested objects.
            for (var i = pending.Depth; i < edit.Path.Length; i++)
            {
                writer.WritePropertyName(edit.Path[i]);
                if (i < edit.Path.Length - 1)
                {
                    writer.WriteStartObject();
                }
            }

            writer.WriteRawValue(json.Span, skipInputValidation: true);
            for (var i = pending.Depth; i < edit.Path.Length - 1; i++)
            {
                writer.WriteEndObject();
            }
        }
    }

    /// <summary>The edits that go on inside this member, or the first that ends at it.</summary>
    private static ulong Below(Pending pending, JsonProperty member, out JsonEdit? ending)
    {
        ulong inner = 0;
        for (var at = 0; at < pending.Edits.Length; at++)
        {
            var edit = pending.Edits[at];
            if (!pending.IsLive(at) || !member.NameEquals(edit.Path[pending.Depth]))
            {
                continue;
            }

            if (edit.Path.Length == pending.Depth + 1)
            {
                ending = edit;
                return 0;
            }

            inner |= 1UL << at;
        }

        ending = null;
        return inner;
    }
}
