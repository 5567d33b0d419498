using System.Text.Json;
using Xunit;

namespace Callgate.Catalogue.Tests;

/// <summary>Definitions that mean harm: no exception, bounded work, the same answer twice.</summary>
public sealed class HostileDefinitionTests
{
    private const long MostAllocated = 3_000_000;

    public static TheoryData<string> Odd => new()
    {
        "null", "true", "17", "\"delete_file\"", "[]", "[{\"name\":\"x\"}]", "{}", "{\"name\":null}", "{\"name\":17,\"description\":{}}", "{\"name\":\"\"}",
        """{"name":"\ud800","description":"\udfff\ud800x"}""",
        """{"name":"x","description":"\u0000\u0007\u001b[31mred"}""",
        """{"name":"x","inputSchema":null}""", """{"name":"x","inputSchema":true}""", """{"name":"x","inputSchema":[]}""",
        """{"name":"x","inputSchema":{"properties":[1,2]}}""", """{"name":"x","inputSchema":{"properties":{"a":7,"b":null,"c":[],"d":"s"}}}""",
        """{"name":"x","inputSchema":{"type":["string",7,null,{}],"properties":{"a":{"type":{},"enum":{},"anyOf":7,"$ref":9}}}}""",
        """{"name":"x","inputSchema":{"$ref":"https://203.0.113.9/schema.json"}}""",
        """{"name":"x","inputSchema":{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/a"}}}}""",
        """{"name":"x","inputSchema":{"$ref":"#","properties":{"a":{"$ref":"#"}}}}""",
        """{"name":"x","inputSchema":{"properties":{"a":{"$ref":"#/$defs/n"}},"$defs":{"n":{"properties":{"l":{"$ref":"#/$defs/n"},"r":{"$ref":"#/$defs/n"}}}}}}""",
        """{"name":"<script>alert(1)</script>","description":"<img src=x onerror=alert(1)>","title":"\"><b>","inputSchema":{"properties":{"<i>":{"description":"<s>"}}}}""",
        """{"name":"x","annotations":{"readOnlyHint":{},"destructiveHint":[],"title":{}}}""",
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public void Classify_OddDefinition_AnswersTheSameTwice(string json)
    {
        var once = Tools.Text(Tools.Rules.Classify(JsonElement.Parse(json), "a server"));

        Assert.Equal(once, Tools.Text(Tools.Rules.Classify(JsonElement.Parse(json), "a server")));
    }

    [Fact]
    public void Classify_DuplicateMembers_TheLastCountsAsInMostReaders() =>
        Assert.Equal(RiskCategory.Destructive, Tools.Rules.Classify(JsonElement.Parse("""{"name":"get_file","name":"delete_file"}""")).Category);

    [Fact]
    public void Classify_BytesThatAreNoUtf8_AreReplaced()
    {
        byte[] json = [.. "{\"name\":\"delete_"u8, 0xFF, 0xC0, .. "\"}"u8];
        JsonElement definition;
        try
        {
            definition = JsonElement.Parse(json);
        }
        catch (JsonException)
        {
            return; // a reader that refuses them is as good
        }

        Assert.Equal(RiskCategory.Destructive, Tools.Rules.Classify(definition).Category);
    }

    [Theory]
    [InlineData(10_000)]
    [InlineData(1_000_000)]
    public void Classify_ALongName_IsReadToABound(int length)
    {
        var found = Tools.Of("delete_" + new string('a', length));

        Assert.Equal(RiskCategory.Destructive, found.Category);
        Assert.Contains(found.Evidence, static one => one.Place == "name:0-160" && one.Says.Contains("only so much", StringComparison.Ordinal));
    }

    [Fact]
    public void Classify_ALongDescription_IsReadToABoundThatTheEvidenceNames()
    {
        var found = Tools.Of("helper", "Lists files. " + new string('x', 3_000) + ". Deletes everything.");

        Assert.Equal(RiskCategory.Read, found.Category);
        Assert.Contains(found.Evidence, static one => one.Place == "description:0-2048");
    }

    [Fact]
    public void Classify_HugeSchemas_AllocateWithinABound()
    {
        string[] schemas =
        [
            "{\"properties\":{" + string.Join(',', Enumerable.Range(0, 12_000).Select(static i => $"\"property_number_{i}\":{{\"type\":\"string\",\"description\":\"d\"}}")) + "}}",
            "{\"properties\":{\"a\":{\"enum\":[" + string.Join(',', Enumerable.Range(0, 40_000).Select(static i => $"\"choice_{i}\"")) + "]}}}",
            "{\"anyOf\":[" + string.Join(',', Enumerable.Repeat("{\"properties\":{\"a\":{\"anyOf\":[{},{},{}]}}}", 12_000)) + "]}",
            "{\"properties\":{\"" + new string('p', 600_000) + "\":{\"type\":\"string\"}}}",
            "{\"properties\":{\"a\":{\"description\":\"" + string.Concat(Enumerable.Repeat("\\u0064\\u0065", 50_000)) + "\"}}}",
            string.Concat(Enumerable.Repeat("{\"properties\":{\"a\":", 30)) + "{}" + new string('}', 60),
        ];
        foreach (var schema in schemas)
        {
            var definition = JsonElement.Parse($"{{\"name\":\"get_x\",\"inputSchema\":{schema}}}");
            Tools.Rules.Classify(definition);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var found = Tools.Rules.Classify(definition);

            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostAllocated, $"{schema[..40]}: {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
            Assert.Equal(RiskCategory.Read, found.Category);
        }
    }

    [Theory]
    [InlineData("de\u200Blete_file")]
    [InlineData("del\u00ADete_file")]
    [InlineData("de\u202Elete_file")]
    [InlineData("d\u0435lete_file")]
    [InlineData("dele\uDB40\uDC41te_file")]
    public void Classify_HiddenCharactersInAName_AreSeenThroughAndNothingIsCertain(string name)
    {
        var found = Tools.Of(name, "Reads a file.");

        Assert.Equal(RiskCategory.Destructive, found.Category);
        Assert.Equal(0, found.Confidence);
        Assert.Equal(RiskLevel.Critical, found.Risk);
        Assert.DoesNotContain(found.Evidence, static one => one.Text.Any(static unit => unit is '\u200B' or '\u202E' or '\u00AD'));
    }

    [Theory]
    [InlineData("Sends \U0001F469\u200D\U0001F4BB a message.")]
    [InlineData("می\u200Cخواهم")]
    [InlineData("Café, naïve, e\u0301crire")]
    [InlineData("\uFEFFSends a message.")]
    public void Classify_HonestUnicode_IsNotSuspect(string description) =>
        Assert.DoesNotContain(Tools.Of("send_message", description).Evidence, static one => one.Says.Contains("hides", StringComparison.Ordinal));

    [Fact]
    public void Classify_RandomBytes_NeverFails()
    {
        var random = new Random(20261130);
        string[] pieces = ["delete", " ", "_", ".", "not", "\u200B", "\uD83D\uDE00", "pay", "\n", "删除", "削除しません", "{", "\u0000", "A", "1", "cannot be undone", ",", "и", "\uFFFD"];
        for (var i = 0; i < 5_000; i++)
        {
            string Text() => string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => pieces[random.Next(pieces.Length)]));
            var definition = JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(new { name = Text(), title = Text(), description = Text() }));
            var found = Tools.Rules.Classify(definition, Text());
            Assert.InRange(found.Confidence, 0, 1);
            Assert.All(found.Evidence, static one => Assert.True(one.Text.Length <= 80));
        }
    }
}
