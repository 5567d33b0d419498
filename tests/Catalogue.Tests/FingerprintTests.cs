using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Xunit;

namespace Callgate.Catalogue.Tests;

public sealed class FingerprintTests
{
    private const string Tool = """
        {"name":"cancel_run","title":"Cancel","description":"Cancel a job run",
         "inputSchema":{"type":"object","properties":{"run_id":{"type":"integer","description":"the run","default":1,"enum":[1,2],"title":"Run"}},"required":["run_id"]},
         "outputSchema":{"type":"object"},"annotations":{"readOnlyHint":false,"vendor":"x"},"icons":[{"src":"https://example.com/i.png"}],
         "execution":{"taskSupport":"forbidden"},"_meta":{"vendor/key":1}}
        """;

    public static TheoryData<string> Changes => new()
    {
        "name", "title", "description", "inputSchema/type", "inputSchema/properties/run_id/type", "inputSchema/properties/run_id/description",
        "inputSchema/properties/run_id/default", "inputSchema/properties/run_id/enum", "inputSchema/properties/run_id/title", "inputSchema/required",
        "outputSchema/type", "annotations/readOnlyHint", "annotations/vendor", "icons", "execution/taskSupport", "_meta/vendor~key",
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public void Of_AnyMemberChanged_Differs(string path)
    {
        var changed = JsonNode.Parse(Tool)!;
        var steps = path.Split('/').Select(static step => step.Replace('~', '/')).ToArray();
        var holder = steps[..^1].Aggregate(changed, static (node, step) => node[step]!);
        holder[steps[^1]] = "something else";

        Assert.NotEqual(Of(Tool), Of(changed.ToJsonString()));
    }

    [Fact]
    public void Of_AMemberAdded_Differs()
    {
        var added = JsonNode.Parse(Tool)!;
        added["inputSchema"]!["$comment"] = "also read this";

        Assert.NotEqual(Of(Tool), Of(added.ToJsonString()));
    }

    [Fact]
    public void Of_OtherOrderAndWhiteSpace_IsTheSame()
    {
        var reordered = new JsonObject(JsonNode.Parse(Tool)!.AsObject().Reverse().Select(static member => KeyValuePair.Create(member.Key, member.Value?.DeepClone())));

        Assert.Equal(Of(Tool), Of(reordered.ToJsonString(new JsonSerializerOptions { WriteIndented = true })));
    }

    [Fact]
    public void Of_AnyDefinition_IsSixtyFourHexadecimalDigits() => Assert.Matches("^[0-9a-f]{64}$", Of(Tool));

    private static string Of(string json) => Fingerprint.Of(JsonElement.Parse(Encoding.UTF8.GetBytes(json)));
}
