using System.Text;
using System.Text.Json;
using Callgate.Policy.Linting;

namespace Callgate.Policy.Tests.Linting;

/// <summary>Which arguments name a thing, and what rule closes them.</summary>
public sealed class IdentifierLintTests
{
    private const string Uuid = "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$";
    private const string Plain = "^[A-Za-z0-9_-]{1,128}$";
    private const string Title = "^[A-Za-z0-9_-][A-Za-z0-9 ._-]{0,127}$";

    [Theory]
    [InlineData("id", Plain)]
    [InlineData("uuid", Uuid)]
    [InlineData("guid", Uuid)]
    [InlineData("name", Title)]
    [InlineData("slug", Plain)]
    [InlineData("key", Plain)]
    [InlineData("ref", Title)]
    [InlineData("identifier", Plain)]
    [InlineData("handle", Plain)]
    [InlineData("sha", Plain)]
    [InlineData("arn", Plain)]
    [InlineData("urn", Plain)]
    [InlineData("branch", Title)]
    [InlineData("tag", Title)]
    [InlineData("run_id", Plain)]
    [InlineData("run-id", Plain)]
    [InlineData("runId", Plain)]
    [InlineData("runID", Plain)]
    [InlineData("RUN_ID", Plain)]
    [InlineData("runUuid", Uuid)]
    [InlineData("_name", Title)]
    [InlineData("run_ids", Plain)]
    [InlineData("tags", Title)]
    [InlineData("valid", null)]
    [InlineData("idle", null)]
    [InlineData("note", null)]
    [InlineData("id2", null)]
    [InlineData("ids_note", null)]
    [InlineData("s", null)]
    [InlineData("", null)]
    public void Of_ArgumentByItsName_IsAnIdentifierOrNot(string name, string? pattern)
    {
        var found = Of($$"""{ "properties": { "{{name}}": { "type": "string" } } }""");

        Assert.Equal(pattern is null ? [] : [$"args.{name} {pattern} pass"], found);
    }

    [Theory]
    [InlineData("""{ "type": "string", "format": "uuid" }""", Uuid)]
    [InlineData("""{ "type": "string", "format": "UUID" }""", Uuid)]
    [InlineData("""{ "type": "string", "description": "the UUID of the run" }""", Uuid)]
    [InlineData("""{ "type": "string", "description": "the run" }""", Plain)]
    [InlineData("""{ "type": "string", "description": 5 }""", Plain)]
    [InlineData("""{ "type": "string", "title": "uuid" }""", Plain)]
    [InlineData("true", Plain)]
    public void Of_ArgumentThatSaysItIsAUuid_IsOne(string schema, string pattern) =>
        Assert.Equal([$"args.id {pattern} pass"], Of($$"""{ "properties": { "id": {{schema}} } }"""));

    [Theory]
    [InlineData("""{ "properties": { "id": { "type": "string" } }, "required": ["id"] }""", "args.id " + Plain + " -")]
    [InlineData("""{ "properties": { "ids": { "items": { "type": "string" } } } }""", "args.ids[*] " + Plain + " pass")]
    [InlineData("""{ "properties": { "ids": { "items": true } } }""", "args.ids[*] " + Plain + " pass")]
    [InlineData("""{ "properties": { "my id": {} } }""", "args[\"my id\"] " + Plain + " pass")]
    [InlineData("""{ "properties": { "9_id": {} } }""", "args[\"9_id\"] " + Plain + " pass")]
    [InlineData("""{ "properties": { "a\"id": {} } }""", "args[\"a\\\"id\"] " + Plain + " pass")]
    [InlineData("""{ "properties": { "id": { "type": "integer" } } }""", "")]
    [InlineData("""{ "properties": { "id": { "enum": ["a"] } } }""", "")]
    [InlineData("""{ "properties": { "id": { "type": "string", "pattern": "^a$" } } }""", "")]
    public void Of_Argument_IsToldAsAConditionReadsIt(string schema, string told) => Assert.Equal(told, string.Join(", ", Of(schema)));

    [Fact]
    public void Of_SchemaThatIsNotChecked_NarrowsNothing()
    {
        var tool = new OfferedTool("a", null, JsonElement.Parse("""{ "properties": { "id": { "type": "string", "pattern": "^a$" }, "key": { "type": "integer" }, "ref": { "pattern": "^a$" } } }"""));

        Assert.Empty(IdentifierLint.Of(tool, schemaIsChecked: true));
        Assert.Equal(["args.id"], IdentifierLint.Of(tool, schemaIsChecked: false).Select(loose => loose.Path));
    }

    [Theory]
    [InlineData("", 1)]
    [InlineData("\"validation\": \"off\"", 1)]
    [InlineData("\"require\": [ { \"conditions\": [ { \"path\": \"args.id\", \"op\": \"regex\", \"value\": \"^a$\" } ] } ]", 0)]
    [InlineData("\"require\": [ { \"conditions\": [ { \"path\": \"args.n\", \"op\": \"gt\", \"value\": 1 }, { \"path\": \"args.id\", \"op\": \"in\", \"value\": [\"a\"] } ] } ]", 0)]
    [InlineData("\"require\": [ { \"conditions\": [ { \"path\": \"args.n\", \"op\": \"regex\", \"value\": \"^a$\" } ] } ]", 1)]
    [InlineData("\"require\": [ { \"conditions\": [ { \"path\": \"args.id\", \"op\": \"exists\", \"value\": true } ] } ]", 1)]
    [InlineData("\"deny_if\": [ { \"conditions\": [ { \"path\": \"args.id\", \"op\": \"not_regex\", \"value\": \"^a$\" } ] } ]", 0)]
    [InlineData("\"deny_if\": [ { \"conditions\": [ { \"path\": \"args.id\", \"op\": \"not_regex\", \"value\": \"^a$\" }, { \"path\": \"args.n\", \"op\": \"gt\", \"value\": 1 } ] } ]", 1)]
    [InlineData("\"approve_if\": [ { \"conditions\": [ { \"path\": \"args.id\", \"op\": \"not_regex\", \"value\": \"^a$\" } ] } ]", 1)]
    public void Run_RuleOnTheArgument_ClosesItWhereEveryCallIsJudgedByIt(string members, int warnings)
    {
        var found = Warnings($$"""{ "version": "1", "default": "deny", "tools": { "write_it": { {{members}} } } }""", """[ { "name": "write_it", "category": "Write", "inputSchema": { "properties": { "id": { "type": "string" }, "n": { "type": "integer" } }, "required": ["id", "n"] } } ]""");

        Assert.Equal(warnings, found.Count(warning => warning.StartsWith("`id` of `write_it` takes any text", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("require", "eq", "\"a\"", true)]
    [InlineData("require", "in", "[\"a\"]", true)]
    [InlineData("require", "glob", "\"a\"", true)]
    [InlineData("require", "regex", "\"^a$\"", true)]
    [InlineData("require", "path_within", "[\"/a\"]", true)]
    [InlineData("require", "host_in", "[\"a.test\"]", true)]
    [InlineData("require", "neq", "\"a\"", false)]
    [InlineData("require", "not_in", "[\"a\"]", false)]
    [InlineData("require", "not_regex", "\"^a$\"", false)]
    [InlineData("require", "starts_with", "\"a\"", false)]
    [InlineData("require", "length_lte", "5", false)]
    [InlineData("deny_if", "neq", "\"a\"", true)]
    [InlineData("deny_if", "not_in", "[\"a\"]", true)]
    [InlineData("deny_if", "not_regex", "\"^a$\"", true)]
    [InlineData("deny_if", "eq", "\"a\"", false)]
    [InlineData("deny_if", "in", "[\"a\"]", false)]
    [InlineData("deny_if", "regex", "\"^a$\"", false)]
    public void Run_Operator_ClosesTheArgumentWhereItLeavesNothingElse(string list, string op, string value, bool closes)
    {
        var found = Warnings(
            $$"""{ "version": "1", "default": "deny", "tools": { "w": { "{{list}}": [ { "conditions": [ { "path": "args.id", "op": "{{op}}", "value": {{value}} } ] } ] } } }""",
            """[ { "name": "w", "category": "Write", "inputSchema": { "properties": { "id": { "type": "string" } }, "required": ["id"] } } ]""");

        Assert.Equal(closes ? 0 : 1, found.Count(warning => warning.StartsWith("`id` of `w` takes any text", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("Write", 1)]
    [InlineData("Read", 0)]
    public void Run_ToolThatOnlyReads_IsLeftAlone(string category, int warnings) => Assert.Equal(
        warnings,
        Warnings("""{ "version": "1", "default": "deny", "tools": { "it": {} } }""", $$"""[ { "name": "it", "category": "{{category}}", "inputSchema": { "properties": { "id": {} } } } ]""").Count);

    [Theory]
    // One rule stands for all tools of the entry, so it takes what suits each of them.
    [InlineData("""{ "id": { "format": "uuid" } }""", """{ "id": { "format": "uuid" } }""", Uuid)]
    [InlineData("""{ "id": { "format": "uuid" } }""", """{ "id": {} }""", Plain)]
    public void Run_SeveralToolsOfOneEntry_ShareARule(string one, string other, string pattern)
    {
        var tools = OfferedTool.ReadList(JsonElement.Parse($$"""
            [ { "name": "set_a", "category": "Write", "inputSchema": { "properties": {{one}}, "required": ["id"] } },
              { "name": "set_b", "category": "Write", "inputSchema": { "properties": {{other}}, "required": ["id"] } } ]
            """));
        var found = PolicyCompiler.Compile("""{ "version": "1", "default": "deny", "tools": { "set_*": {} } }"""u8.ToArray(), null, tools);

        var warning = Assert.Single(found.Warnings);
        Assert.Contains("`set_a`", warning.Message, StringComparison.Ordinal);
        Assert.Contains("`set_b`", warning.Message, StringComparison.Ordinal);
        Assert.Equal($$"""add to `require`: {"conditions":[{"path":"args.id","op":"regex","value":"{{pattern}}","missing":"pass"}],"on_deny":"id must be a plain identifier."}""", warning.Suggestion);
    }

    private static List<string> Of(string schema) =>
    [
        .. IdentifierLint.Of(new OfferedTool("a", null, JsonElement.Parse(schema)), schemaIsChecked: true)
            .Select(loose => $"{loose.Path} {loose.Pattern} {loose.ToRule().Conditions[0].Missing ?? "-"}"),
    ];

    private static List<string> Warnings(string document, string tools)
    {
        var found = PolicyCompiler.Compile(Encoding.UTF8.GetBytes(document), null, OfferedTool.ReadList(JsonElement.Parse(tools)));
        Assert.Empty(found.Diagnostics);
        return [.. found.Warnings.Select(warning => warning.Message)];
    }
}
