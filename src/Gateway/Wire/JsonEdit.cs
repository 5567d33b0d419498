using System.Buffers;
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
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var writer = Writer(buffer))
        {
            Write(writer, value, edits);
        }

        return buffer.WrittenMemory;
    }

    /// <summary>Writes the value with the edits applied. Edits name members by their path from this value.</summary>
    public static void Write(Utf8JsonWriter writer, JsonElement value, params ReadOnlySpan<JsonEdit> edits)
    {
        if (edits.IsEmpty || value.ValueKind != JsonValueKind.Object)
        {
            value.WriteTo(writer);
            return;
        }

        WriteObject(writer, value, edits, 0);
    }

    private static void WriteObject(Utf8JsonWriter writer, JsonElement value, ReadOnlySpan<JsonEdit> edits, int depth)
    {
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            var name = member.Name;
            if (Ending(edits, depth, name) is { } edit)
            {
                if (edit.Replacement is { } replacement)
                {
                    writer.WritePropertyName(name);
                    writer.WriteRawValue(replacement.Span, skipInputValidation: true);
                }

                continue;
            }

            writer.WritePropertyName(name);
            var inner = Below(edits, depth, name);
            if (inner.Length > 0 && member.Value.ValueKind == JsonValueKind.Object)
            {
                WriteObject(writer, member.Value, inner, depth + 1);
            }
            else
            {
                member.Value.WriteTo(writer);
            }
        }

        WriteAdded(writer, value, edits, depth);
        writer.WriteEndObject();
    }

    private static void WriteAdded(Utf8JsonWriter writer, JsonElement value, ReadOnlySpan<JsonEdit> edits, int depth)
    {
        foreach (var edit in edits)
        {
            if (!edit.Add || edit.Replacement is not { } json || value.TryGetProperty(edit.Path[depth], out _))
            {
                continue;
            }

            // A path of several absent members is written as nested objects.
            for (var i = depth; i < edit.Path.Length; i++)
            {
                writer.WritePropertyName(edit.Path[i]);
                if (i < edit.Path.Length - 1)
                {
                    writer.WriteStartObject();
                }
            }

            writer.WriteRawValue(json.Span, skipInputValidation: true);
            for (var i = depth; i < edit.Path.Length - 1; i++)
            {
                writer.WriteEndObject();
            }
        }
    }

    private static JsonEdit? Ending(ReadOnlySpan<JsonEdit> edits, int depth, string name)
    {
        foreach (var edit in edits)
        {
            if (edit.Path.Length == depth + 1 && string.Equals(edit.Path[depth], name, StringComparison.Ordinal))
            {
                return edit;
            }
        }

        return null;
    }

    private static JsonEdit[] Below(ReadOnlySpan<JsonEdit> edits, int depth, string name)
    {
        List<JsonEdit>? found = null;
        foreach (var edit in edits)
        {
            if (edit.Path.Length > depth + 1 && string.Equals(edit.Path[depth], name, StringComparison.Ordinal))
            {
                (found ??= []).Add(edit);
            }
        }

        return found is null ? [] : [.. found];
    }
}
