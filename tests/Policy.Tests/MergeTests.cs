using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>What is recommended for some tools goes into a policy, and everything else stays.</summary>
public sealed class MergeTests
{
    private const string Policy = """
        { "version": "1", "description": "mine", "default": "deny", "hide": ["purge", "secret_*"],
          "tools": { "get_it": { "rate_limit": { "max": 1, "window": "day" } }, "set\\_it": {}, "other": { "action": "deny" } } }
        """;

    [Fact]
    public void Write_EntriesAndHidden_TakeThePlaceOfWhatTheToolsHad()
    {
        var merged = Merge(Policy, """{ "version": "1", "default": "deny", "hide": ["set_it", "gone"], "tools": { "get_it": {}, "purge": { "action": "require_approval" }, "fresh": {} } }""");

        Assert.Equal("""{"version":"1","description":"mine","default":"deny","hide":["secret_*","set_it","gone"],"tools":{"get_it":{},"other":{"action":"deny"},"purge":{"action":"require_approval"},"fresh":{}}}""", Compact(merged));
        Assert.NotNull(PolicyCompiler.Compile(merged).Policy);
    }

    [Fact]
    public void Write_TwiceTheSame_ChangesNothingTheSecondTime()
    {
        var recommended = """{ "version": "1", "default": "deny", "hide": ["gone", "set_it"], "tools": { "get_it": {}, "purge": {} } }""";
        var once = Merge(Policy, recommended);

        Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(Merge(Encoding.UTF8.GetString(once), recommended)));
        Assert.Equal(Encoding.UTF8.GetString(once), Encoding.UTF8.GetString(PolicyMerge.Laid(once)));
    }

    [Fact]
    public void Write_ToolHiddenByPattern_StaysHidden()
    {
        var merged = PolicyCompiler.Compile(Merge(Policy, """{ "version": "1", "default": "deny", "tools": { "secret_a": {} } }""")).Policy!;
        var all = PolicyCompiler.Compile(Merge("""{ "version": "1", "default": "deny", "hide": "*" }""", """{ "version": "1", "default": "deny", "hide": ["a"], "tools": { "b": {} } }""")).Policy!;

        Assert.Equal(Effect.Hide, merged.Explain("secret_a", null).Action);
        Assert.Equal((Effect.Hide, Effect.Hide), (all.Explain("a", null).Action, all.Explain("b", null).Action));
    }

    [Theory]
    [InlineData("""{ "version": "1", "default": "deny" }""", """{ "version": "1", "default": "deny", "tools": {} }""", """{"version":"1","default":"deny"}""")]
    [InlineData("""{ "version": "1", "default": "deny" }""", """{ "version": "1", "default": "deny", "hide": ["a"], "tools": {} }""", """{"version":"1","default":"deny","hide":["a"]}""")]
    [InlineData("""{ "version": "1", "default": "deny", "hide": ["a"] }""", """{ "version": "1", "default": "deny", "tools": { "a": {} } }""", """{"version":"1","default":"deny","tools":{"a":{}}}""")]
    [InlineData("""{ "version": "1", "default": "allow", "mode": "shadow", "tools": { "b*": { "action": "deny" } } }""", """{ "version": "1", "default": "deny", "tools": { "b1": {} } }""", """{"version":"1","default":"allow","mode":"shadow","tools":{"b*":{"action":"deny"},"b1":{}}}""")]
    public void Write_WhereMembersAreMissing_MakesWhatItNeeds(string policy, string recommended, string expected) => Assert.Equal(expected, Compact(Merge(policy, recommended)));

    private static byte[] Merge(string policy, string recommended) => PolicyMerge.Write(Encoding.UTF8.GetBytes(policy), Encoding.UTF8.GetBytes(recommended));

    private static string Compact(byte[] document) => JsonSerializer.Serialize(JsonElement.Parse(document));
}
