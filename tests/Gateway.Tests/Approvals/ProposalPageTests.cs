using System.Net;
using System.Text.Json.Nodes;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>The pages of proposals: what they show, who decides there, and whose forms they take.</summary>
public sealed class ProposalPageTests
{
    [Fact]
    public async Task Pages_FromTheButtonToTheRevision_NeedNoScript()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms");
        await using var client = gate.Modern(token: await gate.StoredAsync());
        var (pam, ada) = (await Browser.SignInAsync(gate, "pam"), await Browser.SignInAsync(gate, "ada"));
        await client.CallAsync("echo", Loud());
        var id = await gate.WaitingAsync();

        Assert.DoesNotContain("propose a rule", await ada.GetAsync("approvals/" + id), StringComparison.Ordinal);
        Assert.Contains("Nothing is changed yet", await pam.GetAsync($"approvals/{id}/rule"), StringComparison.Ordinal);
        var page = await pam.GetAsync("approvals/" + id);
        Assert.Contains("Approve and propose a rule", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, await pam.PostAsync($"approvals/{id}/propose", Browser.Tokens(page)[2], Browser.OriginOf(gate), "<b>why</b>"));

        var proposal = (await gate.ApiAsync(null, HttpMethod.Get, "proposals")).Body.GetProperty("proposals")[0].GetProperty("id").GetString()!;
        Assert.Contains($"/proposals/{proposal}", await pam.GetAsync("approvals/" + id), StringComparison.Ordinal);
        Assert.Contains($"/proposals/{proposal}", await ada.GetAsync("proposals"), StringComparison.Ordinal);
        await ada.GetAsync("proposals/" + proposal, HttpStatusCode.Forbidden);
        var shown = await pam.GetAsync("proposals/" + proposal);
        Assert.Contains("&lt;b&gt;why&lt;/b&gt;", shown, StringComparison.Ordinal);
        Assert.Contains("looser", shown, StringComparison.Ordinal);
        Assert.Contains("approve_if", shown, StringComparison.Ordinal);
        Assert.DoesNotMatch("(?i)<script(?! src=\"/assets/callgate-[0-9a-f]{16}\\.js\" defer></script>)", shown);
        Assert.Equal(HttpStatusCode.SeeOther, await pam.PostAsync($"proposals/{proposal}/accept", Browser.Tokens(shown)[1]));
        Assert.Contains("accepted by pam as revision 2", await pam.GetAsync("proposals/" + proposal), StringComparison.Ordinal);
        Assert.False((await client.CallAsync("echo", Loud())).IsToolError);
        Assert.Equal(HttpStatusCode.Conflict, await pam.PostAsync($"proposals/{proposal}/accept", Browser.Tokens(shown)[1]));
        await pam.GetAsync("proposals/nothing", HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task Forms_ThatWereForged_DecideNothing()
    {
        await using var gate = await ApprovalGate.StartAsync(wait: "1ms");
        await using var client = gate.Modern(token: await gate.StoredAsync());
        var (pam, ada) = (await Browser.SignInAsync(gate, "pam"), await Browser.SignInAsync(gate, "ada"));
        await client.CallAsync("echo", Loud());
        var id = await gate.WaitingAsync();
        var (mine, hers) = (Browser.Tokens(await pam.GetAsync("approvals/" + id)), Browser.Tokens(await ada.GetAsync("approvals/" + id)));

        // The token of approving is none of proposing, an approver alone has no form for it, and no other site has one at all.
        Assert.Equal((4, 3), (mine.Count, hers.Count));
        Assert.Equal(HttpStatusCode.Forbidden, await pam.PostAsync($"approvals/{id}/propose", mine[1]));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync($"approvals/{id}/propose", hers[1]));
        Assert.Equal(HttpStatusCode.Forbidden, await pam.PostAsync($"approvals/{id}/propose", mine[2], "https://evil.example"));
        Assert.Equal(HttpStatusCode.BadRequest, await pam.PostAsync($"approvals/{id}/propose", mine[2], Browser.OriginOf(gate), new string('x', 401)));
        Assert.Equal("pending", (await gate.ShowAsync(id)).GetProperty("state").GetString());
        var proposal = await gate.ProposedAsync(id);

        var tokens = Browser.Tokens(await pam.GetAsync("proposals/" + proposal));
        Assert.Equal(HttpStatusCode.Forbidden, await pam.PostAsync($"proposals/{proposal}/accept", tokens[2]));
        Assert.Equal(HttpStatusCode.Forbidden, await pam.PostAsync($"proposals/{proposal}/accept", ""));
        Assert.Equal(HttpStatusCode.Forbidden, await pam.PostAsync($"proposals/{proposal}/accept", tokens[1], null));
        Assert.Equal(HttpStatusCode.Forbidden, await ada.PostAsync($"proposals/{proposal}/accept", tokens[1]));
        Assert.Equal(HttpStatusCode.Unauthorized, await new Browser(gate, null).PostAsync($"proposals/{proposal}/accept", tokens[1]));
        Assert.Equal(HttpStatusCode.BadRequest, await pam.PostAsync($"proposals/{proposal}/reject", tokens[2], Browser.OriginOf(gate), "a\nb"));
        Assert.Single((await gate.ApiAsync(null, HttpMethod.Get, "proposals")).Body.GetProperty("proposals").EnumerateArray());
        Assert.Equal(HttpStatusCode.SeeOther, await pam.PostAsync($"proposals/{proposal}/reject", tokens[2], Browser.OriginOf(gate), "no"));
        Assert.Contains("rejected by pam: no", await pam.GetAsync("proposals/" + proposal), StringComparison.Ordinal);
    }

    private static JsonObject Loud() => new() { ["text"] = "loud" };
}
