using System.Text;

namespace Callgate.Gateway.Tests.Hostile.Inputs;

/// <summary>A25 and A54: headers that say something else than the body, or say it in a bent way.</summary>
internal static class HeaderInputs
{
    private const string Echo = "ZWNobw==";

    private static readonly string[] BentNames =
    [
        "", "Echo", "ECHO", "echo2", "ech", "add", "e cho", "echo,", "echo;x", "\"echo\"", "echo, echo", "%65cho", "ech\u00f6", "echo\u00a0", "echo\u200b", "\uff45cho", "\u0435cho",
        "=?BASE64?" + Echo + "?=", "=?Base64?" + Echo + "?=", "=?base64?" + Echo, Echo, "=?base64?ZWNobw=?=", "=?base64?ZWNobw?=", "=?base64?ZWNobw===?=", "=?base64?ZWNob===?=", "=?base64?ZWNobx==?=",
        "=?base64? ZWNobw==?=", "=?base64?ZWNo bw==?=", "=?base64?ZWNobw==?= ?=", "=?base64?ZWNobw-_?=", "=?base64?/w==?=", "=?base64?7+9v?=", "=?base64?YWRk?=", "=?base64??=", "=?base64?=", "=?utf-8?b?ZWNobw==?=", "=?base64?ZWNobwA=?=", "=?base64?77u/ZWNobw==?=",
        "=?base64?" + Echo + "?==?base64?" + Echo + "?=", "x=?base64?" + Echo + "?=",
    ];

    private static readonly (string Header, string? Value)[] Wrong =
    [
        ("MCP-Protocol-Version", null), ("MCP-Protocol-Version", ""), ("MCP-Protocol-Version", "2025-11-25"), ("MCP-Protocol-Version", "2025-03-26"), ("MCP-Protocol-Version", "2026-07-29"), ("MCP-Protocol-Version", "2026-07-28x"),
        ("MCP-Protocol-Version", "2026-07-28, 2025-11-25"), ("MCP-Protocol-Version", "=?base64?MjAyNi0wNy0yOA==?="),
        ("Mcp-Method", null), ("Mcp-Method", ""), ("Mcp-Method", "tools/list"), ("Mcp-Method", "ping"), ("Mcp-Method", "Tools/Call"), ("Mcp-Method", "tools/call, tools/list"), ("Mcp-Method", "tools%2fcall"), ("Mcp-Method", "tools/call/"),
        ("Mcp-Method", "=?base64?dG9vbHMvY2FsbA==?="), ("Mcp-Name", null), ("Mcp-Name", "add"), ("Mcp-Name", "mixed"),
    ];

    /// <summary>Two lines of one header, equal or not.</summary>
    private static readonly (string Header, string Value)[] Twice =
    [
        ("MCP-Protocol-Version", "2026-07-28"), ("MCP-Protocol-Version", "2025-11-25"), ("mcp-method", "tools/call"), ("Mcp-Method", "tools/list"), ("Mcp-Name", "echo"), ("mcp-name", "add"), ("MCP-NAME", ""),
    ];

    private static readonly (string Header, string Value)[] Stray =
        [("Mcp-Param-Region", "eu"), ("mcp-param-text", "hi"), ("Mcp-Param-Name", "add"), ("Mcp-Param-", "x"), ("Mcp-Param-Text", "=?base64?aGk=?=")];

    /// <summary>Headers of the newest version that do not agree with the body.</summary>
    public static IEnumerable<HostileInput> Mismatches(HostileGate hostile, Era era)
    {
        var honest = hostile.Headers(era);
        var call = Bodies.Call(era == Era.Modern);
        if (era != Era.Modern)
        {
            // In a session the one header that says anything is the version: it may agree or be none with sessions.
            foreach (var (version, code) in new[] { ("2026-07-28", -32602), ("2027-01-01", -32600), ("x", -32600), ("2025-11-25, 2025-11-25", -32600), ("2025-11-25 x", -32600) })
            {
                yield return Input($"version {version}", call, new Expected(400, code, Method: "tools/call"), Replaced(honest, "MCP-Protocol-Version", version));
            }

            var claiming = call.Replace("\"arguments\"", "\"_meta\":{\"" + Bodies.Claim + "\":\"2025-06-18\"},\"arguments\"", StringComparison.Ordinal);
            yield return Input("another version in the body", claiming, Expected.Mismatch, honest);
            yield return Input("the newest version in the body", Bodies.Call(true), Expected.Mismatch, honest);
            yield return Input("two versions", call, Expected.NoMessage with { RpcCode = -32020 }, [.. honest, ("MCP-Protocol-Version", "2025-06-18")]);
            yield return Input("two sessions", call, Expected.NoMessage with { RpcCode = -32020 }, [.. honest, ("Mcp-Session-Id", "x")]);
            yield break;
        }

        foreach (var (header, value) in Wrong)
        {
            yield return Input($"{header}: {value ?? "(none)"}", call, Expected.Mismatch, Replaced(honest, header, value));
        }

        foreach (var (header, value) in Twice)
        {
            yield return Input($"second {header}: {value}", call, Expected.NoMessage with { RpcCode = -32020 }, [.. honest, (header, value)]);
        }

        foreach (var header in Stray)
        {
            yield return Input($"{header.Header}: {header.Value}", call, Expected.Mismatch, [.. honest, header]);
        }

        yield return Input("allowed name, hidden body", Bodies.Call(true, "\"add\"", """{"a":1,"b":2}"""), Expected.Mismatch, honest);
        yield return Input("allowed name, unknown body", Bodies.Call(true, "\"odd\""), Expected.Mismatch, honest);
        yield return Input("call, list in the body", Bodies.Request(true, "tools/list"), Expected.Mismatch with { Method = "tools/list" }, honest);
        yield return Input("list, call in the body", call, Expected.Mismatch, hostile.Headers(era, "tools/list", null));
        yield return Input("list, call of the hidden tool in the body", Bodies.Call(true, "\"add\"", "{}"), Expected.Mismatch, hostile.Headers(era, "tools/list", "add"));
    }

    /// <summary>Ways to write <c>Mcp-Name</c> that stand for no name, or for another.</summary>
    public static IEnumerable<HostileInput> BentMirrors(HostileGate hostile, Era era)
    {
        foreach (var name in BentNames)
        {
            // Raw bytes of a header are UTF-8 here, as clients that ignore the encoding would send them.
            var raw = Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(name));
            yield return Input($"Mcp-Name: {name}", Bodies.Call(true), Expected.Mismatch, Replaced(hostile.Headers(era), "Mcp-Name", raw));
        }

        foreach (var bytes in new byte[][] { [0xFF], [0xE9, 0x63, 0x68, 0x6F], [0xC0, 0xA5], [0xED, 0xA0, 0x80] })
        {
            yield return Input($"Mcp-Name: bytes {Convert.ToHexString(bytes)}", Bodies.Call(true), new Expected(400, null, null), Replaced(hostile.Headers(era), "Mcp-Name", Encoding.Latin1.GetString(bytes)));
        }
    }

    private static HostileInput Input(string name, string body, Expected expected, (string Name, string Value)[] headers) =>
        new(name, Encoding.UTF8.GetBytes(body), expected, headers);

    private static (string Name, string Value)[] Replaced((string Name, string Value)[] headers, string name, string? value) =>
        [.. headers.Where(header => header.Name != name), .. value is null ? Array.Empty<(string, string)>() : [(name, value)]];
}
