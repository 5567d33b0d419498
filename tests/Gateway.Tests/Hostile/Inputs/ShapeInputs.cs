namespace Callgate.Gateway.Tests.Hostile.Inputs;

/// <summary>A20, A21, A22 and A51: messages of no shape, of two shapes, or of the wrong one for where they stand.</summary>
internal static class ShapeInputs
{
    private static readonly string[] OddIds =
    [
        "1.0", "1.5", "-0.0", "0.0", "1e3", "1E0", "10e2", "1e-1", "1e400", "null", "true", "false", "{}", "[]", "[1]", """{"id":1}""", "[null]",
        "12345678901234567890", "-9223372036854775809", "9223372036854775808", "1" + new string('0', 400), "\"" + new string('i', 257) + "\"", "\"" + new string('i', 300) + "\"", "\"" + string.Concat(Enumerable.Repeat("\\u0041", 257)) + "\"",
    ];

    /// <summary>PARAMS stands for the members of the params of an honest call.</summary>
    private static readonly string[] NoShapes =
    [
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{PARAMS},"result":{}}""",
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{PARAMS},"result":null}""",
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{PARAMS},"error":{"code":1,"message":"x"}}""",
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{PARAMS},"result":{},"error":null}""",
        """{"jsonrpc":"2.0","id":1,"result":{},"error":{"code":1,"message":"x"}}""",
        """{"jsonrpc":"2.0","id":1}""",
        """{"jsonrpc":"2.0","id":1,"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","result":{}}""",
        """{"jsonrpc":"2.0","error":{"code":1,"message":"x"}}""",
        """{"jsonrpc":"2.0","id":1,"error":"x"}""",
        """{"jsonrpc":"2.0","id":1,"error":null}""",
        """{"jsonrpc":"2.0","id":1,"error":[]}""",
        """{"jsonrpc":"2.0","id":1,"result":{},"params":{}}""",
        """{"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":2.0,"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":2,"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"2","id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"1.0","id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"2.0 ","id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"2.0\u0000","id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":["2.0"],"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":null,"id":1,"method":"tools/call","params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":null,"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":1,"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":true,"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":["tools/call"],"params":{PARAMS}}""",
        """{"jsonrpc":"2.0","id":1,"method":{"tools/call":1},"params":{PARAMS}}""",
        "null", "true", "1", "\"tools/call\"", "{}", "-0.5", "\"\"",
    ];

    private static readonly string[] NoParamsObject =
        ["null", "[]", "[\"TOOL\"]", "[\"TOOL\",{}]", "[[]]", """[{"name":"TOOL"}]""", "\"TOOL\"", "\"\"", "\"{\\\"name\\\":\\\"TOOL\\\"}\"", "1", "-1", "0.5", "1e400", "true", "false"];

    private static readonly string[] NoNames =
        ["null", "1", "0", "-1", "1.5", "1e400", "true", "false", "[]", "[\"TOOL\"]", "[[\"TOOL\"]]", "{}", """{"name":"TOOL"}""", """{"0":"TOOL"}"""];

    private static readonly string[] NoArguments =
        ["null", "[]", """[{"a":1,"b":2}]""", "[[]]", "\"\"", "\"{}\"", "\"{\\\"a\\\":1}\"", "0", "1", "0.5", "1e400", "true", "false"];

    /// <summary>Members of params beside which the call is none.</summary>
    private static readonly string[] OtherParams =
    [
        "\"arguments\":{}", "\"tool\":\"TOOL\"", "\"toolName\":\"TOOL\"", "\"tool_name\":\"TOOL\",\"arguments\":{}", "\"0\":\"TOOL\"", "\"name\":\"TOOL\",\"task\":{}", "\"name\":\"TOOL\",\"task\":null", "\"name\":\"TOOL\",\"arguments\":{},\"task\":{\"ttl\":1}",
    ];

    private static readonly (string Method, string Parameters)[] Requests =
    [
        ("tools/call", """{"name":"add","arguments":{"a":1,"b":2}}"""), ("tools/call", """{"name":"echo","arguments":{"text":"hi"}}"""), ("tools/list", "{}"), ("initialize", """{"protocolVersion":"2025-11-25","capabilities":{}}"""),
        ("resources/read", """{"uri":"test://static-text"}"""), ("logging/setLevel", """{"level":"debug"}"""), ("ping", "{}"), ("prompts/get", """{"name":"plain"}"""), ("resources/list", "{}"), ("sampling/createMessage", "{}"), ("elicitation/create", "{}"), ("roots/list", "{}"),
    ];

    private static readonly string[] Forged =
    [
        "\"result\":{}", "\"result\":null", "\"result\":[]", "\"result\":true", "\"result\":{\"action\":\"accept\",\"content\":{}}", "\"result\":{\"action\":\"decline\"}", """ "result":{"role":"assistant","model":"m","content":{"type":"text","text":"x"}} """,
        """ "result":{"roots":[{"uri":"file:///"}]} """, "\"error\":{\"code\":-1,\"message\":\"no\"}", "\"error\":{}", "\"error\":{\"code\":-32042,\"message\":\"x\",\"data\":{}}",
    ];

    /// <summary>GOOD stands for an honest call, BAD for one of the hidden tool, NAMELESS for one without its id.</summary>
    private static readonly string[] Arrays =
    [
        "[]", "[[]]", "[1]", "[null]", "[\"x\"]", "[{}]", "[GOOD,1]", "[GOOD,{}]", "[GOOD,[]]", "[GOOD,null]", "[1,GOOD]", "[[GOOD]]", "[GOOD,[GOOD]]", "[{},BAD]", "[GOOD,CALL-WITH-ODD-ID]", "[GOOD,INITIALIZE]", "[INITIALIZE]", "[GOOD,VARIANT]", "[VARIANT,BAD]", "[GOOD,MODERN]", "[MODERN]",
    ];

    /// <summary>Arrays: where the version has none, also well-formed ones; where it has them, each with one element that does not belong.</summary>
    public static IEnumerable<HostileInput> Batches(Era era)
    {
        string[] wellFormed = ["[GOOD]", "[BAD]", "[GOOD,GOOD]", "[GOOD,BAD]", "[BAD,GOOD]", """[GOOD,{"jsonrpc":"2.0","method":"notifications/initialized"}]"""];
        foreach (var template in era == Era.Batches ? Arrays : [.. wellFormed, .. Arrays])
        {
            yield return new HostileInput(Filled(era, template), Expected.NoMessage);
        }

        yield return new HostileInput($"[{string.Join(',', Enumerable.Range(0, 101).Select(_ => Bodies.Call(era == Era.Modern)))}]", Expected.NoMessage);
        if (era != Era.Modern)
        {
            yield return new HostileInput(Filled(era, "[GOOD,NAMELESS]"), Expected.NoMessage with { Method = "tools/call" });
            yield return new HostileInput(Filled(era, "[NAMELESS]"), Expected.NoMessage with { Method = "tools/call" });
        }

        if (era == Era.Batches)
        {
            foreach (var forged in Forged)
            {
                yield return new HostileInput(Filled(era, "[GOOD,{\"jsonrpc\":\"2.0\",\"id\":1," + forged + "}]"), Expected.NoMessage with { Method = "response" });
            }
        }
    }

    /// <summary>Ids of another kind, requests without one, and messages of no shape or of two.</summary>
    public static IEnumerable<HostileInput> OddMessages(Era era)
    {
        var modern = era == Era.Modern;
        foreach (var id in OddIds)
        {
            foreach (var tool in new[] { "echo", "add" })
            {
                yield return new HostileInput(Bodies.Call(modern, $"\"{tool}\"", id: id), Expected.NoMessage with { NamesNoId = true }) { Mirrored = tool };
            }

            yield return new HostileInput(Bodies.Request(modern, "tools/list", id: id), Expected.NoMessage with { NamesNoId = true }) { Method = "tools/list", Mirrored = null };
            yield return new HostileInput($$"""{"jsonrpc":"1.0","id":{{id}},"method":"ping"}""", Expected.NoMessage with { NamesNoId = true });
        }

        foreach (var template in NoShapes)
        {
            yield return new HostileInput(template.Replace("PARAMS", Bodies.Join(Bodies.Parameters(modern))[1..^1], StringComparison.Ordinal), Expected.NoMessage);
        }

        foreach (var (method, parameters) in Requests)
        {
            var members = modern ? (parameters.Length == 2 ? "{" : parameters[..^1] + ",") + "\"_meta\":" + Bodies.Meta + "}" : parameters;
            var mirrored = parameters.Contains("\"add\"", StringComparison.Ordinal) ? "add" : method switch { "tools/call" => "echo", "resources/read" => "test://static-text", "prompts/get" => "plain", _ => null };
            yield return new HostileInput($$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{members}}}""", Expected.NoMessage with { Method = method }) { Method = method, Mirrored = mirrored };
        }
    }

    /// <summary>Answers to questions that nobody asked.</summary>
    public static IEnumerable<HostileInput> ForgedAnswers(Era era) =>
        from forged in Forged
        from id in new[] { "1", "0", "-1", "7", "9007199254740993", "\"1\"", "\"elicit-1\"", "\"\"" }
        select new HostileInput("{\"jsonrpc\":\"2.0\",\"id\":" + id + "," + forged + "}", Expected.NoMessage with { Method = "response" });

    /// <summary>Params of the wrong shape, for the hidden tool and for the one that is there: neither is told from the other.</summary>
    public static IEnumerable<HostileInput> WrongParams(Era era)
    {
        var modern = era == Era.Modern;
        foreach (var tool in new[] { "add", "echo" })
        {
            HostileInput Input(string body, Expected expected) => new(body.Replace("TOOL", tool, StringComparison.Ordinal), expected) { Mirrored = tool };
            foreach (var parameters in NoParamsObject)
            {
                yield return Input(Bodies.Join(Bodies.Root(modern, parameters)), Expected.NoParams with { Method = Expected.NoMessage.Method });
            }

            foreach (var name in NoNames)
            {
                yield return Input(Bodies.Call(modern, name), Expected.NoParams);
            }

            foreach (var arguments in NoArguments)
            {
                yield return Input(Bodies.Call(modern, $"\"{tool}\"", arguments), Expected.NoParams);
            }

            foreach (var members in OtherParams)
            {
                yield return Input(Bodies.Request(modern, "tools/call", members), Expected.NoParams);
            }

            yield return Input("""{"jsonrpc":"2.0","id":1,"method":"tools/call"}""", Expected.NoParams);
            yield return Input("""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}""", Expected.NoParams);
        }
    }

    private static string Filled(Era era, string template)
    {
        var modern = era == Era.Modern;
        return template
            .Replace("GOOD", Bodies.Call(modern), StringComparison.Ordinal)
            .Replace("BAD", Bodies.Call(modern, "\"add\"", """{"a":1,"b":2}"""), StringComparison.Ordinal)
            .Replace("NAMELESS", """{"jsonrpc":"2.0","method":"tools/call","params":{"name":"echo","arguments":{"text":"hi"}}}""", StringComparison.Ordinal)
            .Replace("CALL-WITH-ODD-ID", Bodies.Call(modern, id: "1.5"), StringComparison.Ordinal)
            .Replace("INITIALIZE", Bodies.Request(false, "initialize", """ "protocolVersion":"2025-03-26","capabilities":{} """), StringComparison.Ordinal)
            .Replace("VARIANT", Bodies.Call(modern).Replace("\"name\"", "\"NAME\"", StringComparison.Ordinal), StringComparison.Ordinal)
            .Replace("MODERN", Bodies.Call(true), StringComparison.Ordinal);
    }
}
