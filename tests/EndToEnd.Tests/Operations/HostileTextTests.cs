using Callgate.EndToEnd.Tests.Cli;
using Xunit;

namespace Callgate.EndToEnd.Tests.Operations;

/// <summary>Security study, A43: what clients name themselves, their tools and arguments writes no line of its own anywhere.</summary>
public sealed class HostileTextTests
{
    private static readonly string[] Texts =
    [
        "a\nb", "a\r\nHTTP/1.1 200 OK\r\n\r\n", "\u001b[2J\u001b[1;1Hgone", "x\"}\n{\"seq\":999999,\"prev\":\"\",\"kind\":\"call\"}", "=HYPERLINK(\"http://x\")", "<script>alert(1)</script>",
        "\u202etxt.exe", "\u2028new\u2029line", "\ud83d\ude00", "\u0000nul", "'; DROP TABLE records; --", "%0d%0aInjected: yes",
    ];

    [Fact]
    public async Task Names_OfToolsAndArguments_StayInTheirRecord()
    {
        await using var operated = await OperatedGate.StartAsync();
        await operated.SetUpAsync();
        var (_, token) = await operated.GrantAsync();
        await using var client = await operated.LegacyAsync(token);
        foreach (var text in Texts)
        {
            Assert.Contains("Unknown tool", (await client.CallAsync(text, new() { [text] = text })).Text, StringComparison.Ordinal);
        }

        var records = await operated.RecordsAsync("--method", "tools/call");
        Assert.Equal(Texts, records.Reverse().Select(static record => record.GetProperty("tool").GetString()!));
        Assert.Equal(Texts, records.Reverse().Select(static record => Assert.Single(record.GetProperty("argument_names").EnumerateArray()).GetString()!));
        Assert.Equal(0, (await CommandRun.OfAsync("audit", "verify", "--data", operated.Data)).Code);
        foreach (var command in new string[][] { ["audit", "search", "--method", "tools/call"], ["audit", "tail", "--method", "tools/call"] })
        {
            var shown = (await CommandRun.OfAsync([.. command, "--data", operated.Data])).Out;
            Assert.DoesNotContain(shown, static c => (char.IsControl(c) && c != '\n') || c is '\u202e' or '\u2028' or '\u2029');
            Assert.Equal(Texts.Length, shown.Split('\n').Count(static line => line.Contains("Unknown", StringComparison.Ordinal) || line.Contains("tool.unknown", StringComparison.Ordinal)));
        }

        Assert.DoesNotContain("\u001b[2J", operated.Gate.Errors, StringComparison.Ordinal);
    }
}
