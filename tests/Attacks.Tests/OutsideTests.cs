using Callgate.Attacks.Gates;
using Callgate.Attacks.Reporting;
using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;
using Callgate.Attacks.Tests.WeakGates;
using Callgate.Attacks.Upstreams;
using Callgate.Attacks.Wire;
using Xunit;

namespace Callgate.Attacks.Tests;

/// <summary>Attacks on a gate of which only the address and a token are known.</summary>
public sealed class OutsideTests
{
    [Fact]
    public async Task Outside_OnTheProduct_HoldsOrSaysWhatIsMissing()
    {
        await using var upstream = new RecordingUpstream();
        await using var gate = await ServedGate.StartAsync(ProductRun.Executable);
        var report = await RunAsync(gate, upstream, "greet");
        Assert.True(report.IsAsExpected, TextReport.Of(report));
        Assert.True(report.Count(Outcome.Held) >= 14, TextReport.Of(report));
        Assert.All(report.Results.Where(static result => !result.Scenario.Outside), static result => Assert.Equal("it needs an upstream, a policy or a record of ours", result.Eras[0].Reason));
    }

    [Fact]
    public async Task Outside_WithoutATool_IsInconclusiveWhereACallHasToPass()
    {
        await using var upstream = new RecordingUpstream();
        await using var gate = new WeakGate();
        var report = await RunAsync(gate, upstream, null);
        Assert.Equal(0, report.Count(Outcome.Breached));
        Assert.Contains(report.Results, static result => result.Outcome == Outcome.Inconclusive && result.Eras.Any(static era => era.Reason == "the benign twin did not pass"));
    }

    [Theory]
    [InlineData("raw-forwarded", "A04")]
    [InlineData("raw-forwarded", "A05")]
    [InlineData("lenient-encoding", "A33")]
    [InlineData("header-judged", "A25")]
    [InlineData("unbounded", "A32")]
    [InlineData("length-preferred", "A34")]
    public async Task Outside_OnAWeakGate_FindsWhatAClientCanSee(string weakness, string id)
    {
        await using var upstream = new RecordingUpstream();
        await using var gate = new WeakGate(weakness);
        var report = await RunAsync(gate, upstream, "greet", id);
        Assert.True(report.Count(Outcome.Breached) == 1, TextReport.Of(report));
    }

    private static async Task<Report> RunAsync(Gate gate, RecordingUpstream upstream, string? tool, string? only = null)
    {
        upstream.Mount("up", Json.Lenient("""{"tools":["greet","secret"]}"""));
        await gate.AddServerAsync("up", new() { ["url"] = upstream.Url("up").ToString() });
        await gate.PutPolicyAsync("p", """{"version":"1","default":"deny","hide":["secret"],"tools":{"greet":{}}}""");
        var grant = await gate.AddGrantAsync("outside", new Dictionary<string, string?>(StringComparer.Ordinal) { ["up"] = "p" }, default);
        var suite = new Suite((_, _) => Task.FromResult<Gate>(new OutsideGate(gate.Mcp("up"), grant.Token, tool, """{"text":"hi"}""")), ProductRun.Executable) { MostFindings = 2, LongestWait = TimeSpan.FromSeconds(20) };
        var scenarios = ScenarioReader.Shipped().Where(scenario => only is null || scenario.Id == only).ToList();
        return new Report("outside", 1, await suite.RunAsync(scenarios, CancellationToken.None));
    }
}
