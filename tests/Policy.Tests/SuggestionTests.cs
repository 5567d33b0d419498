namespace Callgate.Policy.Tests;

/// <summary>What is written in another language's words, or with a slip, is answered with the word of this one.</summary>
public sealed class SuggestionTests
{
    [Theory]
    [InlineData("==", "eq")]
    [InlineData("equals", "eq")]
    [InlineData("!=", "neq")]
    [InlineData("not_equals", "neq")]
    [InlineData("ne", "neq")]
    [InlineData("<", "lt")]
    [InlineData("<=", "lte")]
    [InlineData("le", "lte")]
    [InlineData(">", "gt")]
    [InlineData(">=", "gte")]
    [InlineData("ge", "gte")]
    [InlineData("matches", "regex")]
    [InlineData("match", "regex")]
    [InlineData("prefix", "starts_with")]
    [InlineData("suffix", "ends_with")]
    [InlineData("includes", "contains")]
    [InlineData("max_length", "length_lte")]
    [InlineData("within", "path_within")]
    [InlineData("contain", "contains")]
    [InlineData("not-in", "not_in")]
    [InlineData("hostin", "host_in")]
    [InlineData("exist", "exists")]
    public void Compile_OperatorOfAnotherLanguage_IsAnsweredWithOurs(string written, string ours)
    {
        var found = Texts.Compile($$"""{ "version": "1", "default": "deny", "tools": { "a": { "require": [ { "conditions": [ { "path": "args.x", "op": "{{written}}", "value": 1 } ] } ] } } }""");

        Assert.Contains($"`{ours}`", Assert.Single(found.Diagnostics).Suggestion, StringComparison.Ordinal);
    }
}
