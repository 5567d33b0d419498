using System.Buffers;
using System.Collections.Frozen;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Callgate.Gateway.Wire;

/// <summary>
/// The one reading (security property S1): bytes that two parsers could read differently are refused. UTF-8 without a
/// byte order mark, depth 64, no member twice in one object (compared after unescaping), no case variant of a protocol
/// member, no string that is no text, closed message shapes, ids that are integers or strings.
/// </summary>
public static class StrictJson
{
    public const int MaxDepth = 64;

    private const int LongestPlainName = 128;

    /// <summary>The most values any text may hold. Each costs memory many times its bytes, so bytes alone are no bound.</summary>
    public const int MaxValues = 2 * 1024 * 1024;

    private static readonly JsonDocumentOptions Options = new()
    {
        AllowDuplicateProperties = false,
        AllowTrailingCommas = false,
        CommentHandling = JsonCommentHandling.Disallow,
        MaxDepth = MaxDepth,
    };

    private static readonly JsonReaderOptions Walk = new() { MaxDepth = MaxDepth };

    /// <summary>Members that decide what a message means. A variant of one of them is how other gateways were walked around.</summary>
    private static readonly FrozenSet<string> ProtocolMembers = new[]
    {
        "jsonrpc", "id", "method", "params", "name", "uri", "arguments", "_meta", "taskId", "requestState",
        "inputResponses", "result", "error", "task", "requestId", "progressToken", "capabilities", "protocolVersion", "cursor",
        "notifications",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Members of a <c>result</c> that the gateway reduces or acts on: a variant of one would pass beside the reduced one.</summary>
    private static readonly FrozenSet<string> ResultMembers = new[]
    {
        "tools", "instructions", "capabilities", "protocolVersion", "resultType", "requestState", "inputRequests", "cacheScope", "nextCursor",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Members of <c>params._meta</c> that decide which era a message belongs to and where its answers go.</summary>
    private static readonly FrozenSet<string> MetaMembers = new[]
    {
        ProtocolVersion.Claim, ProtocolVersion.ClientCapabilities, ProtocolVersion.ClientName, ProtocolVersion.Subscription,
        "io.modelcontextprotocol/logLevel", "io.modelcontextprotocol/related-task", "progressToken",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>The text breaks the grammar, repeats a member or goes too deep.</summary>
    public static WireFault NoJson { get; } = WireFault.Parse("the text is not JSON that can be read in one way only: check syntax, repeated members and depth (at most 64)");

    /// <summary>Parses one JSON text strictly. A null document comes with the fault that explains it.</summary>
    /// <remarks>The document owns a copy of its bytes and rents nothing, so it needs no disposal.</remarks>
    public static JsonElement? Parse(ReadOnlySpan<byte> utf8, out WireFault? fault)
    {
        fault = null;
        if (utf8.StartsWith("\uFEFF"u8))
        {
            fault = WireFault.Parse("the text begins with a byte order mark; send UTF-8 without one");
            return null;
        }

        if (!Utf8.IsValid(utf8))
        {
            fault = WireFault.Parse("the text is not valid UTF-8");
            return null;
        }

        if (HoldsMoreThan(MaxValues, utf8.Length, new Utf8JsonReader(utf8, Walk)) == true)
        {
            fault = WireFault.Parse($"the text holds more than {MaxValues} values");
            return null;
        }

        try
        {
            if (HasBrokenString(utf8))
            {
                fault = WireFault.Parse("a string holds half of a surrogate pair");
                return null;
            }

            return JsonElement.Parse(utf8, Options);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            // JsonException for syntax, depth and duplicates; the other two for strings that cannot be decoded.
            fault = NoJson;
            return null;
        }
    }

    /// <summary>Parses one JSON-RPC message. An array is a fault here; batches are taken apart by the endpoint.</summary>
    public static RpcMessage? ParseMessage(ReadOnlySpan<byte> utf8, out WireFault? fault)
    {
        var root = Parse(utf8, out fault);
        return root is null ? null : ToMessage(root.Value, out fault);
    }

    /// <summary>Reads the shape of a message. Exactly one of request, notification and response fits, or it is refused.</summary>
    public static RpcMessage? ToMessage(JsonElement root, out WireFault? fault)
    {
        fault = null;
        if (root.ValueKind != JsonValueKind.Object)
        {
            fault = WireFault.Invalid("a message is a JSON object");
            return null;
        }

        root.TryGetProperty("id"u8, out var id);
        fault = FoldFault(root, id) ?? EnvelopeFault(root, id);
        if (fault is not null)
        {
            return null;
        }

        root.TryGetProperty("params"u8, out var parameters);
        if (root.TryGetProperty("method"u8, out var method))
        {
            var kind = id.ValueKind == JsonValueKind.Undefined ? RpcKind.Notification : RpcKind.Request;
            return new RpcMessage(kind, root, id, method.GetString(), parameters);
        }

        return new RpcMessage(RpcKind.Response, root, id, null, default);
    }

    /// <summary>True for what may stand as an id: a short string, or a number written as an integer (no fraction, no exponent) of 64 bits.</summary>
    public static bool IsId(JsonElement id) => id.ValueKind switch
    {
        JsonValueKind.String => id.GetString()!.Length <= 256,
        JsonValueKind.Number => JsonMarshal.GetRawUtf8Value(id).IndexOfAny(".eE"u8) < 0 && id.TryGetInt64(out _),
        _ => false,
    };

    /// <summary>
    /// Walks a text without keeping anything, so that one that is too much or broken is refused before it is copied. A text
    /// that is too short for so many values is not walked.
    /// </summary>
    /// <returns>True: it holds more. Null: it breaks before that.</returns>
    public static bool? HoldsMoreThan(int values, in ReadOnlySequence<byte> utf8) => HoldsMoreThan(values, utf8.Length, new Utf8JsonReader(utf8, Walk));

    private static bool? HoldsMoreThan(int values, long length, Utf8JsonReader reader)
    {
        // A value and what parts it from the next are two bytes at the least.
        if (length / 2 < values)
        {
            return false;
        }

        try
        {
            var count = 0;
            while (count <= values && reader.Read())
            {
                count += reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject or JsonTokenType.PropertyName ? 0 : 1;
            }

            return count > values;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool HasBrokenString(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IndexOf("\\u"u8) < 0)
        {
            return false;
        }

        var reader = new Utf8JsonReader(utf8, Walk);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName && reader.ValueIsEscaped && !Decodes(ref reader))
            {
                return true;
            }
        }

        return false;
    }

    private static bool Decodes(ref Utf8JsonReader reader)
    {
        try
        {
            _ = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static WireFault? EnvelopeFault(JsonElement root, JsonElement id)
    {
        if (!root.TryGetProperty("jsonrpc"u8, out var version) || version.ValueKind != JsonValueKind.String || !version.ValueEquals("2.0"u8))
        {
            return WireFault.Invalid("`jsonrpc` must be \"2.0\"", id);
        }

        if (id.ValueKind != JsonValueKind.Undefined && !IsId(id))
        {
            return WireFault.Invalid("`id` must be a string of at most 256 characters or an integer of at most 64 bits");
        }

        var hasMethod = root.TryGetProperty("method"u8, out var method);
        var hasResult = root.TryGetProperty("result"u8, out _);
        var hasError = root.TryGetProperty("error"u8, out var error);
        if ((hasMethod ? 1 : 0) + (hasResult ? 1 : 0) + (hasError ? 1 : 0) != 1)
        {
            return WireFault.Invalid("a message has exactly one of `method`, `result` and `error`", id);
        }

        if (hasMethod)
        {
            return MethodFault(root, method, id);
        }

        if (root.TryGetProperty("params"u8, out _))
        {
            return WireFault.Invalid("a response has no `params`", id);
        }

        if (hasError && error.ValueKind != JsonValueKind.Object)
        {
            return WireFault.Invalid("`error` must be an object", id);
        }

        return id.ValueKind == JsonValueKind.Undefined ? WireFault.Invalid("a response needs the `id` of its request") : null;
    }

    private static WireFault? MethodFault(JsonElement root, JsonElement method, JsonElement id)
    {
        if (method.ValueKind != JsonValueKind.String)
        {
            return WireFault.Invalid("`method` must be a string", id);
        }

        if (root.TryGetProperty("params"u8, out var parameters) && parameters.ValueKind != JsonValueKind.Object)
        {
            return WireFault.Invalid("`params` must be an object", id) with { RpcCode = -32602 };
        }

        return null;
    }

    /// <summary>Case variants are looked for where the protocol reads members: the message, its params, and their <c>_meta</c>.</summary>
    private static WireFault? FoldFault(JsonElement root, JsonElement id)
    {
        if (Variant(root, ProtocolMembers) is { } inRoot)
        {
            return WireFault.Invalid($"`{inRoot}` is a variant of a protocol member; write it exactly", id);
        }

        if (root.TryGetProperty("result"u8, out var result) && result.ValueKind == JsonValueKind.Object && Variant(result, ResultMembers) is { } inResult)
        {
            return WireFault.Invalid($"`result.{inResult}` is a variant of a protocol member; write it exactly", id);
        }

        if (!root.TryGetProperty("params"u8, out var parameters) || parameters.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        if (Variant(parameters, ProtocolMembers) is { } inParams)
        {
            return WireFault.Invalid($"`params.{inParams}` is a variant of a protocol member; write it exactly", id);
        }

        return parameters.TryGetProperty("_meta"u8, out var meta) && meta.ValueKind == JsonValueKind.Object && Variant(meta, MetaMembers) is { } inMeta
            ? WireFault.Invalid($"`params._meta.{inMeta}` is a variant of a protocol member; write it exactly", id)
            : null;
    }

    private static string? Variant(JsonElement element, FrozenSet<string> protocol)
    {
        var plainNames = protocol.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var member in element.EnumerateObject())
        {
            if (IsPlainAndNoVariant(JsonMarshal.GetRawUtf8PropertyName(member), plainNames))
            {
                continue;
            }

            var name = member.Name;
            var plain = Plain(name);
            if (protocol.TryGetValue(plain, out var actual) && !string.Equals(actual, name, StringComparison.Ordinal))
            {
                return Visible(name);
            }
        }

        return null;
    }

    /// <summary>The usual name, seen without making a string of it; what is not usual is looked at closely.</summary>
    private static bool IsPlainAndNoVariant(ReadOnlySpan<byte> name, FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> protocol)
    {
        Span<char> text = stackalloc char[LongestPlainName];
        if (name.Length > LongestPlainName || name.ContainsAnyExceptInRange((byte)'!', (byte)'~') || name.Contains((byte)'\\'))
        {
            return false;
        }

        text = text[..Encoding.ASCII.GetChars(name, text)];
        return !protocol.TryGetValue(text, out var actual) || text.SequenceEqual(actual);
    }

    /// <summary>The name without what cannot be seen: a trailing NUL, zero-width and other format characters, blanks.</summary>
    private static string Plain(string name)
    {
        foreach (var character in name)
        {
            if (character <= ' ' || character > '~')
            {
                return Stripped(name);
            }
        }

        return name;
    }

    private static string Stripped(string name)
    {
        var builder = new StringBuilder(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            if (!Unseen(rune))
            {
                builder.Append(Folded(rune));
            }
        }

        return builder.ToString();
    }

    /// <summary>The fillers of Hangul and the empty Braille pattern are letters and symbols by category, and blank on every screen.</summary>
    private static bool Unseen(Rune rune) =>
        rune.Value is <= ' ' or 0x115F or 0x1160 or 0x2800 or 0x3164 or 0xFFA0
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.Format or UnicodeCategory.Control or UnicodeCategory.NonSpacingMark or UnicodeCategory.EnclosingMark
            or UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    /// <summary>Parsers that fold by Unicode rules, or by those of one language, read these as the letters they look like.</summary>
    private static string Folded(Rune rune) => rune.Value switch
    {
        0x0130 or 0x0131 => "i",
        0x017F => "s",
        0x212A => "k",
        _ => rune.ToString(),
    };

    private static string Visible(string name)
    {
        var shown = name.Length > 64 ? name[..64] : name;
        var builder = new StringBuilder(shown.Length);
        foreach (var character in shown)
        {
            builder.Append(character is > ' ' and <= '~' ? character.ToString() : $"\\u{(int)character:x4}");
        }

        return builder.ToString();
    }
}
