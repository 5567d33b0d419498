using System.Net;
using System.Text.Json;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

public sealed class AdminAuditTests
{
    [Fact]
    public async Task Search_ByDefault_IsOneObjectALineAndPagesWithTheCursor()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Put, "stops/all");
        await host.OkAsync(HttpMethod.Delete, "stops/all");
        await host.OkAsync(HttpMethod.Put, "stops/servers/declared");

        var found = new List<string?>();
        string? cursor = null;
        do
        {
            using var page = await host.Client.GetAsync(new Uri($"api/v1/audit?limit=2&order=oldest{(cursor is null ? string.Empty : "&cursor=" + Uri.EscapeDataString(cursor))}", UriKind.Relative));
            Assert.Equal("application/x-ndjson", page.Content.Headers.ContentType?.MediaType);
            var lines = (await page.Content.ReadAsStringAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.True(lines.Length <= 2);
            found.AddRange(lines.Select(static line => JsonElement.Parse(line).GetProperty("method").GetString()));
            cursor = page.Headers.TryGetValues("Callgate-Cursor", out var values) ? values.Single() : null;
        }
        while (cursor is not null && found.Count < 10);

        Assert.Equal(["operator/stop", "operator/release", "operator/stop"], found);
    }

    [Fact]
    public async Task Search_ForJson_IsOneObject()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Put, "stops/servers/declared");

        var answer = await host.OkAsync(HttpMethod.Get, "audit?server=declared&method=operator%2Fstop");

        var record = Assert.Single(answer.GetProperty("records").EnumerateArray());
        Assert.Equal(("declared", "allow", "answered"), (record.GetProperty("server").GetString(), record.GetProperty("decision").GetString(), record.GetProperty("outcome").GetString()));
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("cursor").ValueKind);
        Assert.Equal(JsonValueKind.Null, answer.GetProperty("behind").ValueKind);
    }

    [Fact]
    public async Task Search_IndexDoesNotCatchUp_SaysHowFarItIs()
    {
        await using var host = await AdminHost.StartAsync(indexFollows: false);
        await host.OkAsync(HttpMethod.Put, "stops/all");
        var recorded = host.Parts.Journal.LastSeq;

        var answer = await host.OkAsync(HttpMethod.Get, "audit");
        using var lines = await host.Client.GetAsync(new Uri("api/v1/audit", UriKind.Relative));

        Assert.Empty(answer.GetProperty("records").EnumerateArray());
        Assert.Equal((0, recorded), (answer.GetProperty("behind").GetProperty("indexed_seq").GetInt64(), answer.GetProperty("behind").GetProperty("journal_seq").GetInt64()));
        Assert.Equal($"indexed_seq=0, journal_seq={recorded}", string.Join(", ", lines.Headers.GetValues("Callgate-Behind")));
    }

    [Theory]
    [InlineData("colour=red")]
    [InlineData("limit=0")]
    [InlineData("limit=1001")]
    [InlineData("from=yesterday")]
    [InlineData("order=random")]
    [InlineData("grant=a&grant=b")]
    public async Task Search_QueryThatIsNone_IsRefused(string query)
    {
        await using var host = await AdminHost.StartAsync();

        Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Get, "audit?" + query, null, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task Verify_WithANotedHead_TellsWhetherTheRecordGoesOnFromIt()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Put, "stops/all");
        var head = (await host.OkAsync(HttpMethod.Post, "audit/verify")).GetProperty("head").GetString()!;
        await host.OkAsync(HttpMethod.Delete, "stops/all");

        var known = await host.OkAsync(HttpMethod.Post, "audit/verify", new { head });
        var other = await host.OkAsync(HttpMethod.Post, "audit/verify", new { head = head[..^1] + (head[^1] == '0' ? '1' : '0') });
        var beyond = await host.OkAsync(HttpMethod.Post, "audit/verify", new { head = "9" + head });

        Assert.Equal((true, false, false), (known.GetProperty("ok").GetBoolean(), other.GetProperty("ok").GetBoolean(), beyond.GetProperty("ok").GetBoolean()));
        Assert.Equal("request.invalid", await host.RefusedAsync(HttpMethod.Post, "audit/verify", new { head = "7" }, HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task VerifyAndReindex_WholeJournal_AreFine()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Put, "stops/all");

        Assert.True((await host.OkAsync(HttpMethod.Post, "audit/verify")).GetProperty("ok").GetBoolean());
        Assert.True((await host.OkAsync(HttpMethod.Post, "audit/reindex")).GetProperty("indexed_seq").GetInt64() > 0);
    }
}
