using System.Globalization;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Upstreams;

/// <summary>What a scripted server offers and says, as the scenario states it.</summary>
internal sealed class ServerSpec(JsonElement spec)
{
    private const string Extra = "\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"private\"";

    private static readonly string[] Legacy = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

    public bool HoldsStreams => spec.IsTrue("streams");

    /// <summary>What is to be said to the so manieth call of a tool or method; null for what is always said.</summary>
    public JsonElement? AnswerTo(string key, int number, Sighting sighting)
    {
        var answer = spec.Member("answers").Member(key);
        while (answer.ValueKind == JsonValueKind.Object)
        {
            // `first` calls are answered plainly, and the others as `then` says; `retried` is the answer to a second leg.
            if (answer.Member("retried") is { ValueKind: JsonValueKind.Object } retried && (sighting.Message.Member("params").Has("requestState") || sighting.Message.Member("params").Has("inputResponses")))
            {
                answer = retried;
            }
            else if (answer.Member("first") is { ValueKind: JsonValueKind.Number } first)
            {
                answer = number <= first.GetInt32() ? answer.Member("before") : answer.Member("then");
            }
            else
            {
                return answer;
            }
        }

        return null;
    }

    public string Discovery() => $$$"""{"supportedVersions":["2026-07-28"],"capabilities":{{{Capabilities()}}},"serverInfo":{"name":"recording","version":"1"}{{{Instructions()}}},{{{Extra}}}}""";

    public string Greeting(string? asked)
    {
        var version = Legacy.Contains(asked, StringComparer.Ordinal) ? asked : Legacy[^1];
        return $$$"""{"protocolVersion":"{{{version}}}","capabilities":{{{Capabilities()}}},"serverInfo":{"name":"recording","version":"1"}{{{Instructions()}}}}""";
    }

    /// <summary>The list; `list` may hold members to be put in place of the plain ones.</summary>
    public string List(Sighting sighting)
    {
        var face = spec.Member("faces").Members().FirstOrDefault(one => sighting.Request.Headers.Any(header => header.Value.Contains(one.Name, StringComparison.OrdinalIgnoreCase)));
        var tools = face.Value.ValueKind == JsonValueKind.Array ? face.Value : spec.Member("tools");
        var definitions = string.Join(',', tools.Items().Select(Definition));
        return $$$"""{"tools":[{{{definitions}}}],{{{(spec.Text("list_members") ?? Extra)}}}}""";
    }

    private static string Definition(JsonElement tool) => tool.ValueKind == JsonValueKind.String
        ? string.Create(CultureInfo.InvariantCulture, $$$"""{"name":{{{Json.Quoted(tool.GetString()!)}}},"description":"Does what it says.","inputSchema":{"type":"object"}}""")
        : tool.GetRawText();

    private string Capabilities() => spec.Member("capabilities") is { ValueKind: JsonValueKind.Object } stated ? stated.GetRawText() : """{"tools":{"listChanged":true}}""";

    private string Instructions() => spec.Text("instructions") is { } text ? ",\"instructions\":" + Json.Quoted(text) : "";
}
