using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// The arguments that a tool's schema mirrors into <c>Mcp-Param-*</c> headers (2026-07-28). What the client sends must agree
/// with the body; what goes up is made from the body and the pinned schema.
/// </summary>
public static class MirroredParameters
{
    public const string Prefix = "Mcp-Param-";

    private const NumberStyles Digits = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    private static readonly ConditionalWeakTable<PinnedTool, IReadOnlyList<Mirror>> Known = [];

    private sealed record Mirror(string Header, string[] Path);

    /// <summary>The client's <c>Mcp-Param-*</c> headers, one entry for each value.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> SentIn(IHeaderDictionary headers)
    {
        List<KeyValuePair<string, string>>? found = null;
        foreach (var (name, values) in headers)
        {
            if (!name.StartsWith(Prefix, StringComparison.OrdinalIgnoreCase))
            {
                continue;
            }

            found ??= [];
            found.AddRange(values.Select(value => KeyValuePair.Create(name, value ?? "")));
        }

        return found ?? (IReadOnlyList<KeyValuePair<string, string>>)[];
    }

    /// <summary>The headers for the upstream, or why the client's do not agree with its body.</summary>
    public static (IReadOnlyList<KeyValuePair<string, string>> Headers, string? Fault) Check(Incoming call, PinnedTool tool, JsonElement arguments)
    {
        if (!call.Modern)
        {
            return ([], null);
        }

        var mirrors = Known.GetValue(tool, static pinned => Read(pinned));
        if (mirrors.Count == 0 && call.ParameterHeaders.Count == 0)
        {
            return ([], null);
        }

        if (mirrors.DistinctBy(static mirror => mirror.Header, StringComparer.OrdinalIgnoreCase).Count() != mirrors.Count)
        {
            return ([], "two arguments of this tool are mirrored into one header, so that they cannot be told apart");
        }

        var made = new List<KeyValuePair<string, string>>(mirrors.Count);
        foreach (var mirror in mirrors)
        {
            var sent = call.ParameterHeaders.Where(header => string.Equals(header.Key, mirror.Header, StringComparison.OrdinalIgnoreCase)).Select(static header => header.Value).ToList();
            var value = TextOf(arguments, mirror.Path);
            if (value is null ? sent.Count > 0 : sent.Count != 1 || !Agrees(HeaderText.Decode(sent[0]), value.Value))
            {
                return ([], $"the header `{mirror.Header}` does not agree with the argument it mirrors");
            }

            if (value is not null)
            {
                made.Add(KeyValuePair.Create(mirror.Header, HeaderText.Encode(value.Value.Text)));
            }
        }

        var stray = call.ParameterHeaders.FirstOrDefault(header => !mirrors.Any(mirror => string.Equals(mirror.Header, header.Key, StringComparison.OrdinalIgnoreCase)));
        return stray.Key is null ? (made, null) : ([], $"the header `{Recorder.Bounded(stray.Key)}` mirrors no argument of this tool");
    }

    /// <summary>Numbers agree by value, everything else by its characters.</summary>
    private static bool Agrees(string? sent, (string Text, bool IsNumber) value) =>
        sent is not null
        && (string.Equals(sent, value.Text, StringComparison.Ordinal)
            || (value.IsNumber && decimal.TryParse(sent, Digits, CultureInfo.InvariantCulture, out var left)
                && decimal.TryParse(value.Text, Digits, CultureInfo.InvariantCulture, out var right) && left == right));

    private static (string Text, bool IsNumber)? TextOf(JsonElement arguments, string[] path)
    {
        var value = arguments;
        foreach (var name in path)
        {
            if (value.ValueKind != JsonValueKind.Object || !value.TryGetProperty(name, out value))
            {
                return null;
            }
        }

        return value.ValueKind switch
        {
            JsonValueKind.String => (value.GetString()!, false),
            JsonValueKind.Number => (value.GetRawText(), true),
            JsonValueKind.True => ("true", false),
            JsonValueKind.False => ("false", false),
            _ => null,
        };
    }

    private static List<Mirror> Read(PinnedTool tool)
    {
        var found = new List<Mirror>();
        var definition = JsonElement.Parse(tool.Definition.Span);
        if (definition.TryGetProperty("inputSchema"u8, out var schema))
        {
            Walk(schema, [], found);
        }

        return found;
    }

    private static void Walk(JsonElement schema, string[] path, List<Mirror> found)
    {
        if (schema.ValueKind != JsonValueKind.Object || !schema.TryGetProperty("properties"u8, out var properties) || properties.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in properties.EnumerateObject())
        {
            string[] inner = [.. path, property.Name];
            if (property.Value.ValueKind == JsonValueKind.Object
                && property.Value.TryGetProperty("x-mcp-header"u8, out var header) && header.ValueKind == JsonValueKind.String && IsToken(header.GetString()!))
            {
                found.Add(new Mirror(Prefix + header.GetString(), inner));
            }

            Walk(property.Value, inner, found);
        }
    }

    /// <summary>A header name that could break out of its line is no mirror.</summary>
    private static bool IsToken(string name) =>
        name.Length is > 0 and <= 128 && name.All(static character => char.IsAsciiLetterOrDigit(character) || "!#$%&'*+-.^_`|~".Contains(character, StringComparison.Ordinal));
}
