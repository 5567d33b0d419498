using System.Text;
using System.Text.Json;
using Callgate.Policy.Linting;

namespace Callgate.Policy.Tests;

/// <summary>What the linter finds in a document, alone and against the tools of a server.</summary>
public sealed class LintTests
{
    private const string Head = """{"version":"1","default":"deny",""";

    private static IReadOnlyList<OfferedTool> Tools { get; } = OfferedTool.ReadList(JsonElement.Parse("""
        { "jsonrpc": "2.0", "id": 1, "result": { "tools": [
          { "name": "list_runs", "category": "Read", "inputSchema": { "type": "object", "properties": { "job_id": { "type": "string" } } } },
          { "name": "retry_run", "inputSchema": { "type": "object", "properties": { "run_id": { "type": "string", "format": "uuid" }, "note": { "type": "string" } }, "required": ["run_id"] } },
          { "name": "cancel_run", "category": "Destructive", "inputSchema": { "type": "object", "properties": { "run_id": { "type": "integer" } }, "required": ["run_id"] } },
          { "name": "refund", "category": "Financial", "inputSchema": { "$ref": "#/$defs/in", "$defs": { "in": { "type": "object", "properties": { "amount": { "type": "number" }, "orderIds": { "type": "array", "items": { "type": "string" } } }, "required": ["amount"] } } } },
          { "name": "act", "category": "Write", "inputSchema": { "type": "object", "properties": { "action": { "type": "string" } } } }
        ] } }
        """))!;

    [Theory]
    [InlineData("""  "tools": { "a": { "deny_if": [ { "conditions": [] } ], "limits": [ { "counter": "c", "window": "day", "max": 1 } ] } } """, "`/tools/a/deny_if/0` refuses every call before this is read")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [] } ] } } """, "a requirement without conditions always holds")]
    [InlineData("""  "tools": { "a": { "approve_if": [ { "conditions": [] }, { "conditions": [ { "path": "args.x", "op": "eq", "value": 1 } ] } ] } } """, "`/tools/a/approve_if/0` asks a person about every call before this is read")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "in", "value": [] } ] } ] } } """, "can never hold, so every call is refused")]
    [InlineData("""  "tools": { "a": { "deny_if": [ { "conditions": [ { "path": "args.x", "op": "in", "value": [] } ] } ] } } """, "can never hold, so this rule of `deny_if` does nothing")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "not_in", "value": [] } ] } ] } } """, "holds for every value")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "gt", "value": 5 }, { "path": "args.x", "op": "lt", "value": 5.0 } ] } ] } } """, "can never hold, so every call is refused")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "eq", "value": "a" }, { "path": "args[\"x\"]", "op": "eq", "value": "b" } ] } ] } } """, "can never hold, so every call is refused")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "gt", "value": 5 }, { "path": "args.x", "op": "gt", "value": 5 } ] } ] } } """, "this rule has the same condition before")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "gt", "value": 5 } ] }, { "conditions": [ { "path": "args.x", "op": "gt", "value": 5 } ], "on_deny": "no" } ] } } """, "an earlier rule of this list asks the same")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "client.name", "op": "eq", "value": "x" } ] } ] } } """, "`client.name` is what the client calls itself, and nothing vouches for it")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "regex", "value": "^ab" } ] } ] } } """, "the pattern `^ab` is open at an end, so anything may stand around what it matches")]
    [InlineData("""  "tools": { "a": { "deny_if": [ { "conditions": [ { "path": "args.x", "op": "host_in", "value": ["example.com"] } ] } ] } } """, "a host has other names and addresses than the refused ones, and those pass")]
    [InlineData("""  "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "path_within", "value": ["/"] } ] } ] } } """, "every absolute path is inside `/`")]
    [InlineData("""  "tools": { "run_command": {} } """, "`run_command` is allowed whatever it is told to do, and its name says that it runs what it is told: `hide` and the other entries do not reach what it runs")]
    public void Document_Suspicious_HasThisOneWarning(string members, string warning)
    {
        var compilation = Texts.Compile(Head + members + "}");

        Assert.Empty(compilation.Diagnostics);
        Assert.Equal(warning, Assert.Single(compilation.Warnings).Message);
    }

    [Theory]
    [InlineData("""  "tools": { "a": { "action": "deny" } } """, "`a` is shown in the list of tools, and every call of it is refused")]
    [InlineData("""  "tools": { "a": { "rate_limit": { "max": 1, "window": "day" }, "limits": [ { "counter": "c", "window": "day", "max": 0 } ] } } """, "nothing fits a limit of 0, so every call that meets it is refused")]
    public void Document_WithAConsequence_HasANoteAndNoWarning(string members, string note)
    {
        var compilation = Texts.Compile(Head + members + "}");

        Assert.Empty(compilation.Warnings);
        Assert.Equal(note, Assert.Single(compilation.Notes).Message);
    }

    [Theory]
    [InlineData("^a$", true)]
    [InlineData("a", false)]
    [InlineData("^a|b$", false)]
    [InlineData("^a$|^b$", true)]
    [InlineData("^(a|b)$", true)]
    [InlineData("(^a$|^b$)", true)]
    [InlineData("(?:^a|b$)", false)]
    [InlineData("^a\\$", false)]
    [InlineData("^a\\\\$", true)]
    [InlineData("^[|$]$", true)]
    [InlineData("^[]|]x$", true)]
    [InlineData("(?i)^a$", true)]
    [InlineData("(?m)^a$", false)]
    [InlineData("\\Aa\\z", true)]
    public void Anchors_OfAPattern_AreSeen(string pattern, bool hold) => Assert.Equal(hold, Anchors.Hold(pattern));

    [Theory]
    [InlineData("""{ "path": "args.x", "op": "eq", "value": 1 }""", false)]
    [InlineData("""{ "path": "args.x", "op": "eq", "value": 1, "missing": "pass" }""", true)]
    [InlineData("""{ "path": "args.x", "op": "eq", "value": 1, "missing": "refuse" }""", true)]
    [InlineData("""{ "path": "args.x", "op": "exists", "value": true }""", true)]
    [InlineData("""{ "path": "grant.label", "op": "eq", "value": "a" }""", true)]
    public void DenyIfOfAllTools_OnAnArgument_HasToSayWhatItsAbsenceMeans(string condition, bool loads)
    {
        var compilation = Texts.Compile($$"""{{Head}} "all_tools": { "deny_if": [ { "conditions": [ {{condition}} ] } ] } }""");

        Assert.Equal(loads, compilation.Policy is not null);
        Assert.True(loads || compilation.Diagnostics.Single().Pointer == "/all_tools/deny_if/0/conditions/0");
    }

    [Fact]
    public void MissingRefuse_IsWhatHoldsWithoutIt()
    {
        var policy = Texts.Policy(Head + """ "all_tools": { "deny_if": [ { "conditions": [ { "path": "args.x", "op": "eq", "value": 1, "missing": "refuse" } ] } ] }, "tools": { "a": {} } }""");

        Assert.Equal(DecisionCodes.Unjudgeable, policy.Decide("a").Code);
    }

    [Theory]
    [InlineData("""  "tools": { "retry_runs": { } } """, "the server has no tool `retry_runs`", "did you mean `retry_run`?")]
    [InlineData("""  "hide": ["admin_*"] """, "no tool of the server matches `admin_*`", null)]
    [InlineData("""  "tools": { "list_*": {}, "list_runs": {} } """, "every tool that matches `list_*` is hidden or treated by another entry", "remove it, or the entries that come before it")]
    [InlineData("""  "tools": { "list_runs": { "deny_if": [ { "conditions": [ { "path": "args.job_id", "op": "eq", "value": "x" } ] } ] } } """, "`args.job_id` is optional on `list_runs`, and a call that leaves it out is refused as one that cannot be judged", "add `\"missing\": \"pass\"` to let it go on, or `\"missing\": \"refuse\"` to say that this is meant")]
    [InlineData("""  "tools": { "cancel_run": { "require": [ { "conditions": [ { "path": "args.runid", "op": "gt", "value": 0 } ] } ] } } """, "`cancel_run` has no argument `args.runid`", "did you mean `run_id`?")]
    [InlineData("""  "tools": { "act": { } } """, "`act` is allowed whatever it is told to do, and its argument `action` says in free text what to do: `hide` and the other entries do not reach what it runs", "require what it may be told, by `in` or an anchored `regex`, or let a person approve it")]
    [InlineData("""  "tools": { "cancel_run": { "limits": [ { "counter": "c", "window": "day", "max": 5, "per": "args.job" } ] } } """, "`args.job` need not be there on `cancel_run`, and a call without it is refused", "count by something every call has, or put the limit into the entries that need it")]
    [InlineData("""  "tools": { "retry_run": { } } """, "`run_id` of `retry_run` takes any text: where the server puts it into an address, `ID/other?` in it asks for another action", """add to `require`: {"conditions":[{"path":"args.run_id","op":"regex","value":"^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"}],"on_deny":"run_id must be a plain identifier."}""")]
    [InlineData("""  "tools": { "refund": { "action": "require_approval" } } """, "`orderIds` of `refund` takes any text: where the server puts it into an address, `ID/other?` in it asks for another action", """add to `require`: {"conditions":[{"path":"args.orderIds[*]","op":"regex","value":"^[A-Za-z0-9_-]{1,128}$","missing":"pass"}],"on_deny":"orderIds must be a plain identifier."}""")]
    public void Tools_OfTheServer_ShowThisOneWarning(string members, string warning, string? suggestion)
    {
        var found = Assert.Single(Compile(Head + members + "}").Warnings);

        Assert.Equal((warning, suggestion), (found.Message, found.Suggestion));
    }

    [Theory]
    [InlineData("""  "tools": { "retry_run": { "require": [ { "conditions": [ { "path": "args.run_id", "op": "regex", "value": "^[a-f0-9-]{36}$" } ] } ] } } """)]
    [InlineData("""  "all_tools": { "deny_if": [ { "conditions": [ { "path": "args.run_id", "op": "not_regex", "value": "^[a-f0-9-]{36}$", "missing": "pass" } ] } ] }, "tools": { "retry_run": { } } """)]
    [InlineData("""  "tools": { "list_runs": { }, "cancel_run": { "action": "require_approval" } } """)]
    [InlineData("""  "tools": { "act": { "require": [ { "conditions": [ { "path": "args.action", "op": "in", "value": ["start", "stop"] } ] } ] } } """)]
    public void Tools_TreatedWithCare_ShowNothing(string members) => Assert.Empty(Compile(Head + members + "}").Warnings);

    [Fact]
    public void DefaultAllow_OfDestructiveTools_IsWarnedOf()
    {
        var warnings = Compile("""{"version":"1","default":"allow"}""").Warnings.Select(found => found.Message).ToList();

        Assert.Contains("`cancel_run` (Destructive) is allowed only because nothing names it", warnings);
        Assert.DoesNotContain(warnings, warning => warning.Contains("list_runs", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""[ { "name": "a" } ]""", 1)]
    [InlineData("""{ "tools": [ { "name": "a", "state": "reviewed", "category": "Read", "definition": { "name": "a", "inputSchema": {} } }, { "name": "a" } ] }""", 1)]
    [InlineData("""{ "tools": [ 1 ] }""", -1)]
    [InlineData("""{ "tools": [ { "title": "no name" } ] }""", -1)]
    [InlineData("7", -1)]
    public void ReadList_EveryForm_IsReadOrRefused(string list, int count) =>
        Assert.Equal(count, OfferedTool.ReadList(JsonElement.Parse(list))?.Count ?? -1);

    [Theory]
    [InlineData("""{ "jsonrpc": "2.0", "result": { "tools": [ { "name": "a", "inputSchema": { "type": "object" } } ] } }""", "a - object ok")]
    [InlineData("""{ "tools": [ { "name": "a", "category": "Write" }, { "name": "b", "category": "Odd" }, { "name": "c", "category": 5 } ] }""", "a Write - ok, b - - ok, c - - ok")]
    [InlineData("""[ { "name": "a", "state": "waiting" }, { "name": "b", "state": "drifted" }, { "name": "c", "state": 5 } ]""", "b - - ok, c - - ok")]
    [InlineData("""[ { "name": "shown", "category": "Read", "definition": { "name": "a", "inputSchema": { "type": "none" } } } ]""", "a Read none bad")]
    [InlineData("""[ { "name": "a", "definition": 5 } ]""", "a - - ok")]
    [InlineData("""[ { "name": "a", "inputSchema": 5 } ]""", "a - - bad")]
    public void ReadList_Tool_KeepsWhatIsSaidOfIt(string list, string told) => Assert.Equal(told, string.Join(", ", OfferedTool.ReadList(JsonElement.Parse(list))!.Select(tool =>
        $"{tool.Name} {tool.Category?.ToString() ?? "-"} {(tool.InputSchema.ValueKind == JsonValueKind.Object ? tool.InputSchema.GetProperty("type").GetString() : "-")} {(tool.SchemaFault is null ? "ok" : "bad")}")));

    [Fact]
    public void Recommendation_WithoutTools_DeniesAll()
    {
        Assert.Equal("{\n  \"version\": \"1\",\n  \"default\": \"deny\",\n  \"tools\": {}\n}\n", Encoding.UTF8.GetString(PolicyRecommendation.Write([])));
        Assert.Equal("mine", JsonElement.Parse(PolicyRecommendation.Write([], "mine")).Text("description"));
        Assert.Null(JsonElement.Parse(PolicyRecommendation.Write([])).Text("description"));
    }

    [Fact]
    public void Recommendation_ForEachKindOfTool_SaysWhyAndWhatItTakes()
    {
        var whole = JsonElement.Parse(PolicyRecommendation.Write(OfferedTool.ReadList(JsonElement.Parse("""
            [ { "name": "r", "category": "Read", "inputSchema": { "properties": { "id": {} } } },
              { "name": "w", "category": "Write", "inputSchema": { "properties": { "id": {} }, "required": ["id"] } },
              { "name": "o", "category": "Write", "inputSchema": { "properties": { "id": {} } } },
              { "name": "d", "category": "Destructive" }, { "name": "f", "category": "Financial" }, { "name": "n" }, { "name": "", "category": "Read" },
              { "name": "x", "category": "Execute", "inputSchema": { "properties": { "command": { "type": "string" } } } },
              { "name": "b", "category": "Read", "inputSchema": { "type": "none" } }, { "name": "a*?\\", "category": "Read" }, { "name": "e*", "category": "Destructive" }, { "name": "t", "category": "Other" } ]
            """))!));
        var document = whole.GetProperty("tools");

        Assert.Equal(["d", "e\\*"], whole.GetProperty("hide").EnumerateArray().Select(static name => name.GetString()));
        Assert.Equal(["a\\*\\?\\\\", "b", "f", "n", "o", "r", "t", "w", "x"], document.EnumerateObject().Select(tool => tool.Name));
        Assert.Equal("{}", document.GetProperty("r").GetRawText());
        Assert.Equal(
            """{"rate_limit":{"max":30,"window":"minute"},"require":[{"conditions":[{"path":"args.id","op":"regex","value":"^[A-Za-z0-9_-]{1,128}$"}],"on_deny":"id must be a plain identifier."}]}""",
            JsonSerializer.Serialize(document.GetProperty("w")));
        Assert.Equal(("""{"rate_limit":{"max":60,"window":"minute"}}""", 10), (JsonSerializer.Serialize(document.GetProperty("t")), document.GetProperty("x").GetProperty("rate_limit").GetProperty("max").GetInt32()));
        Assert.Equal("pass", document.GetProperty("o").GetProperty("require")[0].GetProperty("conditions")[0].Text("missing"));
        Assert.Equal(
            ["deny The arguments of this tool cannot be checked; ask the operator.", "require_approval It moves money.",
             "require_approval It is not classified: what it does is not known.", "require_approval It runs what it is told."],
            new[] { "b", "f", "n", "x" }.Select(name => $"{document.GetProperty(name).Text("action")} {document.GetProperty(name).Text("reason")}"));
    }

    [Fact]
    public void Examples_OfTheDocumentation_HaveNoWarning()
    {
        var documents = File.ReadAllText(Texts.Path("docs/policy-tools.md")).Split("```json\n").Skip(1).Select(part => part[..part.IndexOf("```", StringComparison.Ordinal)]).ToList();

        Assert.Equal(2, documents.Count);
        Assert.All(documents, document => Assert.Empty(Compile(document.Replace("cancel_run", "act", StringComparison.Ordinal)).Warnings));
    }

    [Fact]
    public void Recommendation_ForAnyTools_CompilesAndLintsClean()
    {
        var odd = Tools.Append(new OfferedTool("a*b?\\", ToolCategory.Write, JsonElement.Parse("""{ "properties": { "my id": { "type": ["string", "null"] }, "x\"ids": { "items": {} } } }""")))
            .Append(new OfferedTool("broken", ToolCategory.Read, default) { Schema = InputSchema.Compile(JsonElement.Parse("7")) })
            .Append(new OfferedTool("run", ToolCategory.Execute, default))
            .ToList();

        var document = PolicyRecommendation.Write(odd, "a start");
        var compilation = PolicyCompiler.Compile(document, null, odd);
        var alone = PolicyCompiler.Compile(document);

        Assert.Empty(compilation.Diagnostics);
        Assert.Empty(compilation.Warnings);
        Assert.Empty(alone.Warnings);
        Assert.Equal(
            "a*b?\\ Allow,act Approve,broken Deny,cancel_run Hide,list_runs Allow,refund Approve,retry_run Approve,run Approve",
            string.Join(',', odd.Select(tool => $"{tool.Name} {Settled(compilation.Policy!, tool)}").Order(StringComparer.Ordinal)));
    }

    private static Effect Settled(CompiledPolicy policy, OfferedTool tool) => policy.Decide(new CallFacts(tool.Name, ToolStanding.Reviewed)
    {
        Category = tool.Category,
        Arguments = JsonElement.Parse("""{ "run_id": "00000000-0000-0000-0000-000000000000" }"""),
    }).Effect;

    private static PolicyCompilation Compile(string document)
    {
        var compilation = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(document), null, Tools);
        Assert.Empty(compilation.Diagnostics);
        return compilation;
    }
}
