using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Callgate.Gateway.Discovery;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>The page of a registered server says what changed since its review, to those who have signed in.</summary>
public sealed class DriftPageTests : IAsyncLifetime
{
    private readonly StackedGate site = new();

    public ValueTask InitializeAsync() => site.InitializeAsync();

    public ValueTask DisposeAsync() => site.DisposeAsync();

    [Fact]
    public async Task Server_ThatDrifted_SaysSoToWhoeverSignedIn()
    {
        var cookie = await site.SignInAsync();
        var before = (await site.PageAsync("catalogue/open", cookie)).Text;
        await site.Upstream.ChangeToolsAsync(static tools =>
        {
            tools.First(static tool => tool!["name"]!.GetValue<string>() == "echo")!["description"] = "another one";
            tools.Add(JsonNode.Parse("""{ "name": "fresh_gadget", "inputSchema": { "type": "object" } }"""));
        });
        await site.AdministerAsync(HttpMethod.Get, "servers/open/tools");

        var after = (await site.PageAsync("catalogue/open", cookie)).Text;
        var stack = (await site.PageAsync("stack", cookie)).Text;
        var open = (await site.PageAsync("catalogue/open")).Text;

        Assert.Contains("Reviewed since", before, StringComparison.Ordinal);
        Assert.DoesNotContain("Drifted", before, StringComparison.Ordinal);
        Assert.Contains("<h2>Drifted: 1</h2>", after, StringComparison.Ordinal);
        Assert.Contains("<h2>Waiting for review: 1</h2>", after, StringComparison.Ordinal);
        Assert.Contains("<li>fresh_gadget</li>", after, StringComparison.Ordinal);
        Assert.Contains("callgate catalogue accept open", after, StringComparison.Ordinal);
        Assert.Contains("<summary>tool echo (drifted)</summary>", after, StringComparison.Ordinal);
        Assert.Matches("~ /description:(\n|&#xA;)    old: .*(\n|&#xA;)    new: .*another one", after);
        Assert.Contains("tool echo, drifted</li>", after, StringComparison.Ordinal);
        Assert.DoesNotContain("What changed", before, StringComparison.Ordinal);
        Assert.Contains("1 drifted, 1 waiting for review", stack, StringComparison.Ordinal);
        Assert.DoesNotMatch("Drifted|fresh_gadget|Reviewed since|another one|History|What changed", open);
        Assert.DoesNotContain("/open/fresh_gadget", (await site.PageAsync("catalogue?q=fresh_gadget", cookie)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ThatDrifted_IsAcceptedOnItsPageAsItWasSeen()
    {
        await site.AdministerAsync(HttpMethod.Post, "operators", new { name = "grace", roles = new[] { "administrator" }, password = StackedGate.Password });
        var cookie = await site.SignInAsync("grace");
        await ShowAsync("one");
        Assert.DoesNotContain("Accept this", (await site.PageAsync("catalogue/open", await site.SignInAsync())).Text, StringComparison.Ordinal);
        var seen = Form((await site.PageAsync("catalogue/open", cookie)).Text);
        await ShowAsync("another");

        Assert.Equal(HttpStatusCode.Conflict, await PostAsync(seen, cookie, front: false));
        var shown = Form((await site.PageAsync("catalogue/open", cookie)).Text);
        Assert.Equal(HttpStatusCode.Forbidden, await PostAsync((shown.Path, seen.Token), cookie, front: false));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(shown, cookie, front: true));
        Assert.Contains("<h2>Drifted: 1</h2>", (await site.PageAsync("catalogue/open", cookie)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.SeeOther, await PostAsync(shown, cookie, front: false));

        var after = (await site.PageAsync("catalogue/open", cookie)).Text;
        Assert.DoesNotContain("<h2>Drifted", after, StringComparison.Ordinal);
        Assert.Contains("tool echo, accepted by grace</li>", after, StringComparison.Ordinal);
    }

    /// <summary>A prompt and a tool may be the same bytes: what is clicked is what is accepted.</summary>
    [Fact]
    public void Key_OfTheSameBytes_IsAnotherForAnotherKindOrName()
    {
        string[] keys = [Acceptance.KeyOf("tool", "x", "f"), Acceptance.KeyOf("prompt", "x", "f"), Acceptance.KeyOf("tool", "y", "f"), Acceptance.KeyOf("tool", "x", "g"), Acceptance.KeyOf("tool", "xf", "")];

        Assert.Equal(keys.Length, keys.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Change_TooLongForThePage_IsNotAcceptedThere()
    {
        await site.AdministerAsync(HttpMethod.Post, "operators", new { name = "mary", roles = new[] { "administrator" }, password = StackedGate.Password });
        var cookie = await site.SignInAsync("mary");
        await site.Upstream.ChangeToolsAsync(static tools => tools.First(static tool => tool!["name"]!.GetValue<string>() == "add")!["description"] = new string('x', 9_000) + " <important>");
        await site.AdministerAsync(HttpMethod.Get, "servers/open/tools");

        var page = (await site.PageAsync("catalogue/open", cookie)).Text;
        var change = page[page.IndexOf("tool add (drifted)", StringComparison.Ordinal)..];
        change = change[..change.IndexOf("</details>", StringComparison.Ordinal)];

        Assert.Contains("This is not all of it", change, StringComparison.Ordinal);
        Assert.DoesNotContain("<form", change, StringComparison.Ordinal);
    }

    private async Task ShowAsync(string description)
    {
        await site.Upstream.ChangeToolsAsync(tools => tools.First(static tool => tool!["name"]!.GetValue<string>() == "echo")!["description"] = description);
        await site.AdministerAsync(HttpMethod.Get, "servers/open/tools");
    }

    private static (string Path, string Token) Form(string page)
    {
        var found = Regex.Match(page, "<form method=\"post\" action=\"/(stack/accept/open/[0-9a-f]{64})\">\\s*<input type=\"hidden\" name=\"token\" value=\"([^\"]+)\"", RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.True(found.Success);
        return (found.Groups[1].Value, found.Groups[2].Value);
    }

    private async Task<HttpStatusCode> PostAsync((string Path, string Token) form, string cookie, bool front)
    {
        var address = front ? site.Gate.Address : site.Gate.AdminAddress;
        using var http = new HttpClient(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, form.Path)) { Content = new FormUrlEncodedContent([new("token", form.Token)]) };
        request.Headers.Add("Cookie", cookie);
        request.Headers.Add("Origin", address.GetLeftPart(UriPartial.Authority));
        using var answer = await http.SendAsync(request);
        return answer.StatusCode;
    }
}
