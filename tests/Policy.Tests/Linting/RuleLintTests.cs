using Callgate.Policy.Linting;

namespace Callgate.Policy.Tests.Linting;

/// <summary>Rules and conditions that do not do what they look like.</summary>
public sealed class RuleLintTests
{
    private const string Always = "holds for every value";
    private const string Refuses = "can never hold, so every call is refused";
    private const string Idle = "can never hold, so this rule of `deny_if` does nothing";
    private const string Open = "is open at an end, so anything may stand around what it matches";

    [Theory]
    [InlineData("in", "[]", Refuses, Idle)]
    [InlineData("path_within", "[]", Refuses, Idle)]
    [InlineData("host_in", "[]", Refuses, Idle + "|a host has other names and addresses than the refused ones, and those pass")]
    [InlineData("not_in", "[]", Always, Always)]
    [InlineData("starts_with", "\"\"", Always, Always)]
    [InlineData("ends_with", "\"\"", Always, Always)]
    [InlineData("contains", "\"\"", Always, Always)]
    [InlineData("not_contains", "\"\"", Refuses, Idle)]
    [InlineData("glob", "\"*\"", Always, Always)]
    [InlineData("glob", "\"**\"", Always, Always)]
    [InlineData("glob", "\"*a\"", "", "")]
    [InlineData("glob", "\"a*\"", "", "")]
    [InlineData("glob", "\"?\"", "", "")]
    [InlineData("starts_with", "\"a\"", "", "")]
    [InlineData("ends_with", "\"a\"", "", "")]
    [InlineData("contains", "\"a\"", "", "")]
    [InlineData("not_contains", "\"a\"", "", "")]
    [InlineData("not_in", "[1]", "", "")]
    [InlineData("path_within", "[\"/\"]", "every absolute path is inside `/`", "every absolute path is inside `/`")]
    [InlineData("path_within", "[\"/a\", \"/./\"]", "every absolute path is inside `/`", "every absolute path is inside `/`")]
    [InlineData("path_within", "[\"/a\"]", "", "")]
    [InlineData("path_within", "[{ \"ref\": \"grant.attributes.x\" }]", "", "")]
    [InlineData("regex", "\"^a$\"", "", "")]
    [InlineData("regex", "\"a$\"", Open, "")]
    [InlineData("not_regex", "\"a$\"", "", Open)]
    [InlineData("host_in", "[\"a.test\"]", "", "a host has other names and addresses than the refused ones, and those pass")]
    public void Document_Condition_IsWarnedOfByTheListItStandsIn(string op, string value, string required, string denied)
    {
        Assert.Equal(required, Told(Warnings(One("require", op, value))));
        Assert.Equal(denied, Told(Warnings(One("deny_if", op, value))));
    }

    [Theory]
    [InlineData("regex", "\"a\"")]
    [InlineData("not_regex", "\"a\"")]
    [InlineData("host_in", "[\"a.test\"]")]
    [InlineData("path_within", "[\"/a\"]")]
    public void Document_ConditionThatOnlyAsksAPerson_OpensNothing(string op, string value)
    {
        var found = Texts.Compile(One("approve_if", op, value));

        Assert.Empty(found.Warnings);
        Assert.Empty(found.Notes);
    }

    [Theory]
    [InlineData("deny_if", "path_within", 1)]
    [InlineData("require", "path_within", 0)]
    [InlineData("deny_if", "in", 0)]
    public void Document_FoldersThatAreRefused_AreNoted(string list, string op, int notes) =>
        Assert.Equal(notes, Texts.Compile(One(list, op, "[\"/a\"]")).Notes.Count(note => note.Message == "a link can lead to a refused folder from outside of it"));

    [Theory]
    [InlineData("\"deny_if\": [ R, T ], \"require\": [ R ], \"limits\": [ L ]", "`/tools/a/deny_if/0` refuses every call before this is read", 3)]
    [InlineData("\"deny_if\": [ T, R ], \"require\": [ N ]", "`/tools/a/deny_if/1` refuses every call before this is read", 1)]
    [InlineData("\"require\": [ T, R ]", "a requirement without conditions always holds", 1)]
    [InlineData("\"require\": [ R ], \"approve_if\": [ T ]", "a requirement without conditions always holds", 1)]
    [InlineData("\"approve_if\": [ T, R, N ]", "`/tools/a/approve_if/1` asks a person about every call before this is read", 1)]
    [InlineData("\"approve_if\": [ T, N ]", "before this is read", 0)]
    [InlineData("\"require\": [ T ], \"approve_if\": [ N, R ]", "before this is read", 0)]
    public void Document_RuleWithoutConditions_LeavesNothingToWhatFollows(string members, string warning, int count)
    {
        const string Third = """{ "conditions": [ { "path": "args.x", "op": "eq", "value": 1 } ] }""";
        const string Other = """{ "conditions": [ { "path": "args.y", "op": "eq", "value": 1 } ] }""";
        var entry = members.Replace("N", Other, StringComparison.Ordinal).Replace("T", Third, StringComparison.Ordinal)
            .Replace("R", """{ "conditions": [] }""", StringComparison.Ordinal)
            .Replace("L", """{ "counter": "c", "window": "day", "max": 1 }""", StringComparison.Ordinal);
        var found = Warnings($$"""{ "version": "1", "default": "deny", "tools": { "a": { {{entry}} } } }""");

        Assert.Equal(count, found.Count(told => told.Contains(warning, StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("^a$", true)]
    [InlineData("(^a$)", true)]
    [InlineData("(?:^a$)", true)]
    [InlineData("((?:^a$|^b$))", true)]
    [InlineData("((((((((^a$))))))))", true)]
    [InlineData("^(a)|(b)$", false)]
    [InlineData("(^a$)|(b)", false)]
    [InlineData("(a)|(^b$)", false)]
    [InlineData("^(a|b)c$", true)]
    [InlineData("^((a|b)|c)$", true)]
    [InlineData("^\\(a|b$", false)]
    [InlineData("^\\)|b$", false)]
    [InlineData("^[(]a|b$", false)]
    [InlineData("^[|]$", true)]
    [InlineData("^[^|]$", true)]
    [InlineData("^[^]|]$", true)]
    [InlineData("^[]|]$", true)]
    [InlineData("^[\\]|]$", true)]
    [InlineData("^[a\\]|]$", true)]
    [InlineData("^[a]|b$", false)]
    [InlineData("^[^a]|b$", false)]
    [InlineData("^[a\\\\]|b$", false)]
    [InlineData("^a\\$", false)]
    [InlineData("^a\\\\$", true)]
    [InlineData("^a\\\\\\$", false)]
    [InlineData("\\Aa\\z", true)]
    [InlineData("\\Aa$", true)]
    [InlineData("^a\\z", true)]
    [InlineData("$", false)]
    [InlineData("^", false)]
    [InlineData("^$", true)]
    [InlineData("()", false)]
    [InlineData("(", false)]
    [InlineData("", false)]
    [InlineData("^a$|", false)]
    [InlineData("|^a$", false)]
    [InlineData("^a$|^b$|c", false)]
    [InlineData("^a$|^b$|^c$", true)]
    public void Anchors_OfEveryAlternative_MustStand(string pattern, bool hold) => Assert.Equal(hold, Anchors.Hold(pattern));

    private static string One(string list, string op, string value) =>
        $$"""{ "version": "1", "default": "deny", "tools": { "a": { "{{list}}": [ { "conditions": [ { "path": "args.x", "op": "{{op}}", "value": {{value}} } ] } ] } } }""";

    private static List<string> Warnings(string document)
    {
        var found = Texts.Compile(document);
        Assert.Empty(found.Diagnostics);
        return [.. found.Warnings.Select(warning => warning.Message)];
    }

    private static string Told(List<string> warnings) => warnings switch
    {
        [] => "",
        [var one] when one.StartsWith("the pattern `", StringComparison.Ordinal) && one.EndsWith(Open, StringComparison.Ordinal) => Open,
        _ => string.Join('|', warnings),
    };
}
