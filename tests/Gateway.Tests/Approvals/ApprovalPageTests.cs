using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Callgate.Fixtures;
using Callgate.Gateway.Approvals;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>The approver's page: what it shows of what an agent sent (A40), and whose forms it takes (T02).</summary>
public sealed partial class ApprovalPageTests
{
    [Fact]
    public async Task Page_OfHostileArguments_ShowsTheJsonThatGoesUpAndNothingElse()
    {
        Assert.Equal(50, HostileTexts.All.Count);
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms", policy: """{ "version": "1", "default": "deny", "tools": { "echo": { "action": "require_approval", "validation": "off" } } }""");
        await using var client = gate.Modern();
        var browser = await Browser.SignInAsync(gate, "ada");
        foreach (var payload in HostileTexts.All)
        {
            var sent = new JsonObject { ["text"] = payload, [payload.Length == 0 ? "empty" : payload] = new JsonArray(payload) };
            await client.CallAsync("echo", sent);
            var id = await gate.WaitingAsync();
            var html = await browser.GetAsync("approvals/" + id);
            var shown = WebUtility.HtmlDecode(Data().Match(html).Groups[1].Value);

            Assert.True(JsonNode.DeepEquals(new JsonObject { ["arguments"] = sent.DeepClone() }, JsonNode.Parse(shown)), $"{payload}: {shown}");
            Assert.DoesNotContain(shown, static c => c != '\n' && (char.IsControl(c) || char.GetUnicodeCategory(c) is System.Globalization.UnicodeCategory.Format or System.Globalization.UnicodeCategory.NonSpacingMark or System.Globalization.UnicodeCategory.LineSeparator));
            Assert.Single(Regex.Matches(html, "<h1>"));
            Assert.DoesNotContain("<script>", html, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("<img", html, StringComparison.OrdinalIgnoreCase);
            await gate.DenyAsync(id, "next");
        }
    }

    [Fact]
    public async Task Form_OfTheSignedInApprover_Answers()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms");
        await using var client = gate.Modern();
        var ada = await Browser.SignInAsync(gate, "ada");
        await client.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 });
        var id = await gate.WaitingAsync();

        Assert.Contains($"/approvals/{id}", await ada.GetAsync("approvals"), StringComparison.Ordinal);
        var page = await ada.GetAsync("approvals/" + id);
        Assert.Contains("adding is serious", page, StringComparison.Ordinal);
        Assert.Contains("Write, risk Medium", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, await ada.PostAsync($"approvals/{id}/approve", Browser.Tokens(page)[1]));
        Assert.Equal("3", (await client.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 })).FirstText);
        Assert.Contains("made once, record", await ada.GetAsync("approvals/" + id), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Form_ThatWasForged_AnswersNothing()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms");
        await using var client = gate.Modern();
        var (ada, bob, vic) = (await Browser.SignInAsync(gate, "ada"), await Browser.SignInAsync(gate, "bob"), await Browser.SignInAsync(gate, "vic"));
        await client.CallAsync("add", new JsonObject { ["a"] = 1, ["b"] = 2 });
        var id = await gate.WaitingAsync();
        var (mine, theirs, looked) = (Browser.Tokens(await ada.GetAsync("approvals/" + id)), Browser.Tokens(await bob.GetAsync("approvals/" + id)), Browser.Tokens(await vic.GetAsync("approvals/" + id)));
        var approve = $"approvals/{id}/approve";

        // The sign-out's token is the only one of a page without a role to answer.
        Assert.Equal((3, 1), (mine.Count, looked.Count));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync(approve, theirs[1]));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync(approve, mine[2]));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync(approve, mine[0]));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync(approve, ""));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync(approve, mine[1], "https://evil.example"));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync(approve, mine[1], null));
        Assert.Equal(HttpStatusCode.Forbidden, await vic.PostAsync(approve, mine[1]));
        Assert.Equal(HttpStatusCode.Unauthorized, await new Browser(gate, null).PostAsync(approve, mine[1]));
        Assert.Equal("pending", (await gate.ShowAsync(id)).GetProperty("state").GetString());
        Assert.Equal(HttpStatusCode.SeeOther, await ada.PostAsync(approve, mine[1]));
        Assert.Equal("approved", (await gate.ShowAsync(id)).GetProperty("state").GetString());
    }

    [Fact]
    public async Task Page_OfAnyApproval_MayBeFramedByNobodyAndNeedsASignIn()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms");
        using var http = new HttpClient();
        using var answer = await http.GetAsync(new Uri(gate.Gate.Address, "approvals/x"));

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Contains("frame-ancestors 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Contains("value=\"/approvals/x\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"b":1,"a":"x"}""", "{\n  \"b\": 1,\n  \"a\": \"x\"\n}")]
    [InlineData("""{"a":"\u202e"}""", "{\n  \"a\": \"\\u202e\"\n}")]
    [InlineData("""{"a":1.50}""", "{\n  \"a\": 1.50\n}")]
    public void Json_OfData_IsTheSameJson(string data, string shown) => Assert.Equal(shown, Shown.Json(data));

    [GeneratedRegex("<pre id=\"data\"[^>]*>(.*?)</pre>", RegexOptions.Singleline)]
    private static partial Regex Data();
}
