using System.Text;
using System.Text.Json.Nodes;

namespace Callgate.Policy.Tests;

/// <summary>Documents of the older open proxy, each of its constructs once.</summary>
public sealed class ImportTests
{
    [Theory]
    [InlineData("tools:\n  a:\n    rules: []\n", """{ "version": "1", "default": "allow", "tools": { "a": {} } }""")]
    [InlineData("description: mine\ndefault: deny\nhide: [drop, \"a*\"]\n", """{ "version": "1", "description": "mine", "default": "deny", "hide": ["drop", "a\\*"] }""")]
    [InlineData("hide: \"*\"\n", """{ "version": "1", "default": "allow", "hide": "*" }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        action: deny\n        on_deny: never\n", """{ "version": "1", "default": "allow", "tools": { "a": { "deny_if": [ { "conditions": [], "on_deny": "never" } ] } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        conditions:\n          - { path: args.a.b, op: lte, value: 5 }\n          - { path: \"args.list.0\", op: in, value: [1, 2] }\n        on_deny: no\n", """{ "version": "1", "default": "allow", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.a.b", "op": "lte", "value": 5 }, { "path": "args.list[\"0\"]", "op": "in", "value": [1, 2] } ], "on_deny": "no" } ] } } }""")]
    [InlineData("tools:\n  \"*\":\n    rules:\n      - name: x\n        conditions: [ { path: args.a, op: exists, value: false } ]\n", """{ "version": "1", "default": "allow", "all_tools": { "require": [ { "conditions": [ { "path": "args.a", "op": "exists", "value": false } ] } ] }, "tools": {} }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        rate_limit: 5/hour\n", """{ "version": "1", "default": "allow", "tools": { "a": { "limits": [ { "counter": "a_rate_hour", "window": "hour", "max": 5, "scope": "server" } ] } } }""")]
    [InlineData("tools:\n  \"*\":\n    rules:\n      - name: x\n        rate_limit: 60/minute\n", """{ "version": "1", "default": "allow", "all_tools": { "limits": [ { "counter": "all_rate_minute", "window": "minute", "max": 60, "scope": "server" } ] }, "tools": {} }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        conditions: [ { path: state.a.n, op: lt, value: 10 }, { path: args.b, op: eq, value: x } ]\n        state: { counter: n, window: day, increment: 3 }\n", """{ "version": "1", "default": "allow", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.b", "op": "eq", "value": "x" } ] } ], "limits": [ { "counter": "a_n", "window": "day", "max": 3, "scope": "server" } ] } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        conditions: [ { path: state.a.sum, op: lte, value: 500 } ]\n        state: { counter: sum, window: day, increment_from: args.amount }\n", """{ "version": "1", "default": "allow", "tools": { "a": { "limits": [ { "counter": "a_sum", "window": "day", "max": 500, "scope": "server", "amount": "args.amount" } ] } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        action: require_approval\n        conditions: [ { path: args.n, op: gt, value: 100 } ]\n        approval_timeout: 30m\n        on_deny: big\n", """{ "version": "1", "default": "allow", "tools": { "a": { "approve_if": [ { "conditions": [ { "path": "args.n", "op": "gt", "value": 100, "missing": "pass" } ], "reason": "big" } ], "approval": { "timeout": "30m" } } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        action: require_approval\n", """{ "version": "1", "default": "allow", "tools": { "a": { "approve_if": [ { "conditions": [] } ] } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - name: x\n        state: { counter: n, window: day }\n", """{ "version": "1", "default": "allow", "tools": { "a": {} } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - conditions: [ { path: state.a.n, op: lte, value: 10 } ]\n        state: { counter: n, window: minute }\n", """{ "version": "1", "default": "allow", "tools": { "a": { "limits": [ { "counter": "a_n", "window": "minute", "max": 10, "scope": "server" } ] } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - conditions: [ { path: state.a.n, op: lt, value: 10 } ]\n        state: { counter: n, window: hour }\n", """{ "version": "1", "default": "allow", "tools": { "a": { "limits": [ { "counter": "a_n", "window": "hour", "max": 9, "scope": "server" } ] } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - conditions: [ { path: state.a.n, op: lt, value: 0 } ]\n        state: { counter: n, window: hour }\n", """{ "version": "1", "default": "allow", "tools": { "a": { "limits": [ { "counter": "a_n", "window": "hour", "max": 0, "scope": "server" } ] } } }""")]
    [InlineData("tools:\n  \"*\":\n    rules:\n      - conditions: [ { path: state._global.n, op: lte, value: 4 } ]\n        state: { counter: n, window: day }\n", """{ "version": "1", "default": "allow", "all_tools": { "limits": [ { "counter": "all_n", "window": "day", "max": 4, "scope": "server" } ] }, "tools": {} }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - action: deny\n        conditions: [ { path: args.x, op: eq, value: 1 } ]\n", """{ "version": "1", "default": "allow", "tools": { "a": { "deny_if": [ { "conditions": [] } ] } } }""")]
    [InlineData("tools:\n  a:\n    rules:\n      - action: evaluate\n        conditions: [ { path: args.x, op: eq, value: 1 } ]\n      - rate_limit: 5/minute\n        action: evaluate\n      - rate_limit: \" 6 / day \"\n", """{ "version": "1", "default": "allow", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "eq", "value": 1 } ] } ], "limits": [ { "counter": "a_rate_minute", "window": "minute", "max": 5, "scope": "server" }, { "counter": "a_rate_day", "window": "day", "max": 6, "scope": "server" } ] } } }""")]
    public void Read_WhatHasACounterpart_IsCarriedOver(string members, string expected)
    {
        var import = Import("version: \"1\"\n" + members);

        Assert.Empty(import.Lost);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(import.Document!)), Encoding.UTF8.GetString(import.Document!));
        Assert.Empty(PolicyCompiler.Compile(import.Document).Diagnostics);
    }

    [Theory]
    [InlineData("      - name: x\n        spend_limit: $500/day\n", 6, "`spend_limit` of a rule has no counterpart")]
    [InlineData("      - name: x\n        action: alert\n", 6, "there is no action `alert`")]
    [InlineData("      - name: x\n        rate_limit: often\n", 6, "`often` is no `N/minute`, `N/hour` or `N/day`")]
    [InlineData("      - name: x\n        rate_limit: 5/second\n", 6, "`second` is no window; there are `minute`, `hour` and `day`")]
    [InlineData("      - rate_limit: 5/hour\n      - rate_limit: 6/hour\n", 6, "one call would meet this counter twice")]
    [InlineData("      - rate_limit: 5/hour\n        action: deny\n", 5, "`rate_limit` stood alone in a rule, without conditions, state and action")]
    [InlineData("      - conditions: [ { path: state.b.n, op: lt, value: 1 } ]\n", 5, "reads a counter of another rule, which no condition can here")]
    [InlineData("      - conditions: [ { path: state.a.n, op: gt, value: 1 } ]\n        state: { counter: n, window: day }\n", 5, "reads a counter in a way that no limit has here")]
    [InlineData("      - conditions: [ { path: args.x, op: like, value: 1 } ]\n", 5, "there is no operator `like`")]
    [InlineData("      - conditions: [ { path: env.HOME, op: eq, value: 1 } ]\n", 5, "`env.HOME` is no path to an argument")]
    [InlineData("      - conditions: [ { path: args.x, op: in, value: [1, a] } ]\n", 5, "its value is no scalar and no list of one type")]
    [InlineData("      - just text\n", 5, "is no rule")]
    public void Read_WhatHasNone_IsNamedWithItsLineAndRefusesTheTool(string rules, int line, string message)
    {
        var import = Import("version: \"1\"\ntools:\n  a:\n    rules:\n" + rules);

        Assert.Contains(import.Lost, found => found.Line == line && found.Message == message);
        var policy = PolicyCompiler.Compile(import.Document).Policy!;
        Assert.Equal(("/tools/a/deny_if/0", Effect.Allow), (policy.Decide("a").Rule, policy.Decide("b").Effect));
    }

    [Fact]
    public void Read_LossOfARuleOfAllTools_RefusesEveryTool()
    {
        var import = Import("version: \"1\"\ntools:\n  \"*\":\n    rules:\n      - conditions: [ { path: x, op: eq, value: 1 } ]\n  a: {}\n");

        Assert.Equal("every call is refused until this is written anew", Assert.Single(import.Lost).Suggestion);
        Assert.Equal(Effect.Deny, PolicyCompiler.Compile(import.Document).Policy!.Decide("a").Effect);
    }

    [Theory]
    [InlineData("version: \"2\"\n", "the document does not say `version: \"1\"`, the only version this reads")]
    [InlineData("version: \"1\"\napprovals: { dedupe_window: 5m, notify: { webhook: { url: x } } }\n", "who is told of approvals, and how long equal requests are one, is set up elsewhere here")]
    [InlineData("version: \"1\"\nmode: shadow\n", "`mode` has no place in a policy here")]
    [InlineData("version: \"1\"\ndefault: ask\n", "`ask` is neither `allow` nor `deny`; what is not named is denied")]
    [InlineData("version: \"1\"\nhide: drop\n", "`hide` is a list of names, or `*`; every tool is hidden until it is mended")]
    [InlineData("- a\n", "must be an object, not an array")]
    public void Read_MembersOfTheDocument_AreNamedWhenLost(string text, string message) =>
        Assert.Equal(message, Assert.Single(Import(text).Lost).Message);

    [Theory]
    [InlineData("  a:\n    limit: 5\n    rules: []\n", "`limit` beside `rules` is not known")]
    [InlineData("  a:\n    rules: none\n", "`rules` must be a list")]
    [InlineData("  a:\n    rules: [ deny ]\n", "is no rule")]
    [InlineData("  a:\n    rules: [ { rate_limit: 5/hour, conditions: [] } ]\n", "`rate_limit` stood alone in a rule, without conditions, state and action")]
    [InlineData("  a:\n    rules: [ { rate_limit: 5/hour, state: { counter: n, window: day } } ]\n", "`rate_limit` stood alone in a rule, without conditions, state and action")]
    [InlineData("  a:\n    rules: [ { rate_limit: 5/hour/2 } ]\n", "`5/hour/2` is no `N/minute`, `N/hour` or `N/day`")]
    [InlineData("  a:\n    rules: [ { rate_limit: -5/hour } ]\n", "`-5/hour` is no `N/minute`, `N/hour` or `N/day`")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 }, { path: state.a.n, op: lte, value: 5 } ], state: { counter: n, window: day } } ]\n", "this counter cannot be read as one limit")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: many } ], state: { counter: n, window: day } } ]\n", "this counter cannot be read as one limit")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 } ], state: { counter: n, window: day, increment: 0 } } ]\n", "this counter cannot be read as one limit")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 } ], state: { counter: n, window: day, increment: -1 } } ]\n", "this counter cannot be read as one limit")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 } ], state: { counter: n, window: day, increment: some } } ]\n", "this counter cannot be read as one limit")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a., op: lt, value: 9 } ], state: { window: day } } ]\n", "this counter cannot be read as one limit")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 } ], state: { counter: n, window: day, increment_from: env.X } } ]\n", "`env.X` is no path to an argument")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 } ], state: { counter: n } } ]\n", "`` is no window; there are `minute`, `hour` and `day`")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.b.n, op: lt, value: 9 }, { path: state.a.n, op: lt, value: 9 } ], state: { counter: n, window: day } } ]\n", "reads a counter in a way that no limit has here")]
    [InlineData("  a:\n    rules: [ { action: require_approval, approval_timeout: 10m }, { action: require_approval, approval_timeout: 20m } ]\n", "a tool has one time for all its approvals here; the first counts", false)]
    [InlineData("  \"*\":\n    rules: [ { action: require_approval, approval_timeout: 10m } ]\n", "how long an approval waits is said by each tool here, not for all", false)]
    [InlineData("  a:\n    rules: [ { action: require_approval, conditions: [ { path: args.x, op: like, value: 1 } ] } ]\n", "there is no operator `like`")]
    public void Read_RuleWithoutACounterpart_IsNamedAndRefused(string tools, string message, bool refuses = true)
    {
        var import = Import("version: \"1\"\ntools:\n" + tools);

        Assert.Equal([message], import.Lost.Select(lost => lost.Message));
        var compiled = PolicyCompiler.Compile(import.Document);
        Assert.Empty(compiled.Diagnostics);
        Assert.Equal(refuses ? Effect.Deny : Effect.Approve, compiled.Policy!.Decide("a").Effect);
    }

    [Theory]
    [InlineData("  a:\n    rules: [ { action: deny, conditions: [ { path: args.x, op: eq, value: 1 } ] } ]\n", "conditions beside `action: deny` were never read, and are left out")]
    [InlineData("  a:\n    rules: [ { action: deny, conditions: [] } ]\n", "")]
    [InlineData("  a:\n    rules: [ { state: { counter: n, window: day } } ]\n", "this counter was counted and never limited, so it is left out")]
    [InlineData("  a:\n    rules: [ { rate_limit: 5/hour } ]\n", "counts the calls of all grants together, as it did")]
    [InlineData("  a:\n    rules: [ { rate_limit: 5/hour, on_deny: slower } ]\n", "counts the calls of all grants together, as it did|a limit has no text of its own: the agent reads when to call again")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 } ], on_deny: slower, state: { counter: n, window: day } } ]\n", "counts the calls of all grants together, as it did|a limit has no text of its own: the agent reads when to call again")]
    [InlineData("  a:\n    rules: [ { conditions: [ { path: state.a.n, op: lt, value: 9 }, { path: args.x, op: lt, value: 9 } ], on_deny: slower, state: { counter: n, window: day } } ]\n", "counts the calls of all grants together, as it did")]
    public void Read_WhatIsCarriedOverInPart_IsNoted(string tools, string notes)
    {
        var import = Import("version: \"1\"\ntools:\n" + tools);

        Assert.Empty(import.Lost);
        Assert.Equal(notes, string.Join('|', import.Notes.Select(note => note.Message).Order(StringComparer.Ordinal).Reverse()));
    }

    [Theory]
    [InlineData("eq", "5")]
    [InlineData("neq", "true")]
    [InlineData("in", "[1, 2]")]
    [InlineData("not_in", "[\"a\"]")]
    [InlineData("lt", "5")]
    [InlineData("lte", "5")]
    [InlineData("gt", "5")]
    [InlineData("gte", "5")]
    [InlineData("regex", "\"^a$\"")]
    [InlineData("contains", "\"a\"")]
    [InlineData("exists", "true")]
    public void Read_Operator_IsTheSameHere(string op, string value)
    {
        var import = Import($"version: \"1\"\ntools:\n  a:\n    rules: [ {{ conditions: [ {{ path: args.x, op: {op}, value: {value} }} ] }}, {{ action: require_approval, conditions: [ {{ path: args.x, op: {op}, value: {value} }} ] }} ]\n");

        Assert.Empty(import.Lost);
        var entry = JsonNode.Parse(import.Document!)!["tools"]!["a"]!;
        Assert.Equal(op, (string?)entry["require"]![0]!["conditions"]![0]!["op"]);
        Assert.Null(entry["require"]![0]!["conditions"]![0]!["missing"]);
        Assert.Equal(op == "exists" ? null : "pass", (string?)entry["approve_if"]![0]!["conditions"]![0]!["missing"]);
    }

    [Theory]
    [InlineData("args.a", "args.a")]
    [InlineData("args.a_b-c.D9", "args.a_b-c.D9")]
    [InlineData("args._x", "args._x")]
    [InlineData("args.0", "args[\"0\"]")]
    [InlineData("args.-a", "args[\"-a\"]")]
    [InlineData("args.a b", "args[\"a b\"]")]
    [InlineData("args.a$", "args[\"a$\"]")]
    public void Read_Path_IsOneOfNames(string written, string path)
    {
        var import = Import($"version: \"1\"\ntools:\n  a:\n    rules: [ {{ conditions: [ {{ path: \"{written}\", op: eq, value: 1 }} ] }} ]\n");

        Assert.Equal(path, (string?)JsonNode.Parse(import.Document!)!["tools"]!["a"]!["require"]![0]!["conditions"]![0]!["path"]);
    }

    [Theory]
    [InlineData("{ path: args., op: eq, value: 1 }", "`args.` is no path to an argument")]
    [InlineData("{ path: args.a., op: eq, value: 1 }", "`args.a.` is no path to an argument")]
    [InlineData("{ path: args.a..b, op: eq, value: 1 }", "`args.a..b` is no path to an argument")]
    [InlineData("{ path: args, op: eq, value: 1 }", "`args` is no path to an argument")]
    [InlineData("{ path: args.a, op: eq, value: { a: 1 } }", "its value is no scalar and no list of one type")]
    [InlineData("{ path: args.a, op: in, value: [ { a: 1 } ] }", "its value is no scalar and no list of one type")]
    [InlineData("{ path: args.a, op: in, value: [ [ 1 ] ] }", "its value is no scalar and no list of one type")]
    [InlineData("{ path: args.a, op: in, value: [ null ] }", "its value is no scalar and no list of one type")]
    [InlineData("{ path: args.a, op: in, value: [ 1, a ] }", "its value is no scalar and no list of one type")]
    [InlineData("{ path: args.a, op: eq }", "is no condition")]
    [InlineData("{ path: args.a, value: 1 }", "is no condition")]
    [InlineData("{ op: eq, value: 1 }", "is no condition")]
    [InlineData("{ path: 5, op: eq, value: 1 }", "is no condition")]
    [InlineData("{ path: args.a, op: 5, value: 1 }", "is no condition")]
    [InlineData("5", "is no condition")]
    public void Read_ConditionWithoutACounterpart_SaysWhy(string condition, string message) =>
        Assert.Equal(message, Assert.Single(Import($"version: \"1\"\ntools:\n  a:\n    rules: [ {{ conditions: [ {condition} ] }} ]\n").Lost).Message);

    [Theory]
    [InlineData("eq", "\"true\"", true)]
    [InlineData("eq", "\"false\"", true)]
    [InlineData("neq", "\"1.5\"", true)]
    [InlineData("eq", "true", true)]
    [InlineData("in", "[ \"a\", \"5\" ]", true)]
    [InlineData("not_in", "[ \"5\", \"a\" ]", true)]
    [InlineData("in", "[ \"a\", \"b\" ]", false)]
    [InlineData("eq", "\"a\"", false)]
    [InlineData("eq", "5", false)]
    [InlineData("contains", "\"5\"", false)]
    public void Read_ValueThatPrintsAsAnother_IsNoted(string op, string value, bool noted) =>
        Assert.Equal(noted ? 1 : 0, Import($"version: \"1\"\ntools:\n  a:\n    rules: [ {{ conditions: [ {{ path: args.x, op: {op}, value: {value} }} ] }} ]\n").Notes.Length);

    [Theory]
    [InlineData("hide: [ drop, 5, \"\", \"*\" ]\n", "is no name of a tool|is no name of a tool", "[\"drop\",\"*\"]")]
    [InlineData("hide: [ \"a?b\\\\c\" ]\n", "", "[\"a\\\\?b\\\\\\\\c\"]")]
    [InlineData("tools: [ a ]\n", "`tools` must hold tools by name", null)]
    [InlineData("tools: null\n", "", null)]
    [InlineData("default: allow\n", "", null)]
    public void Read_NamesOfTheDocument_AreTakenAsNames(string members, string lost, string? hide)
    {
        var import = Import("version: \"1\"\n" + members);

        Assert.Equal(lost, string.Join('|', import.Lost.Select(found => found.Message)));
        Assert.Equal(hide, JsonNode.Parse(import.Document!)!["hide"]?.ToJsonString());
        Assert.Equal("allow", (string?)JsonNode.Parse(import.Document!)!["default"]);
    }

    [Theory]
    [InlineData("  a:\n    rules: [ deny ]\n", "calls of this tool are refused until this is written anew")]
    [InlineData("  \"*\":\n    rules: [ deny ]\n", "every call is refused until this is written anew")]
    public void Read_WhatIsLost_SaysWhatIsRefusedUntilThen(string tools, string suggestion) =>
        Assert.Equal(suggestion, Assert.Single(Import("version: \"1\"\ntools:\n" + tools).Lost).Suggestion);

    [Theory]
    [InlineData("a: [")]
    [InlineData("a: 1\na: 2\n")]
    [InlineData("\u0001")]
    [InlineData("")]
    public void Read_WhatIsNoYaml_HasNoDocument(string text)
    {
        var import = Import(text);

        Assert.Null(import.Document);
        Assert.NotEmpty(import.Lost);
    }

    [Fact]
    public void Read_ComparisonAsText_IsNoted()
    {
        var import = Import("version: \"1\"\ntools:\n  a:\n    rules:\n      - conditions: [ { path: args.x, op: eq, value: \"true\" } ]\n");

        Assert.Contains("only values of one type are equal", Assert.Single(import.Notes).Message, StringComparison.Ordinal);
    }

    private static PolicyImport Import(string text) => PolicyImport.Read(Encoding.UTF8.GetBytes(text), PolicySyntax.Yaml);
}
