using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Gateway.Webhooks;
using Xunit;

namespace Callgate.Gateway.Tests.Webhooks;

/// <summary>What agents and servers write, in a text that Slack formats: it stays text, and every character of it is seen.</summary>
public sealed partial class SlackTextTests
{
    public static TheoryData<string> Hostile() =>
    [
        "<!channel>", "<!here|x>", "<@U024BE7LH>", "@here", "@channel now", "<https://evil.example|https://gate.example.com>", "https://evil.example", "evil.example",
        "www.evil.example", "mailto:a@evil.example", "` *bold* `", "```", "a\nApproved by ada", "a\r\n<https://evil.example>", "\u202Egnihton", "a\u200Bb", "&lt;!channel&gt;", "*x*", "~x~", "[x](https://evil.example)",
        "\ud83d\ude00", ":rotating_light:",
    ];

    [Theory]
    [MemberData(nameof(Hostile))]
    public void Body_HostileNames_MakeNoLinkMentionOrLine(string hostile)
    {
        var approval = SampleApproval.Of("one", hostile) with { Client = hostile, Data = JsonSerializer.Serialize(new { arguments = new Dictionary<string, int> { [hostile] = 1 } }) };
        var notice = Notice.Of(approval, SampleApproval.Asked);
        var text = JsonElement.Parse(SlackText.Body(notice, new Uri("https://gate.example.com/approvals/one")).Span).GetProperty("text").GetString()!;
        var lines = text.Split('\n');

        Assert.Equal(6, lines.Length);
        Assert.Equal("<https://gate.example.com/approvals/one|Show and answer>", lines[^1]);
        Assert.All(lines[..^1], static line =>
        {
            Assert.Equal(0, line.Count(static c => c == '`') % 2);
            Assert.DoesNotMatch("[<>]", line);
            Assert.DoesNotMatch("[@*_~\\[\\]]|://|\\.\\w", Code().Replace(line, "").Replace("*Approval asked:*", "", StringComparison.Ordinal));
        });
        Assert.DoesNotMatch("@|://|\\.\\w|<|>|`", SlackText.Foreign(hostile)[1..^1]);
    }

    [Theory]
    [InlineData("delete_file", "`delete_file`")]
    [InlineData("a&b<c", "`a&amp;b&lt;c`")]
    [InlineData("@here", "`\\u0040here`")]
    [InlineData("x`y", "`x\\u0060y`")]
    [InlineData("https://e.x", "`https\\u003a//e\\u002ex`")]
    [InlineData("a\u202Eb", "`a\\u202eb`")]
    public void Foreign_OneName_IsCode(string text, string expected) => Assert.Equal(expected, SlackText.Foreign(text));

    [Fact]
    public void Body_LongAndManyNames_IsCut()
    {
        var names = Enumerable.Range(0, 500).ToDictionary(static i => new string('x', 5_000) + i, static i => i);
        var notice = Notice.Of(SampleApproval.Of("one", new string('t', 9_000)) with { Data = JsonSerializer.Serialize(new { arguments = names }) }, SampleApproval.Asked);
        Assert.InRange(SlackText.Body(notice, null).Length, 1, 8_000);
        Assert.InRange(NoticeJson.Body(notice, null).Length, 1, 24_000);
    }

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex Code();
}
