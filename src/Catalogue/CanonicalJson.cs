using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Callgate.Catalogue;

/// <summary>
/// One spelling for equal JSON: members sorted by code point at every depth, number text kept as written, strings
/// escaped one way, no white space. Two definitions are the same exactly when these bytes are.
/// </summary>
public static class CanonicalJson
{
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
        MaxDepth = 256,
    };

    /// <summary>A writer that the thread uses again; it holds no output of an earlier call.</summary>
    [ThreadStatic]
    private static Utf8JsonWriter? kept;

    private static readonly ArrayBufferWriter<byte> Nowhere = new(1);

    /// <summary>Writes the canonical bytes of <paramref name="value"/> to <paramref name="output"/>.</summary>
    /// <param name="value">A value whose objects hold no member twice.</param>
    /// <param name="output">Receives UTF-8.</param>
    public static void Write(JsonElement value, IBufferWriter<byte> output)
    {
        var writer = kept ?? new Utf8JsonWriter(output, Options);
        kept = null;
        writer.Reset(output);
        Write(value, writer);
        writer.Flush();
        writer.Reset(Nowhere);
        kept = writer;
    }

    private static void Write(JsonElement value, Utf8JsonWriter writer)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                WriteMembers(value, writer);
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                {
                    Write(item, writer);
                }

                writer.WriteEndArray();
                break;
            default:
                value.WriteTo(writer);
                break;
        }
    }

    /// <summary>An object in order already, of plain names, is written as it stands: UTF-8 orders like code points do.</summary>
    private static void WriteMembers(JsonElement value, Utf8JsonWriter writer)
    {
        if (!IsPlainAndInOrder(value))
        {
            foreach (var member in value.EnumerateObject().OrderBy(static member => member.Name, CodePoints.Instance))
            {
                writer.WritePropertyName(member.Name);
                Write(member.Value, writer);
            }

            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            writer.WritePropertyName(JsonMarshal.GetRawUtf8PropertyName(member));
            Write(member.Value, writer);
        }
    }

    private static bool IsPlainAndInOrder(JsonElement value)
    {
        ReadOnlySpan<byte> before = default;
        foreach (var member in value.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(member);
            if (name.Contains((byte)'\\') || before.SequenceCompareTo(name) > 0)
            {
                return false;
            }

            before = name;
        }

        return true;
    }

    /// <summary>Orders by code point; UTF-16 order differs from it where surrogates meet the last block before them.</summary>
    private sealed class CodePoints : IComparer<string>
    {
        public static CodePoints Instance { get; } = new();

        public int Compare(string? x, string? y)
        {
            var left = x.AsSpan();
            var right = y.AsSpan();
            var common = left.CommonPrefixLength(right);
            if (common == left.Length || common == right.Length)
            {
                return left.Length.CompareTo(right.Length);
            }

            var a = left[common];
            var b = right[common];
            var swapped = char.IsSurrogate(a) != char.IsSurrogate(b);
            return swapped ? (char.IsSurrogate(a) ? 1 : -1) : a.CompareTo(b);
        }
    }
}
