using System.Text.Json.Nodes;
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
        Assert.Matches("~ /description:\n    old: .*\n    new: .*another one", after);
        Assert.Contains("tool echo, drifted</li>", after, StringComparison.Ordinal);
        Assert.DoesNotContain("What changed", before, StringComparison.Ordinal);
        Assert.Contains("1 drifted, 1 waiting for review", stack, StringComparison.Ordinal);
        Assert.DoesNotMatch("Drifted|fresh_gadget|Reviewed since|another one|History|What changed", open);
        Assert.DoesNotContain("/open/fresh_gadget", (await site.PageAsync("catalogue?q=fresh_gadget", cookie)).Text, StringComparison.Ordinal);
    }
}
