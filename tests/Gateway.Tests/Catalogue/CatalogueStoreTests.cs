using System.Collections;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>What goes into the catalogue, what stays, and whose word counts.</summary>
public sealed class CatalogueStoreTests
{
    [Fact]
    public async Task Put_NewSameChangedAndDeleted_IsToldApart()
    {
        await using var folder = new CatalogueFolder();
        var (one, two) = (CatalogueFolder.Server("one", tools: ["get_a"]), CatalogueFolder.Server("two", tools: ["get_b", "delete_b"]));

        Assert.Equal(new CatalogueTaken(2, 0, 0, 0), await folder.Store.PutAsync([one, two]));
        Assert.Equal(new CatalogueTaken(0, 0, 2, 0), await folder.Store.PutAsync([one, two]));
        Assert.Equal(new CatalogueTaken(0, 1, 1, 0), await folder.Store.PutAsync([one with { IsPublic = true }, two]));
        Assert.Equal(new CatalogueTaken(0, 1, 0, 0), await folder.Store.PutAsync([CatalogueFolder.Server("two", tools: ["get_b"])]));
        Assert.Empty(await folder.SearchAsync("delete"));
        Assert.Equal(new CatalogueTaken(0, 0, 0, 1), await folder.Store.PutAsync([one with { Entry = one.Entry with { IsDeleted = true } }]));
        Assert.Equal(new CatalogueTaken(0, 0, 0, 0), await folder.Store.PutAsync([one with { Entry = one.Entry with { IsDeleted = true } }]));
        Assert.Equal(["two"], await folder.NamesAsync());
    }

    [Fact]
    public async Task Put_MembersInAnotherOrder_ChangesNothing()
    {
        await using var folder = new CatalogueFolder();
        CatalogueItem Of(string tool) => new(new ServerEntry("s") { Tools = [JsonElement.Parse(tool)] }, CatalogueSource.Added, IsPublic: false);
        await folder.Store.PutAsync([Of("""{ "name": "t", "description": "d" }""")]);

        Assert.Equal(1, (await folder.Store.PutAsync([Of("""{"description":"d","name":"t"}""")])).Unchanged);
    }

    [Fact]
    public async Task Replace_OfASource_LeavesTheOthers()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("mine"), CatalogueFolder.Server("known", CatalogueSource.Pack), CatalogueFolder.Server("gone", CatalogueSource.Pack)]);

        Assert.Equal(new CatalogueTaken(1, 0, 1, 1), await folder.Store.ReplaceAsync(CatalogueSource.Pack, [CatalogueFolder.Server("known", CatalogueSource.Pack), CatalogueFolder.Server("new", CatalogueSource.Pack)]));
        Assert.Equal(["known", "mine", "new"], await folder.NamesAsync());
    }

    [Fact]
    public async Task Remove_OfOneSource_IsToldWhetherThereWasOne()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", CatalogueSource.Pack, tools: ["read_a"])]);

        Assert.False(await folder.Store.RemoveAsync("s", CatalogueSource.Added));
        Assert.True(await folder.Store.RemoveAsync("s", CatalogueSource.Pack));
        Assert.Empty(await folder.SearchAsync("read"));
    }

    /// <summary>What is not public is in no list, no count, no search and on no page for people who have not signed in.</summary>
    [Fact]
    public async Task PublicScope_ServersThatAreNotPublic_AreNowhere()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("open", isPublic: true, tools: ["get_thing"]), CatalogueFolder.Server("secret", tools: ["get_thing", "delete_thing"])]);

        Assert.Equal(["open"], await folder.NamesAsync(CatalogueScope.Public));
        Assert.Equal((1, 1), await TotalsAsync(folder, CatalogueScope.Public));
        Assert.Equal((2, 3), await TotalsAsync(folder, CatalogueScope.All));
        Assert.Equal(["open/get_thing"], await folder.SearchAsync("get_thing", CatalogueScope.Public));
        Assert.Equal(["open/get_thing"], await folder.SearchAsync("thing", CatalogueScope.Public));
        Assert.Empty(await folder.SearchAsync("secret", CatalogueScope.Public));
        foreach (var query in new[] { new CatalogueQuery("", Category: "Destructive"), new CatalogueQuery("delete_thing", Risk: RiskLevel.Critical), new CatalogueQuery("forall isDestructive") })
        {
            Assert.Empty((await folder.Store.SearchAsync(CatalogueScope.Public, query)).Tools);
        }

        Assert.Null(await folder.Store.FindAsync(CatalogueScope.Public, "secret"));
        Assert.Null(await folder.Store.FindAsync(CatalogueScope.Public, "secret", "get_thing"));
        Assert.Empty(await folder.Store.NamesakesAsync(CatalogueScope.Public, "open", "get_thing"));
        Assert.Equal("secret", Assert.Single(await folder.Store.NamesakesAsync(CatalogueScope.All, "open", "get_thing")).Server);
    }

    [Fact]
    public async Task Name_OfSeveralSources_IsShownFromTheFirstThatTheViewerMaySee()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync(
        [
            CatalogueFolder.Server("s", CatalogueSource.Pack, isPublic: true, tools: ["get_pack"]), CatalogueFolder.Server("s", CatalogueSource.Added, tools: ["get_added"]),
        ]);
        Assert.Equal((CatalogueSource.Added, "get_added"), await ShownAsync(folder, CatalogueScope.All));
        Assert.Equal((CatalogueSource.Pack, "get_pack"), await ShownAsync(folder, CatalogueScope.Public));

        await folder.Store.PutAsync([CatalogueFolder.Server("s", CatalogueSource.Registered, tools: ["get_registered"])]);
        Assert.Equal((CatalogueSource.Registered, "get_registered"), await ShownAsync(folder, CatalogueScope.All));
        Assert.Equal((CatalogueSource.Pack, "get_pack"), await ShownAsync(folder, CatalogueScope.Public));
        Assert.Equal((1, 1), await TotalsAsync(folder, CatalogueScope.All));
        Assert.Equal(["s/get_registered"], await folder.SearchAsync("get"));
        Assert.Equal(["s/get_pack"], await folder.SearchAsync("get", CatalogueScope.Public));
        Assert.Null(await folder.Store.FindAsync(CatalogueScope.All, "s", "get_pack"));
    }

    /// <summary>Who names himself like a server of the pack is not given what people decided about that one.</summary>
    [Fact]
    public async Task Overrides_ServerThatNamesItself_GetsNone()
    {
        await using var folder = new CatalogueFolder();
        var reviewed = new ServerEntry("x") { Title = "Databricks MCP Server", Tools = [CatalogueFolder.Tool("cancel_run", "Cancels a run.")] };
        await folder.Store.PutAsync([new CatalogueItem(reviewed, CatalogueSource.Pack, IsPublic: true), new CatalogueItem(reviewed with { Name = "y" }, CatalogueSource.Added, IsPublic: true)]);

        Assert.Equal("reviewed by a person", ToolStory.Of((await folder.Store.FindAsync(CatalogueScope.All, "x", "cancel_run"))!).ConfidenceText);
        Assert.StartsWith("confidence", ToolStory.Of((await folder.Store.FindAsync(CatalogueScope.All, "y", "cancel_run"))!).ConfidenceText, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Servers_FromBehindAName_GoOnWithoutGapOrRepetition()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([.. Enumerable.Range(0, 25).SelectMany(static number => new[] { CatalogueFolder.Server($"s{number:00}"), CatalogueFolder.Server($"s{number:00}", CatalogueSource.Pack) })]);
        var (names, after) = (new List<string>(), "");
        while (await folder.Store.ServersAsync(CatalogueScope.All, after, 10) is { Count: > 0 } page)
        {
            names.AddRange(page.Select(static server => server.Name));
            after = page[^1].Name;
        }

        Assert.Equal(Enumerable.Range(0, 25).Select(static number => $"s{number:00}"), names);
    }

    [Fact]
    public async Task Definition_LargerThanIsKept_LosesItsSchemaAndNotItsName()
    {
        await using var folder = new CatalogueFolder();
        var name = new string('n', 10_000);
        var schema = new JsonObject { ["type"] = "object", ["description"] = new string('x', 100_000) };
        await folder.Store.PutAsync([new CatalogueItem(new ServerEntry("s") { Tools = [CatalogueFolder.Tool(name, "😀" + new string('d', 5_000), schema), CatalogueFolder.Tool("small")] }, CatalogueSource.Added, IsPublic: false)]);

        var found = (await folder.Store.FindAsync(CatalogueScope.All, "s", name))!;
        Assert.Equal(name, found.Definition.GetProperty("name").GetString());
        Assert.False(found.Definition.TryGetProperty("inputSchema", out _));
        Assert.True((await folder.Store.FindAsync(CatalogueScope.All, "s", "small"))!.Definition.TryGetProperty("inputSchema", out _));
    }

    [Fact]
    public async Task Server_OfFiveThousandTools_IsTakenInWhole()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", tools: [.. Enumerable.Range(0, ServerEntry.MostTools).Select(static number => $"get_{number}")])]);

        Assert.Equal(ServerEntry.MostTools, (await folder.Store.FindAsync(CatalogueScope.All, "s"))!.Tools.Count);
        Assert.Equal((1, ServerEntry.MostTools), await TotalsAsync(folder, CatalogueScope.All));
    }

    [Theory]
    [InlineData("empty")]
    [InlineData("text")]
    [InlineData("foreign")]
    [InlineData("gone, its log left")]
    public async Task File_ThatCannotBeUsed_IsSetAsideAndFilledAnew(string damage)
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("before")]);
        await folder.AgainAsync(path =>
        {
            switch (damage)
            {
                case "empty":
                    File.WriteAllText(path, "");
                    break;
                case "text":
                    File.WriteAllText(path, string.Concat(Enumerable.Repeat("no database. ", 1_000)));
                    break;
                case "foreign":
                    File.Delete(path);
                    StoreFile.Open(path, StoreKind.AuditIndex).Dispose();
                    break;
                default:
                    File.Delete(path);
                    File.WriteAllBytes(path + "-wal", new byte[4096]);
                    break;
            }
        });

        Assert.Empty(await folder.NamesAsync());
        Assert.Equal(1, (await folder.Store.PutAsync([CatalogueFolder.Server("after")])).Added);
        Assert.Equal(["after"], await folder.NamesAsync());
        Assert.Equal(damage != "gone, its log left", File.Exists(folder.Path + ".damaged"));
    }

    [Fact]
    public async Task Store_OpenedAgain_HoldsWhatWasTakenIn()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", tools: ["get_a"])]);
        await folder.AgainAsync(static _ => { });

        Assert.Equal(["s/get_a"], await folder.SearchAsync("get"));
        Assert.Equal(1, (await folder.Store.PutAsync([CatalogueFolder.Server("s", tools: ["get_a"])])).Unchanged);
    }

    private static async Task<(long Servers, long Tools)> TotalsAsync(CatalogueFolder folder, CatalogueScope scope)
    {
        var (tools, servers) = await folder.Store.TotalsAsync(scope);
        return (servers, tools.Total);
    }

    private static async Task<(CatalogueSource Source, string Tool)> ShownAsync(CatalogueFolder folder, CatalogueScope scope)
    {
        var listed = Assert.Single(await folder.Store.ServersAsync(scope, "", 10));
        var found = (await folder.Store.FindAsync(scope, "s"))!;
        Assert.Equal(listed, found.Listed);
        var tool = Assert.Single(found.Tools).Listed.Name;
        Assert.NotNull(await folder.Store.FindAsync(scope, "s", tool));
        return (listed.Source, tool);
    }

    /// <summary>An import waits in the middle of a batch, and whoever looks is answered with what was there before.</summary>
    [Fact]
    public async Task Search_WhileABatchIsTakenIn_IsAnswered()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("before", tools: ["get_it"])]);
        using var halfway = new SemaphoreSlim(0);
        using var go = new ManualResetEventSlim();
        var put = folder.Store.PutAsync(new PausingList([CatalogueFolder.Server("one", tools: ["get_one"]), CatalogueFolder.Server("two", tools: ["get_two"])], () =>
        {
            halfway.Release();
            go.Wait();
        }));
        await halfway.WaitAsync();

        Assert.Equal(["before/get_it"], await folder.SearchAsync("get"));
        Assert.Equal(["before"], await folder.NamesAsync());
        Assert.Equal(1, (await folder.Store.TotalsAsync(CatalogueScope.All)).Servers);
        Assert.False(put.IsCompleted);
        go.Set();
        Assert.Equal(2, (await put).Added);
        Assert.Equal((3L, 3L), ((await folder.Store.TotalsAsync(CatalogueScope.All)).Servers, (await folder.Store.TotalsAsync(CatalogueScope.All)).Tools.Total));
        Assert.Equal(3, (await folder.SearchAsync("get")).Count);
    }

    /// <summary>Each name is counted once, under the server that is shown.</summary>
    [Fact]
    public async Task Totals_OfNamesThatSeveralSourcesHave_CountWhatIsShown()
    {
        await using var folder = new CatalogueFolder();
        foreach (var (name, registered, added, pack) in new[] { ("a", 0, 1, 1), ("b", 2, 1, 1), ("c", 0, 0, 2), ("d", 1, 0, 1), ("e", 1, 2, 0), ("f", 0, 2, 1) })
        {
            foreach (var (source, kind) in new[] { (CatalogueSource.Registered, registered), (CatalogueSource.Added, added), (CatalogueSource.Pack, pack) })
            {
                if (kind > 0)
                {
                    await folder.Store.PutAsync([CatalogueFolder.Server(name, source, isPublic: kind == 2, tools: [.. Enumerable.Range(0, 1 + (int)source).Select(static tool => $"get_{tool}")])]);
                }
            }
        }

        foreach (var scope in Enum.GetValues<CatalogueScope>())
        {
            var shown = await folder.Store.ServersAsync(scope, "", 100);
            var (tools, servers) = await folder.Store.TotalsAsync(scope);
            Assert.Equal((shown.Count, shown.Sum(static server => server.Tools.Total)), (servers, tools.Total));
        }
    }

    /// <summary>A catalogue of the first shape: its words are found by the indexes of this one.</summary>
    [Fact]
    public async Task Open_FirstShape_KeepsWhatIsInIt()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", isPublic: true, tools: ["get_it", "delete_it"]), CatalogueFolder.Server("closed", tools: ["get_it"])]);
        await folder.AgainAsync(static path =>
        {
            using var database = new SqliteConnection($"Data Source=\"{path}\";Mode=ReadWrite");
            database.Open();
            database.Execute(
                """
                CREATE VIRTUAL TABLE old USING fts5 (tool, server, description, facets, prefix = '1 2 3', detail = column, tokenize = 'unicode61 remove_diacritics 2');
                INSERT INTO old (rowid, tool, server, description, facets) SELECT rowid, ifnull(tool, public_tool), ifnull(server, public_server), ifnull(description, public_description), replace(facets, char(57344), '') FROM words;
                DROP TABLE words;
                ALTER TABLE old RENAME TO words;
                DROP TABLE names;
                DROP INDEX servers_counts;
                PRAGMA user_version = 1;
                """);
        });

        Assert.Equal(["s/get_it"], await folder.SearchAsync("get", CatalogueScope.Public));
        Assert.Equal(2, (await folder.SearchAsync("get")).Count);
        Assert.Equal(["delete_it"], (await folder.Store.SearchAsync(CatalogueScope.Public, new CatalogueQuery("", Category: "Destructive"))).Tools.Select(static tool => tool.Name));
        Assert.Equal(2, (await folder.Store.TotalsAsync(CatalogueScope.Public)).Tools.Total);
        Assert.True(await folder.Store.RemoveAsync("s", CatalogueSource.Added));
        Assert.Equal(["closed/get_it"], await folder.SearchAsync("get"));
    }

    /// <summary>A list that stops behind its first item.</summary>
    private sealed class PausingList(IReadOnlyList<CatalogueItem> items, Action pause) : IReadOnlyList<CatalogueItem>
    {
        public int Count => items.Count;

        public CatalogueItem this[int index] => items[index];

        public IEnumerator<CatalogueItem> GetEnumerator()
        {
            for (var at = 0; at < items.Count; at++)
            {
                if (at == 1)
                {
                    pause();
                }

                yield return items[at];
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
