using System.Text;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>The bent messages of the strict reader's fuzz, sent through the whole gate.</summary>
[Collection(HostileCollection.Name)]
public sealed class BentRequestTests(HostileGate hostile)
{
    private static readonly byte[][] Seeds =
    [
        .. new[]
        {
            Bodies.Call(true), Bodies.Call(true, "\"add\"", """{"a":1,"b":2}"""), Bodies.Call(false), Bodies.Call(false, "\"add\"", """{"a":1,"b":2}"""),
            """{"jsonrpc":"2.0","method":"tools/call","params":{"name":"add","arguments":{"a":1,"b":2}}}""", """{"jsonrpc":"2.0","id":1,"result":{"name":"add"}}""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    [Theory]
    [InlineData(true, "echo")]
    [InlineData(true, "add")]
    [InlineData(false, "echo")]
    public async Task BentMessage_ThroughTheGate_IsAnsweredAndNeverReachesTheHiddenTool(bool modern, string name)
    {
        var chance = new Random(name.Length + (modern ? 1 : 0));
        var seen = hostile.Upstream.Recording.Calls.Count;
        var statuses = new HashSet<int>();
        for (var round = 0; round < 400; round++)
        {
            var bent = Bending.Bend(Seeds, chance);
            var answer = await hostile.PostAsync(bent, hostile.Headers(modern, name: name));
            Assert.True(answer.Status is 200 or 202 or 400 or 404, $"{answer.Status}: {Encoding.UTF8.GetString(bent)}");
            statuses.Add(answer.Status);
        }

        Assert.Contains(200, statuses);
        Assert.Contains(400, statuses);
        Assert.All(hostile.Upstream.Recording.Calls.Skip(seen), static call => Assert.NotEqual("add", call.Tool));
        await hostile.BenignAsync(modern);
    }
}
