using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Storage;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

public sealed class AuditIndexSearchTests : IAsyncLifetime
{
    private const string Members = "seq,id,time,grant,identity,server,method,tool,decision,code,rule,policy,revision,outcome,upstream_status,duration_ms,"
        + "argument_names,arguments_digest,client,request_id,shadow,approval,charges";

    private readonly AuditIndexFixture fixture = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public ValueTask DisposeAsync() => fixture.DisposeAsync();

    [Fact]
    public async Task Record_WithEveryMember_IsExactlyTheContract()
    {
        var seq = fixture.Call(
            "c1",
            ("identity", "alice@example.com"),
            ("code", "limit.exceeded"),
            ("rule", "/tools/list_runs"),
            ("decision", "deny"),
            ("outcome", "refused"),
            ("argument_names", new JsonArray("päth", "<b>")),
            ("arguments_digest", "d1"),
            ("client", "cli 1.0"),
            ("request_id", "\"7\""),
            ("shadow", true),
            ("approval", "a1"),
            ("charges", new JsonArray(new JsonObject { ["policy"] = "careful", ["amount"] = 1.50m })),
            ("detail", "for operators"));
        await fixture.OpenAsync();

        var json = Assert.Single((await fixture.Index.SearchAsync(new AuditQuery())).Records);

        Assert.Equal(
            $$"""{"seq":{{seq}},"id":"c1","time":"{{AuditIndexFixture.Time(0)}}","grant":"g1","identity":"alice@example.com","server":"dagster","method":"tools/call","tool":"list_runs","decision":"deny","code":"limit.exceeded","rule":"/tools/list_runs","policy":"careful","revision":3,"outcome":"refused","upstream_status":null,"duration_ms":null,"argument_names":["p\u00E4th","\u003Cb\u003E"],"arguments_digest":"d1","client":"cli 1.0","request_id":"\u00227\u0022","shadow":true,"approval":"a1","charges":[{"policy":"careful","amount":1.50}]}""",
            json);
    }

    [Fact]
    public async Task Record_WithNothingKnown_WritesNullsAndEmptyLists()
    {
        fixture.Append(new JsonObject { ["kind"] = "call", ["id"] = "c1", ["time"] = AuditIndexFixture.Time(0), ["method"] = null, ["decision"] = "deny" });
        await fixture.OpenAsync();

        var record = Assert.Single(await fixture.FindAsync());

        Assert.Equal(Members, string.Join(',', record.EnumerateObject().Select(member => member.Name)));
        Assert.Equal(JsonValueKind.Null, record.GetProperty("tool").ValueKind);
        Assert.Equal(0, record.GetProperty("argument_names").GetArrayLength());
        Assert.Equal(0, record.GetProperty("charges").GetArrayLength());
        Assert.False(record.GetProperty("shadow").GetBoolean());
    }

    public static TheoryData<string, string> Filters => new()
    {
        { "id", "special" }, { "grant", "g2" }, { "identity", "bob" }, { "server", "files" }, { "tool", "Delete" }, { "method", "operator/stop" },
        { "decision", "pending" }, { "code", "policy.denied" }, { "rule", "/tools/x" }, { "outcome", "abandoned" },
    };

    [Theory]
    [MemberData(nameof(Filters))]
    public async Task Filter_OnOneMember_FindsThatRecordOnly(string member, string value)
    {
        fixture.Call("before", ("tool", "delete"), ("identity", "Bob"));
        fixture.Call("special", (member, value));
        fixture.Call("after", ("code", "policy.default_deny"));
        await fixture.OpenAsync();

        var found = await fixture.FindAsync(On(member, value));

        Assert.Equal(value, Assert.Single(found).GetProperty(member).GetString());
    }

    [Fact]
    public async Task Filter_OnProfiles_ReadsTheFirstCallOfEachFromTheIndex()
    {
        fixture.Call("one");
        await fixture.OpenAsync();
        await fixture.CloseAsync();
        using var connection = StoreFile.Open(fixture.IndexPath, StoreKind.AuditIndex);
        var walk = new AuditIndexWalk(connection, new AuditQuery { Grant = "g1", From = AuditIndexFixture.Begin });
        Assert.Single(walk.Find(2));
        connection.Execute("CREATE TEMP TABLE IF NOT EXISTS matched (id INTEGER PRIMARY KEY)");

        var plan = string.Join('\n', connection.Rows("EXPLAIN QUERY PLAN " + walk.BestSql(101), row => row.GetString(3)));

        Assert.Contains("c USING INDEX calls_profile (profile=? AND rowid>? AND rowid<?)", plan, StringComparison.Ordinal);
        Assert.DoesNotContain("SCAN c", plan, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Search_AnyFiltersTogether_FindsWhatANaiveSearchFinds()
    {
        var run = new LongRun("audit-search");
        var random = new Random(run.Seed);
        string[] tools = ["list", "Delete", "cancel_run", "x"];
        for (var i = 0; i < 1_500; i++)
        {
            fixture.Call(
                $"id{random.Next(100_000):D6}",
                ("grant", $"g{random.Next(40)}"), ("tool", tools[random.Next(4)]), ("server", $"s{random.Next(8)}"), ("decision", random.Next(3) == 0 ? "deny" : "allow"),
                ("rule", random.Next(4) == 0 ? $"/r{random.Next(3)}" : null), ("outcome", random.Next(2) == 0 ? "answered" : null),
                ("time", AuditIndexFixture.Time(i + random.Next(-50, 50))));
        }

        await fixture.OpenAsync();
        var all = await AllAsync(new AuditQuery { Limit = AuditQuery.MaxLimit });
        Assert.Equal(1_500, all.Count);
        for (var i = 0; i < 400; i++)
        {
            var query = new AuditQuery
            {
                Grant = Maybe($"g{random.Next(40)}"), Tool = Maybe(tools[random.Next(4)]), Server = Maybe($"s{random.Next(8)}"), Decision = Maybe("deny"),
                Rule = Maybe($"/r{random.Next(3)}"), Outcome = Maybe("answered"), Text = Maybe(random.Next(2) == 0 ? "EL" : "/r1"),
                From = random.Next(3) == 0 ? AuditIndexFixture.Begin.AddSeconds(random.Next(1_600)) : null, To = random.Next(3) == 0 ? AuditIndexFixture.Begin.AddSeconds(random.Next(1_600)) : null,
                OldestFirst = random.Next(2) == 0, Limit = random.Next(1, 60),
            };
            var expected = all.Where(record => Fits(record, query)).Select(static record => record.GetProperty("seq").GetInt64());
            Assert.Equal(query.OldestFirst ? expected.Order() : expected.OrderDescending(), (await AllAsync(query)).Select(static record => record.GetProperty("seq").GetInt64()));
        }

        string? Maybe(string value) => random.Next(3) == 0 ? value : null;
    }

    [Fact]
    public async Task Filter_OnText_TakesAnIdOrTheBeginOfOne()
    {
        fixture.Call("01abcdefgh1");
        fixture.Call("01abcdefgh2");
        fixture.Call("01zzzzzzzz3");
        await fixture.OpenAsync();

        Assert.Equal(2, (await fixture.FindAsync(new AuditQuery { Text = "01abcdef" })).Count);
        Assert.Single(await fixture.FindAsync(new AuditQuery { Text = "01zzzzzzzz3" }));
    }

    [Fact]
    public async Task Filter_OnTime_TakesTheFirstMomentAndNotTheLast()
    {
        for (var i = 0; i < 6; i++)
        {
            fixture.Call($"c{i}");
        }

        await fixture.OpenAsync();

        // Each entry is a second after the one before it; the segment line takes the first number.
        var found = await fixture.FindAsync(new AuditQuery { From = AuditIndexFixture.Begin.AddSeconds(3), To = AuditIndexFixture.Begin.AddSeconds(5).ToOffset(TimeSpan.FromHours(2)) });

        Assert.Equal(["c3", "c2"], found.Select(call => call.GetProperty("id").GetString()));
    }

    [Theory]
    [InlineData("DAGSTER", 3)]
    [InlineData("50%", 1)]
    [InlineData("a_b", 1)]
    [InlineData("back\\slash", 1)]
    [InlineData("%", 1)]
    [InlineData("nowhere", 0)]
    public async Task Filter_OnText_TakesItLiterally(string text, int count)
    {
        fixture.Call("c1", ("client", "half 50% done"));
        fixture.Call("c2", ("tool", "a_b"), ("rule", "x back\\slash"));
        fixture.Call("c3", ("tool", "aXb"));
        await fixture.OpenAsync();

        Assert.Equal(count, (await fixture.FindAsync(new AuditQuery { Text = text })).Count);
    }

    [Fact]
    public async Task Filter_WithSqlInIt_IsOnlyText()
    {
        fixture.Call("c1");
        await fixture.OpenAsync();

        Assert.Empty(await fixture.FindAsync(new AuditQuery { Server = "x' OR 1=1 --", Text = "'; DROP TABLE calls; --" }));
        Assert.Single(await fixture.FindAsync());
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, null)]
    [InlineData(false, "deny")]
    [InlineData(true, "deny")]
    public async Task Pages_WhileRecordsArrive_AreCompleteAndFreeOfDuplicates(bool oldestFirst, string? decision)
    {
        for (var i = 0; i < 100; i++)
        {
            fixture.Call($"c{i}", ("decision", i % 3 == 0 ? "deny" : "allow"));
        }

        await fixture.OpenAsync();
        var expected = (await fixture.FindAsync()).Where(call => decision is null || call.GetProperty("decision").GetString() == decision)
            .Select(call => call.GetProperty("seq").GetInt64()).ToList();
        var seen = new List<long>();
        string? cursor = null;
        do
        {
            var page = await fixture.Index.SearchAsync(new AuditQuery { Limit = 7, Cursor = cursor, OldestFirst = oldestFirst, Decision = decision });
            seen.AddRange(page.Records.Select(json => JsonElement.Parse(json).GetProperty("seq").GetInt64()));
            cursor = page.Cursor;
            if (!oldestFirst)
            {
                fixture.Call("late", ("decision", "deny"));
                await fixture.CatchUpAsync();
            }
        }
        while (cursor is not null);

        Assert.Equal(oldestFirst ? expected.Order() : expected.OrderDescending(), seen);
    }

    [Fact]
    public async Task Pages_EndingExactlyAtTheLimit_HaveNoEmptyLastPage()
    {
        fixture.Call("c1");
        fixture.Call("c2");
        await fixture.OpenAsync();

        Assert.Null((await fixture.Index.SearchAsync(new AuditQuery { Limit = 2 })).Cursor);
        Assert.NotNull((await fixture.Index.SearchAsync(new AuditQuery { Limit = 1 })).Cursor);
    }

    [Theory]
    [InlineData("")]
    [InlineData("%%%")]
    [InlineData("MW4")]
    [InlineData("MW8xMg")]
    [InlineData("MW4tMQ")]
    [InlineData("MW45OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5")]
    public async Task Cursor_NotFromSuchAPage_IsRefused(string cursor)
    {
        var query = new AuditQuery { Cursor = cursor };
        await fixture.OpenAsync();

        Assert.Contains("`cursor`", query.Problem(), StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(async () => await fixture.Index.SearchAsync(query));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    public void Limit_OutOfBounds_IsAProblem(int limit) =>
        Assert.Contains("`limit`", new AuditQuery { Limit = limit }.Problem(), StringComparison.Ordinal);

    private async Task<List<JsonElement>> AllAsync(AuditQuery query)
    {
        var all = new List<JsonElement>();
        AuditPage page;
        do
        {
            page = await fixture.Index.SearchAsync(query);
            Assert.InRange(page.Records.Count, page.Cursor is null ? 0 : query.Limit, query.Limit);
            all.AddRange(page.Records.Select(static json => JsonElement.Parse(json)));
            query = query with { Cursor = page.Cursor };
        }
        while (page.Cursor is not null);
        return all;
    }

    private static bool Fits(JsonElement record, AuditQuery query)
    {
        var time = record.GetProperty("time").GetDateTimeOffset();
        return Is("grant", query.Grant) && Is("tool", query.Tool) && Is("server", query.Server) && Is("decision", query.Decision) && Is("rule", query.Rule) && Is("outcome", query.Outcome)
            && !(time < query.From) && !(time >= query.To)
            && (query.Text is null || new[] { "tool", "rule", "server", "method", "policy" }.Any(name => record.GetProperty(name).GetString()?.Contains(query.Text, StringComparison.OrdinalIgnoreCase) == true));

        bool Is(string member, string? value) => value is null || record.GetProperty(member).GetString() == value;
    }

    private static AuditQuery On(string member, string value)
    {
        return new AuditQuery
        {
            Id = If("id"), Grant = If("grant"), Identity = If("identity"), Server = If("server"), Tool = If("tool"),
            Method = If("method"), Decision = If("decision"), Code = If("code"), Rule = If("rule"), Outcome = If("outcome"),
        };

        string? If(string name) => name == member ? value : null;
    }
}
