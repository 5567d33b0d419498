using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Endpoints;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Tests.Upstreams;
using Xunit;

namespace Callgate.Gateway.Tests.Operations;

/// <summary>How a gate ends when something does not.</summary>
public sealed class ShutdownTests
{
    [Fact]
    public async Task Stop_WithACallThatNeverEnds_CutsItAfterItsTimeAndRecordsIt()
    {
        var time = new ManualTime();
        await using var upstream = await FixtureServer.StartHttpAsync(new FixtureOptions { Faults = [new Fault(FaultKind.NeverAnswer, "tools/call")] });
        var folder = Directory.CreateTempSubdirectory("callgate-test-").FullName;
        await using var gate = await RunningGate.StartInAsync(folder, RunningGate.OneServer(upstream.Url), time, ("p.json", """{ "version": "1", "default": "allow" }"""));
        await using var client = new McpClient(gate.Mcp("up"), RunningGate.Token, "2026-07-28");
        var call = client.CallAsync("echo");
        await upstream.Recording.WaitForAsync(static requests => requests.Any(static request => request.RpcMethod == "tools/call"), TimeSpan.FromSeconds(20));

        var stopped = gate.StopAsync();
        await time.ArmedAsync(Draining.CallsGoOn);
        Assert.False(call.IsCompleted);
        time.Advance(Draining.CallsGoOn);

        var answer = await call;
        Assert.Equal((503, 0), (answer.Status, await stopped));
        var journal = string.Concat(Directory.GetFiles(Path.Combine(gate.DataDirectory, "journal")).Order(StringComparer.Ordinal).Select(File.ReadAllText));
        Assert.Contains("\"outcome\":\"abandoned\"", journal, StringComparison.Ordinal);
        Assert.Contains("\"kind\":\"stop\"", journal, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_BeforeItListens_EndsWith0()
    {
        var folder = Directory.CreateTempSubdirectory("callgate-test-").FullName;
        var (output, errors) = (new StringWriter(), new StringWriter());
        var options = new GatewayOptions { DataDirectory = folder, Listen = "http://127.0.0.1:0", Out = output, Error = errors };

        Assert.Equal(0, await GatewayHost.RunAsync(options, new CancellationToken(canceled: true)));
        Assert.Equal(("", ""), (output.ToString(), errors.ToString()));
        Directory.Delete(folder, recursive: true);
    }
}
