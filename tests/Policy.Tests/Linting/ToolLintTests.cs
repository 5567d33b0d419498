using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests.Linting;

/// <summary>What a document says of a server's tools, held against the tools that it has.</summary>
public sealed class ToolLintTests
{
    private const string Runs = "is allowed whatever it is told to do";

    [Theory]
    [InlineData("call")]
    [InlineData("call_tool")]
    [InlineData("use_tool")]
    [InlineData("run_tool")]
    [InlineData("execute_tool")]
    [InlineData("invoke_tool")]
    [InlineData("batch")]
    [InlineData("multi_tool")]
    [InlineData("dispatch")]
    [InlineData("proxy")]
    [InlineData("run")]
    [InlineData("execute")]
    [InlineData("invoke")]
    [InlineData("exec")]
    [InlineData("eval")]
    [InlineData("shell")]
    [InlineData("bash")]
    [InlineData("terminal")]
    [InlineData("run_command")]
    [InlineData("execute_command")]
    [InlineData("run_shell_command")]
    [InlineData("run_script")]
    [InlineData("execute_code")]
    [InlineData("run_code")]
    [InlineData("run_python")]
    [InlineData("graphql")]
    [InlineData("raw_request")]
    [InlineData("http_request")]
    [InlineData("api_request")]
    [InlineData("Run-Command")]
    public void Document_ToolNamedAfterRunningThings_IsWarnedOf(string name)
    {
        string[] expected = [$"`{name}` {Runs}, and its name says that it runs what it is told: `hide` and the other entries do not reach what it runs"];

        Assert.Equal(expected, Warnings($$"""{ "version": "1", "default": "deny", "tools": { "{{name}}": {} } }"""));
        Assert.Equal(expected, Warnings($$"""{ "version": "1", "default": "deny", "tools": { "{{name}}": {} } }""", $$"""[ { "name": "{{name}}", "category": "Read" } ]"""));
        Assert.Empty(Warnings($$"""{ "version": "1", "default": "deny", "tools": { "{{name}}": { "action": "require_approval" } } }"""));
        Assert.Empty(Warnings($$"""{ "version": "1", "default": "deny", "tools": { "my_{{name}}s": {} } }"""));
    }

    [Theory]
    [InlineData("tool", "", true)]
    [InlineData("method", "", true)]
    [InlineData("command", "", true)]
    [InlineData("cmd", "", true)]
    [InlineData("action", "", true)]
    [InlineData("operation", "", true)]
    [InlineData("script", "", true)]
    [InlineData("code", "", true)]
    [InlineData("Command", "", true)]
    [InlineData("tool_name", "", false)]
    [InlineData("tool_name", "arguments", true)]
    [InlineData("toolname", "args", true)]
    [InlineData("function", "params", true)]
    [InlineData("function_name", "input", true)]
    [InlineData("endpoint", "inputs", true)]
    [InlineData("endpoint", "payload", true)]
    [InlineData("endpoint", "kwargs", true)]
    [InlineData("endpoint", "body", true)]
    [InlineData("endpoint", "note", false)]
    [InlineData("note", "body", false)]
    public void Tools_ArgumentThatSaysWhatToRun_IsWarnedOf(string argument, string beside, bool warned)
    {
        var other = beside.Length == 0 ? "" : $", \"{beside}\": {{ \"type\": \"object\" }}";
        var found = Warnings("""{ "version": "1", "default": "deny", "tools": { "it": {} } }""", $$"""[ { "name": "it", "category": "Read", "inputSchema": { "properties": { "{{argument}}": { "type": "string" }{{other}} } } } ]""");

        Assert.Equal(warned ? [$"`it` {Runs}, and its argument `{argument}` says in free text what to do: `hide` and the other entries do not reach what it runs"] : [], found);
    }

    [Theory]
    [InlineData("initialize")]
    [InlineData("notifications/initialized")]
    [InlineData("ping")]
    [InlineData("server/discover")]
    [InlineData("notifications/cancelled")]
    [InlineData("notifications/progress")]
    [InlineData("logging/setLevel")]
    [InlineData("tools/list")]
    [InlineData("tools/call")]
    [InlineData("subscriptions/listen")]
    [InlineData("tasks/get")]
    [InlineData("tasks/result")]
    [InlineData("tasks/update")]
    [InlineData("tasks/cancel")]
    public void Document_MethodThatIsAlwaysServed_IsWarnedOf(string method) => Assert.Equal(
        [$"`{method}` is always served; naming it opens nothing"],
        Warnings($$"""{ "version": "1", "default": "deny", "methods": { "allow": ["{{method}}", "prompts/get"] } }"""));

    [Theory]
    [InlineData("\"tools\": { \"a\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 5, \"per\": \"args.p\" } ] } }", "`args.p` need not be there on `a`, and a call without it is refused")]
    [InlineData("\"tools\": { \"a\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 5, \"amount\": \"args.none\" } ] } }", "`args.none` need not be there on `a`, and a call without it is refused")]
    [InlineData("\"tools\": { \"a\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 5, \"amount\": \"args.n\" } ] } }", "")]
    [InlineData("\"tools\": { \"a\": {} }, \"all_tools\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 5, \"per\": \"args.p\" } ] }", "`args.p` need not be there on `a`, and a call without it is refused")]
    [InlineData("\"tools\": { \"a\": {} }, \"all_tools\": { \"require\": [ { \"conditions\": [ { \"path\": \"args.none\", \"op\": \"eq\", \"value\": 1 } ] } ] }", "`a` has no argument `args.none`")]
    [InlineData("\"tools\": { \"a\": { \"require\": [ { \"conditions\": [ { \"path\": \"args.none\", \"op\": \"exists\", \"value\": false } ] } ] } }", "")]
    [InlineData("\"tools\": { \"a\": { \"require\": [ { \"conditions\": [ { \"path\": \"args.n\", \"op\": \"eq\", \"value\": 1 } ] } ] } }", "")]
    [InlineData("\"tools\": { \"a\": { \"deny_if\": [ { \"conditions\": [ { \"path\": \"args.p\", \"op\": \"eq\", \"value\": 1, \"missing\": \"refuse\" } ] } ] } }", "")]
    [InlineData("\"tools\": { \"a\": { \"deny_if\": [ { \"conditions\": [ { \"path\": \"args.none\", \"op\": \"eq\", \"value\": 1, \"missing\": \"pass\" } ] } ] } }", "`a` has no argument `args.none`")]
    [InlineData("\"tools\": { \"a\": {}, \"b\": {} }, \"all_tools\": { \"deny_if\": [ { \"conditions\": [ { \"path\": \"args.p\", \"op\": \"eq\", \"value\": 1, \"missing\": \"pass\" } ] } ] }", "")]
    [InlineData("\"tools\": { \"a\": {}, \"b\": {} }, \"all_tools\": { \"require\": [ { \"conditions\": [ { \"path\": \"args.n\", \"op\": \"eq\", \"value\": 1 } ] } ] }", "`b` has no argument `args.n`")]
    [InlineData("\"tools\": { \"*\": {}, \"a\": {}, \"b\": {}, \"c\": {}, \"d\": {}, \"e\": {}, \"bad\": { \"validation\": \"off\" } }", "every tool that matches `*` is hidden or treated by another entry")]
    [InlineData("\"hide\": [\"a\"], \"tools\": { \"?\": {} }", "")]
    [InlineData("\"tools\": { \"c\": {}, \"d\": {}, \"e\": {} }, \"all_tools\": { \"require\": [ { \"conditions\": [ { \"path\": \"args.n\", \"op\": \"eq\", \"value\": 1 } ] } ] }", "`c`, `d`, `e` has no argument `args.n`")]
    [InlineData("\"tools\": { \"b\": {}, \"c\": {}, \"d\": {}, \"e\": {} }, \"all_tools\": { \"require\": [ { \"conditions\": [ { \"path\": \"args.n\", \"op\": \"eq\", \"value\": 1 } ] } ] }", "`b`, `c`, `d` and 1 more has no argument `args.n`")]
    [InlineData("\"tools\": { \"bad\": {} }", "the input schema of `bad` cannot be judged (`/type`: must be one of string, number, integer, boolean, array, object and null, or an array of them), so every call of it is refused")]
    [InlineData("\"tools\": { \"bad\": { \"validation\": \"off\" } }", "")]
    public void Tools_HeldAgainstTheDocument_ShowThis(string members, string warning)
    {
        var found = Warnings($$"""{ "version": "1", "default": "deny", {{members}} }""", """
            [ { "name": "a", "category": "Read", "inputSchema": { "properties": { "n": { "type": "integer" }, "p": { "type": "integer" } }, "required": ["n"] } },
              { "name": "b", "category": "Read", "inputSchema": { "properties": {} } }, { "name": "c", "category": "Read", "inputSchema": { "properties": {} } },
              { "name": "d", "category": "Read", "inputSchema": { "properties": {} } }, { "name": "e", "category": "Read", "inputSchema": { "properties": {} } },
              { "name": "bad", "category": "Read", "inputSchema": { "type": "none" } } ]
            """);

        Assert.Equal(warning.Length == 0 ? [] : [warning], found);
    }

    [Theory]
    [InlineData("\"categories\": { \"Write\": {} }", "no tool of the server has the category `Write`")]
    [InlineData("\"categories\": { \"Read\": {} }", "")]
    [InlineData("\"tools\": { \"a\": { \"require\": [ { \"conditions\": [ { \"path\": \"args.p\", \"op\": \"eq\", \"value\": 1 } ] } ] } }", "`args.p` is optional on `a`, and a call that leaves it out is refused")]
    [InlineData("\"tools\": { \"a\": { \"approve_if\": [ { \"conditions\": [ { \"path\": \"args.p\", \"op\": \"eq\", \"value\": 1 } ] } ] } }", "")]
    [InlineData("\"mode\": \"shadow\"", "the document is enforced all the same until an administrator sets an end to its watching")]
    public void Tools_HeldAgainstTheDocument_AreNoted(string members, string note)
    {
        var found = Compile($$"""{ "version": "1", "default": "deny", {{members}} }""", """[ { "name": "a", "category": "Read", "inputSchema": { "properties": { "p": { "type": "integer" } } } } ]""");

        Assert.Empty(found.Warnings);
        Assert.Equal(note.Length == 0 ? [] : [note], found.Notes.Select(told => told.Message));
    }

    [Theory]
    [InlineData("\"hide\": \"*\", \"tools\": { \"a\": {} }", "every tool is hidden, so no entry under `tools` is ever read")]
    [InlineData("\"hide\": \"*\"", "")]
    [InlineData("\"hide\": [\"a\", \"a\"]", "`a` is hidden twice")]
    [InlineData("\"hide\": [\"a*\"], \"tools\": { \"ab\": {} }", "`ab` is hidden by `/hide/0`, so this entry is never read")]
    [InlineData("\"tools\": { \"a\": { \"action\": \"require_approval\", \"approve_if\": [] } }", "`approve_if` says nothing beside the action of this entry")]
    [InlineData("\"tools\": { \"a\": { \"action\": \"hide\", \"reason\": \"x\" } }", "`reason` says nothing beside the action of this entry")]
    [InlineData("\"tools\": { \"a\": { \"reason\": \"x\" } }", "`reason` says nothing beside the action of this entry")]
    [InlineData("\"tools\": { \"a\": { \"action\": \"deny\", \"reason\": \"x\", \"validation\": \"off\" } }", "`validation` says nothing beside the action of this entry")]
    [InlineData("\"tools\": { \"a\": { \"approval\": {} } }", "`approval` says nothing beside the action of this entry")]
    [InlineData("\"all_tools\": { \"approve_if\": [ { \"conditions\": [] } ] }, \"tools\": { \"a\": { \"approval\": {} } }", "")]
    [InlineData("\"all_tools\": { \"require\": [ { \"conditions\": [] } ] }", "a requirement without conditions always holds")]
    [InlineData("\"tools\": { \"a\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 5, \"scope\": \"session\" } ] } }", "a session is no boundary: an agent opens another whenever it likes")]
    [InlineData("\"tools\": { \"a\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 1.5 } ] } }", "each call charges 1, so the fraction is never used")]
    [InlineData("\"tools\": { \"a\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 1.5, \"amount\": \"args.n\" } ] } }", "")]
    [InlineData("\"tools\": { \"a\": { \"limits\": [ { \"counter\": \"c\", \"window\": \"day\", \"max\": 1, \"per\": \"client.name\" } ] } }", "`client.name` is what the client calls itself: with another name it counts anew")]
    public void Document_MemberThatSaysNothing_IsWarnedOf(string members, string warning) => Assert.Equal(
        warning.Length == 0 ? [] : [warning],
        Warnings($$"""{ "version": "1", "default": "deny", {{members}} }"""));

    [Theory]
    [InlineData("gt 5, lt 5", true)]
    [InlineData("gte 5, lt 5", true)]
    [InlineData("gt 5, lte 5", true)]
    [InlineData("gte 5, lte 5", false)]
    [InlineData("gt 5, lt 6", false)]
    [InlineData("eq 5, gt 5", true)]
    [InlineData("eq 5, gte 5", false)]
    [InlineData("eq 5, lt 5", true)]
    [InlineData("eq 5, lte 5", false)]
    [InlineData("eq 5, eq 6", true)]
    [InlineData("eq 5, eq 5.0", false)]
    [InlineData("lt 5, gt 6", true)]
    [InlineData("gt 1, gt 7, lt 6", true)]
    [InlineData("gt 7, gt 1, lt 6", true)]
    [InlineData("lt 9, lt 3, gt 4", true)]
    [InlineData("gte 5, gt 5, lte 5", true)]
    [InlineData("lte 5, lt 5, gte 5", true)]
    [InlineData("neq 5, eq 5", false)]
    [InlineData("eq \"a\", eq \"b\"", true)]
    [InlineData("eq \"a\", eq true", true)]
    [InlineData("eq true, eq false", true)]
    [InlineData("eq \"a\", starts_with \"b\"", false)]
    public void Document_ConditionsThatExcludeEachOther_NeverHold(string conditions, bool never)
    {
        var written = string.Join(", ", conditions.Split(", ").Select(one => one.Split(' ')).Select(one => $$"""{ "path": "args.x", "op": "{{one[0]}}", "value": {{one[1]}} }"""));
        string Document(string given) => $$"""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ {{given}} ] } ] } } }""";

        Assert.Equal(never ? ["can never hold, so every call is refused"] : [], Warnings(Document(written)));
        Assert.Empty(Warnings(Document(written.Replace("args.x", "args.x[*]", StringComparison.Ordinal))));
    }

    private static List<string> Warnings(string document, string? tools = null) => [.. Compile(document, tools).Warnings.Select(found => found.Message)];

    private static PolicyCompilation Compile(string document, string? tools)
    {
        var found = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(document), null, tools is null ? null : OfferedTool.ReadList(JsonElement.Parse(tools)));
        Assert.Empty(found.Diagnostics);
        return found;
    }
}
