using System.Text.Json;
using Callgate.Attacks.Reporting;
using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;
using Xunit;

namespace Callgate.Attacks.Tests;

public sealed class ReportTests
{
    private static readonly Finding Found = new("attack 0 (2026-07-28)", "the client was <script>", "200", "1: {}", "nothing");

    [Fact]
    public void Report_OfABreach_SaysSoInEveryForm()
    {
        var report = new Report("a fresh gate", 7, [Result("A01", Outcome.Breached), Result("A02", Outcome.Held), Result("A50", Outcome.Breached), Result("A17", Outcome.Inconclusive)]);
        Assert.False(report.IsAsExpected);
        var text = TextReport.Of(report);
        Assert.Contains("A01", text, StringComparison.Ordinal);
        Assert.Contains("BREACHED", text, StringComparison.Ordinal);
        Assert.Contains("1 held, 2 breached, 1 inconclusive of 4", text, StringComparison.Ordinal);

        var json = JsonElement.Parse(JsonReport.Of(report));
        Assert.False(json.GetProperty("as_expected").GetBoolean());
        Assert.Equal(["breached", "held", "breached", "inconclusive"], json.GetProperty("scenarios").EnumerateArray().Select(static one => one.GetProperty("outcome").GetString()!));

        var sarif = JsonElement.Parse(SarifReport.Of(report)).GetProperty("runs")[0];
        Assert.Equal(4, sarif.GetProperty("tool").GetProperty("driver").GetProperty("rules").GetArrayLength());
        Assert.Equal(["A01 error", "A50 note", "A17 none"], sarif.GetProperty("results").EnumerateArray().Select(static one => $"{one.GetProperty("ruleId").GetString()} {one.GetProperty("level").GetString()}"));

        var page = HtmlReport.Of(report);
        Assert.DoesNotContain("<script>", page, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;", page, StringComparison.Ordinal);
    }

    [Fact]
    public void Report_OfWhatNoPolicyStops_IsAsExpected() =>
        Assert.True(new Report("x", 1, [Result("A50", Outcome.Breached), Result("A02", Outcome.Held)]).IsAsExpected);

    [Fact]
    public void Report_OfAnExpectedBreachThatHeld_IsNotAsExpected() =>
        Assert.False(new Report("x", 1, [Result("A50", Outcome.Held)]).IsAsExpected);

    private static ScenarioResult Result(string id, Outcome outcome) =>
        new(ScenarioReader.Shipped().Single(scenario => scenario.Id == id), [new EraResult(Era.Modern, outcome, null, outcome == Outcome.Breached ? [Found] : [])]);
}
