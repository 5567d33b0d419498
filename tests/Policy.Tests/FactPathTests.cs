using System.Globalization;
using System.Text.Json;
using Callgate.Policy.Judging;

namespace Callgate.Policy.Tests;

/// <summary>Paths of the language: what can be written, and what a call has there.</summary>
public sealed class FactPathTests
{
    [Theory]
    [InlineData("args.a", true)]
    [InlineData("args", true)]
    [InlineData("args.a_b-c9", true)]
    [InlineData("args._x", true)]
    [InlineData("args[0]", true)]
    [InlineData("args[10]", true)]
    [InlineData("args[*]", true)]
    [InlineData("args.a[*].b[\"c d\"][3]", true)]
    [InlineData("args[\"a\\\"b\"]", true)]
    [InlineData("args[\"a\\\\\"]", true)]
    [InlineData("args[\"]\"]", true)]
    [InlineData("args[\"\"]", true)]
    [InlineData("args[\"\\u00e9\"]", true)]
    [InlineData("time.hour", true)]
    [InlineData("grant.attributes.a", true)]
    [InlineData("args.", false)]
    [InlineData("args..a", false)]
    [InlineData("args.9a", false)]
    [InlineData("args.-a", false)]
    [InlineData("args.a b", false)]
    [InlineData("args.a$", false)]
    [InlineData("args.é", false)]
    [InlineData("args[", false)]
    [InlineData("args[]", false)]
    [InlineData("args[01]", false)]
    [InlineData("args[00]", false)]
    [InlineData("args[-1]", false)]
    [InlineData("args[+1]", false)]
    [InlineData("args[ 1]", false)]
    [InlineData("args[1", false)]
    [InlineData("args[99999999999]", false)]
    [InlineData("args[**]", false)]
    [InlineData("args[a]", false)]
    [InlineData("args[\"a]", false)]
    [InlineData("args[\"a\"", false)]
    [InlineData("args[\"a\"x]", false)]
    [InlineData("args[\"a\\\"]", false)]
    [InlineData("args[\"a\\", false)]
    [InlineData("args[\"\\q\"]", false)]
    [InlineData("args[\"\\ud800\"]", false)]
    [InlineData("args[\"a\"]b", false)]
    [InlineData("args[0]b", false)]
    [InlineData("argsa", false)]
    [InlineData("args a", false)]
    [InlineData("time", false)]
    [InlineData("", false)]
    public void Parse_Text_IsAPathOrSaysWhyNot(string text, bool path)
    {
        var read = FactPath.Parse(text, out var fault);

        Assert.Equal(path, read is not null);
        Assert.Equal(path, fault.Length == 0);
        Assert.Equal(path ? text : null, read?.Text);
    }

    [Theory]
    [InlineData("args.a$", "cannot be read from character 7 on")]
    [InlineData("args.ab.", "cannot be read from character 8 on")]
    [InlineData("args[0][x]", "cannot be read from character 8 on")]
    [InlineData("arg.a", "does not begin with `args`, `grant.label`, ")]
    public void Parse_WhatIsNoPath_SaysFromWhereOn(string text, string fault)
    {
        Assert.Null(FactPath.Parse(text, out var told));
        Assert.StartsWith(fault, told, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Longest_IsTheLastThatIsRead()
    {
        Assert.NotNull(FactPath.Parse("args." + new string('a', FactPath.LongestPath - 5), out _));
        Assert.Null(FactPath.Parse("args." + new string('a', FactPath.LongestPath - 4), out var fault));
        Assert.Contains("1024", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("args.a", "args[\"a\"]", true)]
    [InlineData("args.a", "args.b", false)]
    [InlineData("args[0]", "args[1]", false)]
    [InlineData("args[0]", "args[*]", false)]
    [InlineData("args[0]", "args[\"0\"]", false)]
    [InlineData("args.a", "args.a.b", false)]
    [InlineData("args.a", "grant.attributes.a", false)]
    [InlineData("time.hour", "time.weekday", false)]
    public void Equals_Paths_WhenTheyLeadToOnePlace(string one, string other, bool equal)
    {
        var (left, right) = (FactPath.Parse(one, out _)!, FactPath.Parse(other, out _)!);

        Assert.Equal(equal, left.Equals(right));
        Assert.False(left.Equals(null));
        Assert.False(left.Steps.Length > 0 && left.Steps[0].Equals(null));
        Assert.True(!equal || left.GetHashCode() == right.GetHashCode());
    }

    [Theory]
    [InlineData("2026-01-04T00:00:00Z", "sun", 0)]
    [InlineData("2026-01-05T23:59:59Z", "mon", 23)]
    [InlineData("2026-01-06T12:00:00Z", "tue", 12)]
    [InlineData("2026-01-07T09:30:00Z", "wed", 9)]
    [InlineData("2026-01-08T00:00:00Z", "thu", 0)]
    [InlineData("2026-01-09T17:00:00Z", "fri", 17)]
    [InlineData("2026-01-10T01:00:00Z", "sat", 1)]
    [InlineData("2026-01-10T01:00:00+02:00", "fri", 23)]
    public void Read_Time_IsTheHourAndTheWeekdayOfUtc(string now, string weekday, int hour)
    {
        var facts = new CallFacts("t", ToolStanding.Reviewed) { Now = DateTimeOffset.Parse(now, CultureInfo.InvariantCulture) };

        Assert.Equal(weekday, FactPath.Parse("time.weekday", out _)!.Read(facts).Text);
        Assert.Equal(hour.ToString(CultureInfo.InvariantCulture), FactPath.Parse("time.hour", out _)!.Read(facts).Show());
    }

    [Theory]
    [InlineData(ToolCategory.Read, "Read")]
    [InlineData(ToolCategory.Write, "Write")]
    [InlineData(ToolCategory.Execute, "Execute")]
    [InlineData(ToolCategory.Destructive, "Destructive")]
    [InlineData(ToolCategory.Financial, "Financial")]
    [InlineData(ToolCategory.Other, "Other")]
    public void Read_Category_IsItsName(ToolCategory category, string name) =>
        Assert.Equal(name, FactPath.Parse("tool.category", out _)!.Read(new CallFacts("t", ToolStanding.Reviewed) { Category = category }).Text);

    [Theory]
    [InlineData("{\"k\":1,\"K\":2}", true)]
    [InlineData("{\"K\":2,\"k\":1}", true)]
    [InlineData("{\"k\":1,\"\u212a\":2}", true)]
    [InlineData("{\"k\":1,\"\\u004b\":2}", true)]
    [InlineData("{\"k\":1,\"\\u212a\":2}", true)]
    [InlineData("{\"k\":1}", false)]
    [InlineData("{\"k\":1,\"l\":2}", false)]
    [InlineData("{\"k\":1,\"é\":2}", false)]
    [InlineData("{\"k\":1,\"\\u006c\":2}", false)]
    [InlineData("{\"k\":1,\"L\":2,\"l\":3}", false)]
    public void Read_ArgumentInTwoCases_IsUnknownHoweverItIsWritten(string arguments, bool unknown)
    {
        // Beside few other arguments and beside many.
        foreach (var others in new[] { 0, 1, 62, 63, 64, 65, 300 })
        {
            var padding = string.Concat(Enumerable.Range(0, others).Select(i => $"\"z{i}\":0,"));
            foreach (var document in new[] { "{" + padding + arguments[1..], arguments[..^1] + "," + padding.TrimEnd(',') + "}" })
            {
                var facts = new CallFacts("t", ToolStanding.Reviewed) { Arguments = JsonElement.Parse(document.Replace(",}", "}", StringComparison.Ordinal)) };
                Work.Begin();

                Assert.Equal(unknown ? FactKind.Ambiguous : FactKind.Number, FactPath.Parse("args.k", out _)!.Read(facts).Kind);
                Assert.Equal(unknown ? FactKind.Ambiguous : FactKind.Number, FactPath.Parse("args.k", out _)!.Read(facts).Kind);
            }
        }
    }

    [Theory]
    [InlineData("args.a", "{}", "(missing)")]
    [InlineData("args.a", null, "(missing)")]
    [InlineData("args.a.b", "{}", "(missing)")]
    [InlineData("args.a.b", "{\"a\":1}", "(unknown: the path steps into what has no such parts)")]
    [InlineData("args.a[0]", "{\"a\":{}}", "(unknown: the path steps into what has no such parts)")]
    [InlineData("args.a[1]", "{\"a\":[7]}", "(missing)")]
    [InlineData("args.a[0]", "{\"a\":[7]}", "7")]
    [InlineData("args.a.b", "{\"a\":[7]}", "(unknown: the path steps into what has no such parts)")]
    [InlineData("args.a", "{\"a\":null}", "null")]
    [InlineData("args.a.b", "{\"a\":null}", "(unknown: the path steps into what has no such parts)")]
    [InlineData("args.a", "{\"a\":true}", "true")]
    [InlineData("args.a", "{\"a\":false}", "false")]
    [InlineData("args.a", "{\"a\":\"x\"}", "\"x\"")]
    [InlineData("args.a", "{\"a\":[1, 2]}", "[1, 2]")]
    [InlineData("args.a", "{\"a\":{\"b\": 1.50}}", "{\"b\": 1.50}")]
    [InlineData("args.a.b", "{\"a\":{\"b\":1.50}}", "1.50")]
    [InlineData("args[\"a b\"]", "{\"a b\":3}", "3")]
    [InlineData("args", "{\"a\":1}", "{\"a\":1}")]
    [InlineData("args", null, "{}")]
    [InlineData("args.a", "{\"A\":1}", "(unknown: the name stands in another case, or in two)")]
    [InlineData("args.a", "{\"a\":1,\"A\":2}", "(unknown: the name stands in another case, or in two)")]
    [InlineData("args.k", "{\"\u212a\":1}", "(unknown: the name stands in another case, or in two)")]
    [InlineData("args.s", "{\"\u017f\":1}", "(unknown: the name stands in another case, or in two)")]
    [InlineData("args[\"\u212a\"]", "{\"k\":1}", "(unknown: the name stands in another case, or in two)")]
    [InlineData("args[\"é\"]", "{\"É\":1}", "(unknown: the name stands in another case, or in two)")]
    [InlineData("args[\"é\"]", "{\"é\":1}", "1")]
    [InlineData("args[\"é\"]", "{\"e\":1}", "(missing)")]
    [InlineData("args.ab", "{\"xy\":1}", "(missing)")]
    [InlineData("args.o.k", "{\"o\":{\"\u212a\":1}}", "(unknown: the name stands in another case, or in two)")]
    [InlineData("args.o.a", "{\"o\":{\"\\u0061\":1}}", "1")]
    [InlineData("tool.name", null, "\"t\"")]
    [InlineData("tool.category", null, "(missing)")]
    [InlineData("grant.label", null, "(missing)")]
    [InlineData("grant.attributes.x", null, "(missing)")]
    [InlineData("server.name", null, "(missing)")]
    [InlineData("client.name", null, "(missing)")]
    public void Read_Path_IsWhatTheCallHasThere(string path, string? arguments, string shown)
    {
        var facts = new CallFacts("t", ToolStanding.Reviewed) { Arguments = arguments is null ? default : JsonElement.Parse(arguments) };

        Work.Begin();
        Assert.Equal(shown, FactPath.Parse(path, out _)!.Read(facts).Show());
    }
}
