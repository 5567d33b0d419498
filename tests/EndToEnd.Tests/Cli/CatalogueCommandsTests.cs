using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary><c>callgate catalogue</c> against a gate that runs: what it takes in, from where, and what it says when that breaks off.</summary>
public sealed class CatalogueCommandsTests : IAsyncLifetime
{
    private readonly TemporaryFolder folder = new();
    private ServedGate gate = null!;

    public async ValueTask InitializeAsync() => gate = (await ServedGate.StartAsync(folder.File("data"))).Gate!;

    public async ValueTask DisposeAsync()
    {
        await gate.DisposeAsync();
        folder.Dispose();
    }

    [Theory]
    [InlineData("[{0},{1}]")]
    [InlineData(" [ {0} ,\n{1} ]\n")]
    [InlineData("\uFEFF[{0},{1}]")]
    [InlineData("{0}\n{1}\n")]
    [InlineData("{0} {1}")]
    [InlineData("""{{"servers":[{0},{{"server":{1},"_meta":{{}}}}],"metadata":{{}}}}""")]
    public async Task Add_FileInEachForm_TakesItsServersIn(string form)
    {
        var file = folder.Write("servers.json", string.Format(CultureInfo.InvariantCulture, form, Server(1), Server(2)));

        Assert.Equal((2, 0, 0, 0), Counts(await gate.JsonAsync("catalogue", "add", file)));
        Assert.Equal((0, 0, 2, 0), Counts(await gate.JsonAsync("catalogue", "add", file)));
        Assert.Equal((0, 2, 0, 0), Counts(await gate.JsonAsync("catalogue", "add", file, "--public")));
    }

    [Theory]
    [InlineData("""{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"get_a"},{"name":"get_b"}]}}""")]
    [InlineData("""{"tools":[{"name":"get_a"},{"name":"get_b"}]}""")]
    [InlineData("""[{"name":"get_a"},{"name":"get_b"}]""")]
    public async Task Add_ListOfToolsUnderAName_IsOneServer(string list)
    {
        var file = folder.Write("tools.json", list);

        Assert.Equal((1, 0, 0, 0), Counts(await gate.JsonAsync("catalogue", "add", file, "--name", "mine")));
        Assert.Equal(2, (await gate.JsonAsync("catalogue", "show", "mine")).GetProperty("tools").GetArrayLength());
    }

    [Fact]
    public async Task Add_ListOfToolsWithoutAName_AsksForIt()
    {
        var run = await gate.RunAsync("catalogue", "add", folder.Write("tools.json", """{"tools":[]}"""));

        Assert.Equal(2, run.Code);
        Assert.Contains("--name NAME", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, (await gate.RunAsync("catalogue", "add", folder.Write("twice.json", """[{"name":"a"},{"name":"a"}]"""), "--name", "mine")).Code);
    }

    /// <summary>A file that breaks off is taken in as far as it is sound, and the message says where that ends.</summary>
    [Theory]
    [InlineData("[{0},{1},{2}x", "value 3: it is not JSON")]
    [InlineData("[{0},{1} {2}]", "value 3: a comma is missing")]
    [InlineData("[{0},{1},", "value 3: the list does not end")]
    [InlineData("[{0},{1}", "value 3: the list does not end")]
    [InlineData("{0}\n{1}\n{{\"name\":", "value 3: it is not JSON (line 3")]
    [InlineData("{0}\n{1}\n}}", "value 3: it is not JSON (line 3")]
    [InlineData("{0}\n{1}\n{{\"name\":\"a\",\"name\":\"b\"}}\n", "value 3: Duplicate")]
    public async Task Add_FileThatBreaksOff_TakesInWhatStoodBefore(string form, string where)
    {
        var file = folder.Write("broken.json", string.Format(CultureInfo.InvariantCulture, form, Server(1), Server(2), """{"name":"three" """));

        var run = await gate.RunAsync("catalogue", "add", file);

        Assert.Equal(1, run.Code);
        Assert.Contains(where, run.Error, StringComparison.Ordinal);
        Assert.EndsWith("what stood before it is taken in\n", run.Error, StringComparison.Ordinal);
        Assert.Equal("server-1", (await gate.JsonAsync("catalogue", "show", "server-1")).GetProperty("server").GetProperty("name").GetString());
        Assert.Equal(0, (await gate.RunAsync("catalogue", "show", "server-2")).Code);
    }

    [Fact]
    public async Task Add_ServersThatAreNone_NamesThemAndTakesTheRest()
    {
        var run = await gate.RunAsync("catalogue", "add", folder.Write("some.json", $$"""[{{Server(1)}},{"title":"none"},7,{{Server(2)}}]"""), "--json");
        var answer = JsonElement.Parse(run.Out);

        Assert.Equal((1, (2, 0, 0, 0)), (run.Code, Counts(answer)));
        Assert.Equal(["server 2: `name` is missing; it is a text of 1 to 200 characters", "server 3: a server is an object"], answer.GetProperty("faults").EnumerateArray().Select(static fault => fault.GetString()));
    }

    [Fact]
    public async Task Add_WhatCannotBeRead_FailsByName()
    {
        var (missing, empty) = (folder.File("missing.json"), folder.Write("empty.json", " \n"));
        foreach (var (path, says) in new[] { (missing, "cannot be read"), (folder.Root, "cannot be read"), (empty, "there is no server in it") })
        {
            var run = await gate.RunAsync("catalogue", "add", path);
            Assert.Equal(1, run.Code);
            Assert.Contains(says, run.Error, StringComparison.Ordinal);
        }

        Assert.Equal(2, (await gate.RunAsync("catalogue", "add")).Code);
        Assert.Equal(2, (await gate.RunAsync("catalogue", "add", empty, "--registry", "http://127.0.0.1:9")).Code);
        Assert.Equal(2, (await gate.RunAsync("catalogue", "add", "--registry", "file:///tmp")).Code);
        Assert.Equal(2, (await gate.RunAsync("catalogue", "add", "--registry", "http://example.com")).Code);
        Assert.Equal(1, (await gate.RunAsync("catalogue", "add", "--registry", "http://127.0.0.1:9")).Code);
    }

    /// <summary>Texts of other scripts are three bytes a letter; a batch of them still fits into a request.</summary>
    [Fact]
    public async Task Add_LargeServersOfOtherScripts_FitIntoTheRequests()
    {
        var said = string.Concat(Enumerable.Repeat("検索", 100));
        var servers = Enumerable.Range(0, 30).Select(number => $$"""{"name":"large-{{number}}","tools":[{{string.Join(',', Enumerable.Range(0, 100).Select(tool => $$"""{"name":"get_{{tool}}","description":"{{said}}"}"""))}}]}""");

        Assert.Equal((30, 0, 0, 0), Counts(await gate.JsonAsync("catalogue", "add", folder.Write("large.jsonl", string.Join('\n', servers)))));
    }

    /// <summary>An import that was killed is begun again and comes to the same.</summary>
    [Fact]
    public async Task Add_KilledAndBegunAgain_ComesToTheSame()
    {
        const int Servers = 3_000;
        var before = await WithThePackAsync();
        var file = folder.Write("many.jsonl", string.Concat(Enumerable.Range(0, Servers).Select(static number => Server(number) + "\n")));
        using (var import = Process.Start(new ProcessStartInfo(GateProcess.DotnetPath, [GateProcess.Built("callgate.dll"), "catalogue", "add", file, "--data", gate.Data]) { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (await TotalsAsync() == before)
            {
                limit.Token.ThrowIfCancellationRequested();
            }

            import.Kill();
            await import.WaitForExitAsync(limit.Token);
        }

        var half = await TotalsAsync();
        var again = Counts(await gate.JsonAsync("catalogue", "add", file));

        Assert.True(half.Servers > before.Servers);
        Assert.Equal(Servers, again.Added + again.Unchanged);
        Assert.Equal((before.Servers + Servers, before.Tools + (2 * Servers)), await TotalsAsync());
        Assert.Equal((0, 0, Servers, 0), Counts(await gate.JsonAsync("catalogue", "add", file)));
    }

    /// <summary>Three pages, of which the last points back to the second; one server was deleted, one is not the latest.</summary>
    [Fact]
    public async Task Add_RegistryWhoseCursorRepeats_IsReadOnce()
    {
        await gate.JsonAsync("catalogue", "add", folder.Write("old.json", """{"name":"gone"}"""));
        var asked = new List<string>();
        await using var registry = await RegistryAsync(cursor =>
        {
            asked.Add(cursor);
            return cursor switch
            {
                "" => (200, Page("b", Item("one"), Item("gone", status: "deleted"))),
                "b" => (200, Page("c", Item("two"), Item("old", isLatest: false))),
                _ => (200, Page("b", Item("three"))),
            };
        });

        Assert.Equal((3, 0, 0, 1), Counts(await gate.JsonAsync("catalogue", "add", "--registry", AddressOf(registry))));
        Assert.Equal(["", "b", "c"], asked);
        Assert.Equal((0, 0, 3, 0), Counts(await gate.JsonAsync("catalogue", "add", "--registry", AddressOf(registry))));
        Assert.Equal(1, (await gate.RunAsync("catalogue", "show", "gone")).Code);
        Assert.Equal(1, (await gate.RunAsync("catalogue", "show", "old")).Code);
    }

    [Theory]
    [InlineData(500, "no", "answers 500")]
    [InlineData(302, "", "answers 302")]
    [InlineData(200, "no json", "does not answer as a registry does")]
    [InlineData(200, """{"servers":[],"servers":[]}""", "does not answer as a registry does")]
    public async Task Add_RegistryThatBreaksOff_TakesInWhatCameBefore(int status, string body, string says)
    {
        await using var registry = await RegistryAsync(cursor => cursor.Length == 0 ? (200, Page("b", Item("one"))) : (status, body));

        var run = await gate.RunAsync("catalogue", "add", "--registry", AddressOf(registry));

        Assert.Equal(1, run.Code);
        Assert.Contains(says, run.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await gate.RunAsync("catalogue", "show", "one")).Code);
    }

    [Fact]
    public async Task SearchShowRemove_OfAnAddedServer_SayWhatItIs()
    {
        await gate.JsonAsync("catalogue", "add", folder.Write("s.json", """{"name":"io.example/shop","title":"Shop","tools":[{"name":"refund_quixotic_order","description":"Pays\u001b[2J it back."},{"name":"get_quixotic_order"}]}"""));

        var search = await gate.RunAsync("catalogue", "search", "quixotic", "order");
        var json = await gate.JsonAsync("catalogue", "search", "quixotic", "--category", "Financial");
        var show = await gate.RunAsync("catalogue", "show", "io.example/shop");
        var tool = await gate.RunAsync("catalogue", "show", "io.example/shop", "refund_quixotic_order");

        Assert.Equal("SERVER TOOL CATEGORY RISK DESCRIPTION", string.Join(' ', search.Out.Split('\n')[0].Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal("refund_quixotic_order", Assert.Single(json.GetProperty("tools").EnumerateArray()).GetProperty("name").GetString());
        Assert.StartsWith("Shop (added)", show.Out, StringComparison.Ordinal);
        Assert.Contains("risk Critical", tool.Out, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', search.Out + show.Out + tool.Out);
        Assert.Equal("no tool has these words\n", (await gate.RunAsync("catalogue", "search", "nobodywrotethis")).Out);
        Assert.Equal(1, (await gate.RunAsync("catalogue", "search", "x", "--category", "Odd")).Code);
        Assert.Equal(1, (await gate.RunAsync("catalogue", "show", "absent")).Code);

        Assert.Equal("io.example/shop", (await gate.JsonAsync("catalogue", "remove", "io.example/shop")).GetProperty("name").GetString());
        Assert.Equal(1, (await gate.RunAsync("catalogue", "remove", "io.example/shop")).Code);
        Assert.Equal(1, (await gate.RunAsync("catalogue", "show", "io.example/shop")).Code);
    }

    private static string Server(int number) => $$"""{"name":"server-{{number}}","description":"Number {{number}}.","tools":[{"name":"get_{{number}}"},{"name":"delete_{{number}}"}]}""";

    private static string Item(string name, bool isLatest = true, string status = "active") =>
        $$$"""{"server":{"name":"{{{name}}}","version":"1.0.0"},"_meta":{"io.modelcontextprotocol.registry/official":{"isLatest":{{{(isLatest ? "true" : "false")}}},"status":"{{{status}}}"} } }""";

    private static string Page(string cursor, params string[] items) => $$$"""{"servers":[{{{string.Join(',', items)}}}],"metadata":{"nextCursor":"{{{cursor}}}","count":{{{items.Length}}} } }""";

    private static (int Added, int Changed, int Unchanged, int Removed) Counts(JsonElement answer) =>
        (answer.GetProperty("added").GetInt32(), answer.GetProperty("changed").GetInt32(), answer.GetProperty("unchanged").GetInt32(), answer.GetProperty("removed").GetInt32());

    private static string AddressOf(WebApplication registry) => registry.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private static async Task<WebApplication> RegistryAsync(Func<string, (int Status, string Body)> answer)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Services.AddRoutingCore();
        var registry = builder.Build();
        registry.MapGet("/v0.1/servers", context =>
        {
            var (status, body) = answer(context.Request.Query["cursor"].ToString());
            context.Response.StatusCode = status;
            return context.Response.WriteAsync(body);
        });
        await registry.StartAsync();
        return registry;
    }

    /// <summary>A gate is ready before it has taken in the pack, which comes whole or not yet.</summary>
    private async Task<(long Servers, long Tools)> WithThePackAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        (long Servers, long Tools) totals;
        while ((totals = await TotalsAsync()).Servers == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
        }

        return totals;
    }

    private async Task<(long Servers, long Tools)> TotalsAsync()
    {
        var answer = await gate.JsonAsync("catalogue", "search", "nobodywrotethis");
        return (answer.GetProperty("servers").GetInt64(), answer.GetProperty("counts").GetProperty("total").GetInt64());
    }
}
