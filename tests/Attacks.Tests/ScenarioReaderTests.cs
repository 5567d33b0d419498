using Callgate.Attacks.Scenarios;
using Xunit;

namespace Callgate.Attacks.Tests;

public sealed class ScenarioReaderTests
{
    private const string Good = "id: A01\ntitle: t\nproperty: S4\nweakness: list-only\ntwin: [{ call: greet }]\nattack: [{ call: secret, expect: unknown }]\n";

    [Fact]
    public void Read_OfAWholeFile_GivesItsScenario()
    {
        var scenario = ScenarioReader.Read(Good, "A01");
        Assert.Equal(["S4"], scenario.Properties);
        Assert.Equal([Era.Modern, Era.Legacy], scenario.Eras);
        Assert.Equal(Outcome.Held, scenario.Expected);
    }

    [Theory]
    [InlineData("id: A01", "id: A02", "not the name of the file")]
    [InlineData("title: t\n", "", "`title` is missing")]
    [InlineData("property: S4", "property: S19", "S1 to S18")]
    [InlineData("property: S4\n", "", "S1 to S18")]
    [InlineData("weakness: list-only\n", "", "`weakness` is missing")]
    [InlineData("weakness: list-only", "weakness: List", "words")]
    [InlineData("twin: [{ call: greet }]\n", "", "`twin` has no steps")]
    [InlineData("attack: [{ call: secret, expect: unknown }]", "attack: []", "`attack` has no steps")]
    [InlineData("title: t", "title: t\nmore: 1", "`more` is no member")]
    [InlineData("call: greet", "cal: greet", "begins with no kind of step")]
    [InlineData("call: greet", "expect: answered, call: greet", "begins with no kind of step")]
    [InlineData("call: secret,", "call: secret, exepct: x,", "is no member")]
    [InlineData("expect: unknown", "expect: maybe", "is none of")]
    [InlineData("expect: unknown", "expect: { is: maybe }", "is none of")]
    [InlineData("expect: unknown", "expect: { saw: x }", "is no member")]
    [InlineData("title: t", "title: t\neras: [\"2025-11-24\"]", "known versions")]
    [InlineData("title: t", "title: t\nexpect: open", "held or breached")]
    [InlineData("title: t", "title: t\ngate: { disk: 1 }", "is no member")]
    [InlineData("title: t", "title: t\nupstream: { tool: [] }", "is no member")]
    [InlineData("title: t", "title: t\nupstream: { tools: [], answers: { a: { txt: x } } }", "is no member")]
    [InlineData("title: t", "title: t\ntitle: u", "A01: line")]
    [InlineData("title: t", "title: [", "A01: ")]
    public void Read_OfABadFile_SaysWhatIsWrong(string instead, string bad, string expected)
    {
        Assert.Contains(instead, Good, StringComparison.Ordinal);
        var fault = Assert.Throws<ScenarioFault>(() => ScenarioReader.Read(Good.Replace(instead, bad, StringComparison.Ordinal), "A01"));
        Assert.Contains(expected, fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A00")]
    [InlineData("A56")]
    [InlineData("B35")]
    [InlineData("T07")]
    [InlineData("O06")]
    [InlineData("C01")]
    [InlineData("a01")]
    public void Read_OfAnUnknownId_IsRefused(string id) =>
        Assert.Throws<ScenarioFault>(() => ScenarioReader.Read(Good.Replace("A01", id, StringComparison.Ordinal), id));
}
