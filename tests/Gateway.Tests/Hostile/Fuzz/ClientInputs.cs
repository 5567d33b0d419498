using System.Globalization;
using System.Text;
using Callgate.Gateway.Tests.Hostile.Inputs;

namespace Callgate.Gateway.Tests.Hostile.Fuzz;

/// <summary>One generated request.</summary>
/// <param name="Honest">The text an honest call asks to have echoed; null for everything else.</param>
/// <param name="Header">A header in the place of the honest one of that name, or beside it.</param>
/// <param name="Framing">How the end of the body is told.</param>
internal sealed record ClientInput(long Number, Era Era, byte[] Body, string? Honest, string Method, string? Name, (string Name, string Value, bool Beside)? Header, Framing Framing = Framing.Plain);

/// <summary>Hostile requests without end: the same seed and number give the same request, so each can be made again alone.</summary>
internal sealed class ClientInputs(int seed)
{
    private static readonly string[] Names =
        ["\"echo\"", "\"add\"", "\"mixed\"", "\"odd\"", "\"Add\"", "\"ADD\"", "\"add \"", "\"add\\u0000\"", "\"\\u0061dd\"", "\"ad\\u200bd\"", "\"\\uff41dd\"", "\"echo\\n\"", "\"\"", "null", "7", "[\"add\"]", "{\"name\":\"add\"}"];

    private static readonly string[] Methods =
        ["tools/call", "tools/call", "tools/call", "tools/list", "ping", "resources/read", "Tools/Call", "tools/call\\u0000", "tools\\u002fcall", "notifications/cancelled", "notifications/progress", "completion/complete", "vendor/extra", "tools/", ""];

    private static readonly string[] Ids = ["1", "0", "-1", "\"a\"", "\"\"", "1.5", "1e3", "null", "{}", "9223372036854775807", "9223372036854775808", "true", "[1]", "\"\\u0061\""];

    private static readonly string[] Values =
    [
        "0", "-0", "1e400", "1.50", "12345678901234567890", "500", "5e2", "500.0", "501", "5.01e2", "1e3", "1E3", "500.0000000000000000000000000001", "-1e999", "\"499\"", "[499]", "true", "false", "null", "\"\"", "\"add\"", "\"é😀\"", "\"\\ud83d\\ude00\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", "[[[[]]]]", "{\"a\":{\"b\":[{}]}}", "{\"a\":1,\"a\":2}", "{\"name\":\"add\",\"Name\":\"add\"}",
        "{\"name\":\"add\",\"arguments\":{\"a\":1,\"b\":2}}", "[1,]", "01", "NaN", "'x'", "\"\u2028\"",
    ];

    private static readonly string[] Keys =
        ["jsonrpc", "id", "method", "params", "name", "arguments", "_meta", "result", "error", "uri", "cursor", "task", "requestState", "inputResponses", "text", "x", "", "__proto__", "tool"];

    private static readonly string[] Unseen = ["\\u0000", "\\u200b", "\\ufeff", "\\u00ad", " ", "\\u2060", "\u3164", "\\u0301"];

    private static readonly (string Name, string Value)[] Headers =
    [
        ("Content-Type", "text/plain"), ("Content-Type", "application/json; charset=utf-16"), ("Content-Encoding", "gzip"), ("Accept", "text/html"), ("Accept", "*/*"), ("MCP-Protocol-Version", "2025-11-25"), ("MCP-Protocol-Version", "2026-07-28"),
        ("MCP-Protocol-Version", "x"), ("Mcp-Method", "tools/call"), ("Mcp-Method", "tools/list"), ("Mcp-Name", "echo"), ("Mcp-Name", "add"), ("Mcp-Name", "=?base64?YWRk?="), ("Mcp-Name", "=?BASE64?ZWNobw==?="), ("Mcp-Param-Name", "add"), ("Mcp-Session-Id", "x"),
        ("Last-Event-ID", "1"), ("X-HTTP-Method-Override", "GET"), ("X-Callgate-Grant", "other"), ("Origin", "null"), ("Cookie", "a=b"), ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ];

    private static readonly string[] Codings = ["gzip", "deflate", "br", "identity", "zstd", "x"];

    private static readonly byte[][] ModernSeeds = [.. Seeds(true).Select(Encoding.UTF8.GetBytes)];
    private static readonly byte[][] LegacySeeds = [.. Seeds(false).Select(Encoding.UTF8.GetBytes)];

    public ClientInput Make(long number)
    {
        var chance = new Random(HashOf(number));
        var era = (Era)chance.Next(3);
        var kind = chance.Next(100);
        if (kind < 5)
        {
            var text = "honest-" + number.ToString(CultureInfo.InvariantCulture);
            return new ClientInput(number, era, Encoding.UTF8.GetBytes(Bodies.Call(era == Era.Modern, arguments: $$"""{"text":"{{text}}"}""", id: IdOf(number))), text, "tools/call", "echo", null);
        }

        var seeds = era == Era.Modern ? ModernSeeds : LegacySeeds;
        var (body, method, name) = kind < 40 ? (Bending.Bend(seeds, chance), "tools/call", chance.Next(4) == 0 ? "add" : "echo") : Built(number, era, chance);
        (string, string, bool)? header = kind >= 85 ? Picked(Headers, chance) is var (key, value) ? (key, value, chance.Next(3) == 0) : null : null;
        if (kind is >= 70 and < 74)
        {
            body = Encoded(body, chance);
            header = chance.Next(2) == 0 ? ("Content-Encoding", Picked(Codings, chance), false) : header;
        }

        var framing = chance.Next(12) switch { 0 => Framing.Chunked, 1 when kind >= 95 => Framing.Broken, _ => Framing.Plain };
        return new ClientInput(number, era, body, null, method, name, header, framing);
    }

    /// <summary>The body as other bytes: another encoding, a mark before it, packed.</summary>
    private static byte[] Encoded(byte[] body, Random chance)
    {
        var text = Encoding.UTF8.GetString(body);
        return chance.Next(6) switch
        {
            0 => Encoding.Unicode.GetBytes(text),
            1 => Encoding.BigEndianUnicode.GetBytes(text),
            2 => Encoding.UTF32.GetBytes(text),
            3 => [0xEF, 0xBB, 0xBF, .. body],
            4 => Encoding.Latin1.GetBytes(text),
            _ => EncodingInputs.Packed(body),
        };
    }

    private static IEnumerable<string> Seeds(bool modern)
    {
        yield return Bodies.Call(modern, id: "1");
        yield return Bodies.Call(modern, "\"add\"", """{"a":1,"b":2}""", "2");
        yield return Bodies.Call(modern, "\"mixed\"", """{"text":"é😀\ud83d\ude00\n\u0000/\/","n":[1,-0,1.50,1e3,12345678901234567890,0.1e-7],"o":{"a":{"b":[[],{}]}},"t":true,"z":null}""", "\"q\"");
        yield return Bodies.Request(modern, "tools/list", id: "3");
        yield return Bodies.Request(modern, "resources/read", "\"uri\":\"test://static-text\"", "4");
        yield return """{"jsonrpc":"2.0","method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":2}}}""";
        yield return """{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":7,"reason":"no more"}}""";
        yield return """{"jsonrpc":"2.0","id":1,"result":{"name":"add"}}""";
        yield return $"[{Bodies.Call(modern, id: "5")},{Bodies.Call(modern, "\"add\"", id: "6")}]";
    }

    private static string IdOf(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static T Picked<T>(T[] from, Random chance) => from[chance.Next(from.Length)];

    private int HashOf(long number)
    {
        var mixed = unchecked(((ulong)number * 0x9E3779B97F4A7C15UL) ^ ((ulong)seed * 0x1000003UL));
        mixed ^= mixed >> 29;
        mixed = unchecked(mixed * 0xBF58476D1CE4E5B9UL);
        return (int)((mixed ^ (mixed >> 32)) & int.MaxValue);
    }

    /// <summary>A message put together from its members, some of them spelled, doubled, dropped or filled as they must not be.</summary>
    private static (byte[] Body, string Method, string? Name) Built(long number, Era era, Random chance)
    {
        var modern = era == Era.Modern != (chance.Next(20) == 0);
        var name = chance.Next(3) == 0 ? Picked(Names, chance) : "\"echo\"";
        var method = chance.Next(3) == 0 ? Picked(Methods, chance) : "tools/call";
        var arguments = chance.Next(3) == 0 ? Picked(Values, chance) : $$"""{"text":"n{{number}}","v":{{Picked(Values, chance)}}}""";
        var parameters = Bodies.Parameters(modern, name, arguments);
        Bend(parameters, chance, chance.Next(3));
        var root = Bodies.Root(modern, Bodies.Join(parameters), chance.Next(4) == 0 ? Picked(Ids, chance) : IdOf(number));
        root[root.FindIndex(static pair => pair.Key == "method")] = ("method", $"\"{method}\"");
        Bend(root, chance, chance.Next(2));
        var body = Bodies.Join(root);
        if (chance.Next(12) == 0)
        {
            body = $"[{body},{Bodies.Call(modern, Picked(Names, chance), id: IdOf(number) + "0")}]";
        }

        return (Encoding.UTF8.GetBytes(body), method is "tools/call\\u0000" or "" ? "tools/call" : method.Replace("\\u002f", "/", StringComparison.Ordinal), Plain(name));
    }

    private static string? Plain(string name) => name switch { "\"echo\"" => "echo", "\"mixed\"" => "mixed", "\"odd\"" => "odd", _ when name[0] == '"' => "add", _ => null };

    private static void Bend(List<(string Key, string Value)> members, Random chance, int times)
    {
        for (; times > 0 && members.Count > 0; times--)
        {
            var at = chance.Next(members.Count);
            var (key, value) = members[at];
            switch (chance.Next(9))
            {
                case 0:
                    members.Insert(chance.Next(members.Count + 1), (key, chance.Next(2) == 0 ? value : Picked(Values, chance)));
                    break;
                case 1:
                    members.Insert(chance.Next(members.Count + 1), (key.ToUpperInvariant(), chance.Next(2) == 0 ? value : "\"add\""));
                    break;
                case 2:
                    members.Insert(chance.Next(members.Count + 1), (Picked(Keys, chance), Picked(Values, chance)));
                    break;
                case 3:
                    members[at] = (Bodies.Escaped(key), value);
                    break;
                case 4:
                    members.Insert(chance.Next(members.Count + 1), (Bodies.Escaped(key), "\"add\""));
                    break;
                case 5:
                    members.Insert(chance.Next(members.Count + 1), (key + Picked(Unseen, chance), "\"add\""));
                    break;
                case 6:
                    members.RemoveAt(at);
                    break;
                case 7:
                    members[at] = (key, Picked(Values, chance));
                    break;
                default:
                    members.Reverse();
                    break;
            }
        }
    }
}
