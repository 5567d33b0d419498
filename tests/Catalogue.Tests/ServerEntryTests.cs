using System.Text.Json;
using Xunit;

namespace Callgate.Catalogue.Tests;

/// <summary>Servers and lists of tools in the forms that lie around, and what is wrong with those that are none.</summary>
public sealed class ServerEntryTests
{
    private const string Latest = """{"io.modelcontextprotocol.registry/official":{"isLatest":true,"status":"active"}}""";

    [Fact]
    public void Read_LineOfAPack_TakesEverything()
    {
        var entry = Sound("""{"name":"n","title":"T","description":"D","version":"1","date":"2025-01-01","tools":[{"name":"a"},{"name":"b"}]}""");

        Assert.Equal(("n", "T", "D", "1", 2, false), (entry.Name, entry.Title, entry.Description, entry.Version, entry.Tools.Count, entry.IsDeleted));
        Assert.Null(entry.Manifest);
    }

    [Fact]
    public void Read_ServerJson_IsItsOwnManifest()
    {
        var entry = Sound("""{"name":"io.example/thing","description":"D","version":"1.0.0","packages":[]}""");

        Assert.Equal(("io.example/thing", "io.example/thing"), (entry.Name, entry.Title));
        Assert.Empty(entry.Tools);
        Assert.True(entry.Manifest!.Value.TryGetProperty("packages", out _));
    }

    [Fact]
    public void Read_ItemOfARegistry_TakesItsStanding()
    {
        Assert.False(Sound($$"""{"server":{"name":"n"},"_meta":{{Latest}}}""").IsDeleted);
        Assert.True(Sound($$"""{"server":{"name":"n"},"_meta":{{Latest.Replace("active", "deleted", StringComparison.Ordinal)}}}""").IsDeleted);
        Assert.Equal("n", Sound("""{"server":{"name":"n"}}""").Name);
        Assert.Null(ServerEntry.Read(JsonElement.Parse($$"""{"server":{"name":"n"},"_meta":{{Latest.Replace("true", "false", StringComparison.Ordinal)}}}"""), out var fault));
        Assert.Null(fault);
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a"}]}}""")]
    [InlineData("""{"tools":[{"name":"a"}],"nextCursor":"x"}""")]
    [InlineData("""[{"name":"a"}]""")]
    public void ReadTools_EachForm_IsTaken(string json)
    {
        var tools = ServerEntry.ReadTools(JsonElement.Parse(json), out var fault);

        Assert.Null(fault);
        Assert.Equal("a", Assert.Single(tools!).GetProperty("name").GetString());
    }

    [Theory]
    [InlineData("1", "a server is an object")]
    [InlineData("null", "a server is an object")]
    [InlineData("[]", "a server is an object")]
    [InlineData("{}", "`name` is missing")]
    [InlineData("""{"name":""}""", "`name` is missing")]
    [InlineData("""{"name":7}""", "`name` is missing")]
    [InlineData("""{"name":"a\u0000b"}""", "`name` is missing")]
    [InlineData("""{"name":"a\nb"}""", "`name` is missing")]
    [InlineData("""{"name":"\ud800"}""", "`name` is missing")]
    [InlineData("""{"server":1}""", "`name` is missing")]
    [InlineData("""{"server":{}}""", "`name` is missing")]
    [InlineData("""{"name":"n","tools":{}}""", "`tools` is an array")]
    [InlineData("""{"name":"n","tools":[1]}""", "tool 1 has no `name`")]
    [InlineData("""{"name":"n","tools":[{"name":"a"},{"name":""}]}""", "tool 2 has no `name`")]
    [InlineData("""{"name":"n","tools":[{"name":"a"},{"name":null}]}""", "tool 2 has no `name`")]
    [InlineData("""{"name":"n","tools":[{"name":"\udc00"}]}""", "tool 1 has no `name`")]
    [InlineData("""{"name":"n","tools":[{"name":"a"},{"name":"a"}]}""", "two tools have the name `a`")]
    public void Read_WhatIsNone_SaysWhy(string json, string why)
    {
        Assert.Null(ServerEntry.Read(JsonElement.Parse(json), out var fault));
        Assert.StartsWith(why, fault, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault!);
    }

    [Theory]
    [InlineData("7")]
    [InlineData("{}")]
    [InlineData("""{"result":null}""")]
    [InlineData("""{"result":{"tools":"x"}}""")]
    public void ReadTools_WhatIsNone_SaysWhy(string json)
    {
        Assert.Null(ServerEntry.ReadTools(JsonElement.Parse(json), out var fault));
        Assert.Equal("`tools` is an array", fault);
    }

    [Theory]
    [InlineData("""{"name":"n","title":7,"description":[],"version":null}""")]
    [InlineData("""{"name":"n","title":"","_meta":"x"}""")]
    [InlineData("""{"server":{"name":"n"},"_meta":{"io.modelcontextprotocol.registry/official":7}}""")]
    [InlineData("""{"server":{"name":"n"},"_meta":[]}""")]
    [InlineData("""{"name":"n","title":"\ud800"}""")]
    public void Read_MembersOfAnotherType_CountAsMissing(string json)
    {
        var entry = Sound(json);
        Assert.Equal(("n", "n", "", ""), (entry.Name, entry.Title, entry.Description, entry.Version));
    }

    [Fact]
    public void Read_TooManyTools_IsRefused()
    {
        string With(int count) => $$"""{"name":"n","tools":[{{string.Join(',', Enumerable.Range(0, count).Select(static number => $$"""{"name":"{{number}}"}"""))}}]}""";

        Assert.Equal(ServerEntry.MostTools, Sound(With(ServerEntry.MostTools)).Tools.Count);
        Assert.Null(ServerEntry.Read(JsonElement.Parse(With(ServerEntry.MostTools + 1)), out var fault));
        Assert.Equal("a server has at most 5000 tools", fault);
    }

    [Fact]
    public void Read_LongTexts_AreCutBetweenCharacters()
    {
        var face = string.Concat(Enumerable.Repeat("\U0001F600", 3_000));
        var entry = Sound(JsonSerializer.Serialize(new { name = new string('n', ServerEntry.LongestName), title = "x" + face, description = face, version = new string('1', 300) }));

        Assert.Equal((ServerEntry.LongestName, 255), (entry.Name.Length, entry.Version.Length));
        foreach (var (text, longest) in new[] { (entry.Title, ServerEntry.LongestName), (entry.Description, ServerEntry.LongestDescription) })
        {
            Assert.InRange(text.Length, longest - 1, longest);
            Assert.EndsWith("\U0001F600…", text, StringComparison.Ordinal);
        }

        Assert.Null(ServerEntry.Read(JsonElement.Parse(JsonSerializer.Serialize(new { name = new string('n', ServerEntry.LongestName + 1) })), out var fault));
        Assert.StartsWith("`name`", fault, StringComparison.Ordinal);
    }

    private static ServerEntry Sound(string json)
    {
        var entry = ServerEntry.Read(JsonElement.Parse(json), out var fault);
        Assert.Null(fault);
        return entry!;
    }
}
