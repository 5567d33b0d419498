using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Security study, T05 and F8: a grant that ends is over within a second, with all it has open.</summary>
public sealed class RevocationTests
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Theory]
    [InlineData("grant", "revoke")]
    [InlineData("grant", "rotate")]
    public async Task Grant_Ended_CutsEverythingItHasOpen(params string[] verb)
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (id, token) = await operated.GrantAsync();
        var (_, other) = await operated.GrantAsync("another");
        await using var open = await OpenCalls.StartAsync(operated, token);
        await using var spared = await OpenCalls.StartAsync(operated, other);

        await operated.CommandAsync([.. verb, id]);
        await open.AllEndedAsync().WithinAsync(Second);

        await using var client = operated.Modern(token);
        Assert.Equal(401, (await client.CallAsync("echo")).Status);
        Assert.All(spared.Ends, static end => Assert.False(end.Value.IsCompleted, $"the {end.Key} of another grant was cut too"));
        var record = Assert.Single(await operated.RecordsAsync("--tool", "slow", "--grant", id));
        Assert.Equal("abandoned", record.GetProperty("outcome").GetString());
        var refused = await operated.RecordsAsync("--code", verb[1] == "revoke" ? "grant.revoked" : "grant.unknown");
        Assert.Single(refused);
    }

    [Fact]
    public async Task Grant_RemovedFromTheFile_IsDeadWithinASecond()
    {
        const string Token = "revocation-tests-token-of-32-characters-or-more";
        using var folder = new TemporaryFolder();
        folder.Write("p.json", OperatedGate.OpenPolicy);
        await using var operated = await OperatedGate.StartAsync(null, "--config", folder.Write("callgate.yaml", Declaring("")));
        folder.Write("next.yaml", Declaring($"servers: {{ up: {{ url: \"{operated.Upstream.Url}\" }} }}\npolicies: {{ p: p.json }}\ngrants: {{ agent: {{ token: {Token}, servers: {{ up: p }} }} }}"));
        await using var before = operated.Modern(Token);
        Assert.Equal(401, (await before.CallAsync("echo")).Status);

        Replace(folder);
        await UntilAsync(async () => (await before.CallAsync("echo")).Status == 200);
        await using var open = await OpenCalls.StartAsync(operated, Token);
        folder.Write("next.yaml", Declaring(""));
        Replace(folder);

        await open.AllEndedAsync().WithinAsync(Second);
        Assert.Equal(401, (await before.CallAsync("echo")).Status);
    }

    [Fact]
    public async Task Grant_RevokedBeforeAnAnswerBegan_IsToldSo()
    {
        await using var operated = await OperatedGate.StartAsync(new FixtureOptions { Faults = [new Fault(FaultKind.NeverAnswer, "tools/call")] });
        await operated.SetUpAsync();
        var (id, token) = await operated.GrantAsync();
        await using var legacy = await operated.LegacyAsync(token);
        await using var modern = operated.Modern(token);
        var calls = new[] { legacy.CallAsync("echo"), modern.CallAsync("echo") };
        await operated.Upstream.Recording.WaitForAsync(static requests => requests.Count(static request => request.RpcMethod == "tools/call") == 2, OpenCalls.Patience);

        await operated.CommandAsync("grant", "revoke", id);

        foreach (var call in calls)
        {
            var answer = await call.WithinAsync(Second);
            Assert.Equal(401, answer.Status);
            Assert.NotEmpty(answer.Headers.WwwAuthenticate);
        }

        Assert.All(await operated.RecordsAsync("--method", "tools/call"), static record => Assert.Equal("abandoned", record.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task Grant_Expiring_CutsWhatItHasOpenByItself()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var expires = TimeProvider.System.GetUtcNow().AddSeconds(6);
        var grant = await operated.CommandAsync("grant", "create", "--server", "up=p", "--label", "short", "--expires", expires.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        var token = grant.GetProperty("token").GetString()!;
        await using var open = await OpenCalls.StartAsync(operated, token);

        var ended = open.AllEndedAsync();
        await Task.WhenAny(ended, Task.Delay(Until(expires)));
        Assert.False(ended.IsCompleted, "what is open was cut before its grant expired");
        await ended.WithinAsync(2 * Second);

        await using var client = operated.Modern(token);
        Assert.Equal(401, (await client.CallAsync("echo")).Status);
        Assert.Single(await operated.RecordsAsync("--code", "grant.expired"));
    }

    private static string Declaring(string more) => "record: { durability: process }\n" + more + "\n";

    private static void Replace(TemporaryFolder folder) => File.Move(folder.File("next.yaml"), folder.File("callgate.yaml"), overwrite: true);

    private static TimeSpan Until(DateTimeOffset then)
    {
        var left = then - TimeProvider.System.GetUtcNow();
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>Asks again until it is so; each time is a whole request.</summary>
    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        using var limit = new CancellationTokenSource(OpenCalls.Patience);
        while (!await holds())
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
