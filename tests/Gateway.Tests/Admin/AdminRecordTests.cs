using System.Net;
using System.Text.Json;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

/// <summary>Each change stands in the record with what was before and what is after.</summary>
public sealed class AdminRecordTests
{
    [Fact]
    public async Task Changes_OfEveryKind_SayWhatWasAndWhatIs()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Post, "servers", new { name = "held", url = "http://127.0.0.1:9/mcp", headers = new { X = "canary-of-a-header" } }, HttpStatusCode.Created);
        await host.OkAsync(HttpMethod.Put, "policies/strict", """{ "version": "1", "default": "deny" }""");
        await host.OkAsync(HttpMethod.Put, "policies/strict", """{ "version": "1", "default": "allow" }""");
        var grant = (await host.OkAsync(HttpMethod.Post, "grants", new { label = "made", servers = new { held = "strict" } }, HttpStatusCode.Created)).GetProperty("id").GetString();
        await host.OkAsync(HttpMethod.Put, $"grants/{grant}/servers/held", new { policy = "careful" });
        await host.OkAsync(HttpMethod.Post, $"grants/{grant}/rotate");
        await host.OkAsync(HttpMethod.Put, "stops/servers/held");
        await host.OkAsync(HttpMethod.Delete, "stops/servers/held");
        await host.OkAsync(HttpMethod.Post, "servers/held/tools/accept", new { });
        await host.OkAsync(HttpMethod.Delete, $"grants/{grant}");
        await host.OkAsync(HttpMethod.Delete, "servers/held");

        var entries = host.JournalText().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).ToList();
        var details = entries.Where(static entry => entry.GetProperty("kind").GetString() == "call")
            .Select(static entry => $"{entry.GetProperty("method").GetString()!["operator/".Length..]} {entry.GetProperty("detail").GetString()}").ToList();

        Assert.Collection(
            details,
            static detail => Assert.Matches("^server-add was none, is sha256 [0-9a-f]{64}$", detail),
            static detail => Assert.Matches("^policy-put was none, is sha256 [0-9a-f]{64}$", detail),
            static detail => Assert.Matches("^policy-put was revision 1 sha256 [0-9a-f]{64}, is sha256 [0-9a-f]{64}$", detail),
            static detail => Assert.Matches("^grant-create was none, is sha256 [0-9a-f]{64}$", detail),
            static detail => Assert.Equal("policy-attach was strict, is careful", detail),
            static detail => Assert.Matches("^grant-rotate was token sha256 [0-9a-f]{64}, is token sha256 [0-9a-f]{64}$", detail),
            static detail => Assert.Equal("stop server:held: was released, is stopped", detail),
            static detail => Assert.Equal("release server:held: was stopped, is released", detail),
            static detail => Assert.Matches("^server-accept was sha256 [0-9a-f]{64}; everything$", detail),
            static detail => Assert.Matches("^grant-revoke was sha256 [0-9a-f]{64}, is revoked$", detail),
            static detail => Assert.Matches("^server-remove was sha256 [0-9a-f]{64}, is none$", detail));
        Assert.Single(entries, static entry => entry.GetProperty("kind").GetString() == "outcome" && entry.GetProperty("detail").GetString()?.StartsWith("is sha256 ", StringComparison.Ordinal) == true);
        Assert.DoesNotContain("canary-of-a-header", host.JournalText(), StringComparison.Ordinal);
    }
}
