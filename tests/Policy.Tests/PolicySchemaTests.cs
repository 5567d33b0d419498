using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>The description of the language for editors, held against documents that load and that do not.</summary>
public sealed class PolicySchemaTests
{
    private static readonly InputSchema Schema = InputSchema.Compile(JsonElement.Parse(PolicySchema.Text));

    [Fact]
    public void Schema_Itself_CanBeJudged() => Assert.Null(Schema.Fault);

    [Fact]
    public void Documents_ThatLoad_AreAllValid()
    {
        var valid = Documents().Where(document => PolicyCompiler.Compile(document).Policy is not null).ToList();

        Assert.True(valid.Count >= 15, $"{valid.Count} documents load");
        Assert.All(valid, document => Assert.True(Check(document) is null, $"{Check(document)}: {Encoding.UTF8.GetString(document)}"));
    }

    [Fact]
    public void GeneratedDocuments_ThatLoad_AreAllValid()
    {
        var valid = TraceTests.Generated(1_000).Where(document => Texts.Compile(document).Policy is not null).ToList();

        Assert.True(valid.Count > 300, $"{valid.Count} documents load");
        Assert.All(valid, document => Assert.True(Check(Encoding.UTF8.GetBytes(document)) is null, document));
    }

    /// <summary>What a schema cannot say, such as that two patterns overlap, is the compiler's alone.</summary>
    [Theory]
    [InlineData("""{ "default": "deny" }""")]
    [InlineData("""{ "version": 1, "default": "deny" }""")]
    [InlineData("""{ "version": "1", "default": "maybe" }""")]
    [InlineData("""{ "version": "1", "default": "deny", "hidden": [] }""")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": "all" }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "": {} } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "action": "block" } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "categories": { "Reading": {} } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ {} ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "arg.x", "op": "eq", "value": 1 } ] } ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "equals", "value": 1 } ] } ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "lt", "value": "1" } ] } ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "exists", "value": true, "missing": "pass" } ] } ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "in", "value": [null] } ] } ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "limits": [ { "counter": "c", "max": 1 } ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "limits": [ { "counter": "c", "concurrent": 1, "max": 1 } ] } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tools": { "a": { "rate_limit": { "max": 1, "window": "fortnight" } } } }""")]
    [InlineData("""{ "version": "1", "default": "deny", "tests": [ { "call": { "tool": "a" }, "expect": "maybe" } ] }""")]
    public void Documents_ThatAreBroken_AreSeenByBoth(string document)
    {
        var bytes = Encoding.UTF8.GetBytes(document);

        Assert.NotNull(Check(bytes));
        Assert.NotEmpty(PolicyCompiler.Compile(bytes).Diagnostics);
    }

    [Fact]
    public void SchemaMember_OfADocument_MeansNothing()
    {
        const string Document = """{ "$schema": "schemas/policy-1.json", "version": "1", "default": "deny" }""";

        Assert.Empty(Texts.Compile(Document).Warnings);
        Assert.Null(Check(Encoding.UTF8.GetBytes(Document)));
        Assert.NotEmpty(Texts.Compile("""{ "$schema": 1, "version": "1", "default": "deny" }""").Diagnostics);
    }

    private static string? Check(byte[] document) => Schema.Check(JsonElement.Parse(document))?.Text;

    /// <summary>Seeds, and every document of the cases, whatever is expected of it.</summary>
    private static IEnumerable<byte[]> Documents()
    {
        foreach (var path in Directory.EnumerateFiles(Texts.Path("."), "*.json", SearchOption.AllDirectories).Where(path => path.Contains("Cases", StringComparison.Ordinal) || path.Contains("Seeds", StringComparison.Ordinal)))
        {
            var file = JsonElement.Parse(File.ReadAllBytes(path));
            foreach (var document in In(file))
            {
                yield return document;
            }
        }
    }

    private static IEnumerable<byte[]> In(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("version", out _))
        {
            return [Encoding.UTF8.GetBytes(value.GetRawText())];
        }

        return value.ValueKind switch
        {
            JsonValueKind.Object => value.EnumerateObject().SelectMany(member => member.Name == "document" && member.Value.ValueKind == JsonValueKind.Array ? Lines(member.Value) : In(member.Value)),
            JsonValueKind.Array => value.EnumerateArray().SelectMany(In),
            _ => [],
        };
    }

    private static IEnumerable<byte[]> Lines(JsonElement lines) =>
        [Encoding.UTF8.GetBytes(string.Join('\n', lines.EnumerateArray().Select(line => line.ValueKind == JsonValueKind.String ? line.GetString() : line.GetRawText())))];
}
