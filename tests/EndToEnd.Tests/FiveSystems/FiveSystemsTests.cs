using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.FiveSystems;

/// <summary>The five pages of the seeds, each with its policy as printed, on its system, over every transport it has.</summary>
public sealed class FiveSystemsTests
{
    private const int RefusedForTheLimit = 3;

    public static TheoryData<string, string> EveryTransport => new()
    {
        { "dagster", "stdio" }, { "dagster", "http" }, { "dagster", "sse" },
        { "trigger", "stdio" }, { "trigger", "http" },
        { "databricks", "stdio" }, { "databricks", "http" },
        { "flowforge", "stdio" }, { "flowforge", "http" },
        { "piloty", "stdio" }, { "piloty", "http" },
    };

    [Theory]
    [MemberData(nameof(EveryTransport))]
    public async Task SeedPolicy_OnItsSystem_DoesWhatThePageSays(string name, string transport)
    {
        var seed = SeedCase.Of(name);
        await using var system = await GatedSystem.StartAsync(seed, transport);

        await ListIsWhatThePolicySaysAsync(seed, system);
        if (seed.Hidden is { } hidden)
        {
            await HiddenLooksUnknownAsync(system, hidden);
        }

        await EverythingElseIsRefusedAsync(seed, system);
        Assert.Empty(await system.CallsSeenAsync());

        if (seed.Capped is { } capped)
        {
            await CappedPassesExactlyMaxAsync(seed, system, capped);
        }
    }

    private static async Task ListIsWhatThePolicySaysAsync(SeedCase seed, GatedSystem system)
    {
        var listed = await system.Client.ListToolsAsync();

        Assert.Equal(seed.Capped is null ? [] : [seed.Capped], listed.Select(t => t.Text("name")));
        foreach (var tool in listed)
        {
            var original = seed.UpstreamTools().Single(t => t.Text("name") == tool.Text("name"));
            Assert.True(JsonElement.DeepEquals(original, tool), $"the definition of {tool.Text("name")} came through changed: {tool}");
        }
    }

    private static async Task HiddenLooksUnknownAsync(GatedSystem system, string hidden)
    {
        var unknown = new string([.. hidden.Reverse()]);
        var answerHidden = await system.Client.SendAsync(Call(hidden));
        var answerUnknown = await system.Client.SendAsync(Call(unknown));

        Assert.Equal(200, answerHidden.Status);
        Assert.Equal(-32602, answerHidden.Error.Number("code", 0));
        Assert.Equal($"Unknown tool: {hidden}", answerHidden.Error.Text("message"));
        Assert.Equal(answerUnknown.Status, answerHidden.Status);
        Assert.Equal(answerUnknown.Text.Replace(unknown, hidden, StringComparison.Ordinal), answerHidden.Text);
        Assert.Equal(HeadersOf(answerUnknown), HeadersOf(answerHidden));
    }

    private static async Task EverythingElseIsRefusedAsync(SeedCase seed, GatedSystem system)
    {
        foreach (var tool in seed.UpstreamTools().Select(t => t.Text("name")!).Where(t => t != seed.Hidden && t != seed.Capped))
        {
            var answer = await system.Client.CallAsync(tool);

            Assert.Equal(200, answer.Status);
            Assert.True(answer.IsToolError, $"{tool} was answered {answer.Text}");
            Assert.StartsWith("Denied by policy: ", answer.FirstText, StringComparison.Ordinal);
            Assert.Equal("policy.default_deny", answer.Denial.Text("code"));
            Assert.Equal("/default", answer.Denial.Text("rule"));
            Assert.Contains(answer.Denial.Text("ref")!, answer.FirstText, StringComparison.Ordinal);
        }
    }

    private static async Task CappedPassesExactlyMaxAsync(SeedCase seed, GatedSystem system, string capped)
    {
        await StayInsideOneMinuteAsync();
        var minute = Minute();
        var answers = new List<McpAnswer>();
        for (var number = 1; number <= seed.Max + RefusedForTheLimit; number++)
        {
            answers.Add(await system.Client.CallAsync(capped, SeedCase.Arguments(capped, number)));
        }

        Assert.Equal(minute, Minute());
        Assert.All(answers.Take(seed.Max), a => Assert.True(a.Denial.ValueKind == JsonValueKind.Undefined && !a.IsToolError, a.Text));
        Assert.All(answers.Skip(seed.Max), a =>
        {
            Assert.True(a.IsToolError);
            Assert.Equal("limit.exceeded", a.Denial.Text("code"));
            Assert.Equal($"/tools/{capped}/limits/0", a.Denial.Text("rule"));
            Assert.InRange(a.Denial.Number("retry_after_seconds", -1), 1, 60);
        });

        var seen = await system.CallsSeenAsync();
        Assert.Equal(Enumerable.Range(1, seed.Max).Select(n => Arguments(capped, n)), seen.Select(c => c.Json.Member("params").Member("arguments").GetRawText()));
        Assert.All(seen, c => Assert.Equal(capped, c.Tool));
    }

    private static string Arguments(string tool, int number) => SeedCase.Arguments(tool, number).ToJsonString();

    private static byte[] Call(string tool) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["jsonrpc"] = "2.0",
        ["id"] = 9001,
        ["method"] = "tools/call",
        ["params"] = new JsonObject { ["name"] = tool, ["arguments"] = new JsonObject() },
    }.ToJsonString());

    private static IEnumerable<string> HeadersOf(McpAnswer answer) =>
        answer.Headers.Where(h => h.Key != "Date").Select(h => h.Key + ": " + string.Join(", ", h.Value));

    private static long Minute() => TimeProvider.System.GetUtcNow().ToUnixTimeSeconds() / 60;

    /// <summary>The windows are those of the real clock, so the calls begin where enough of one is left.</summary>
    private static async Task StayInsideOneMinuteAsync()
    {
        var left = 60 - (TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() % 60000 / 1000d);
        if (left < 15)
        {
            await Task.Delay(TimeSpan.FromSeconds(left + 0.1));
        }
    }
}
