using Callgate.Catalogue;
using Callgate.Fixtures;
using Callgate.Gateway.Catalogue;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>What a search finds and in which order, whatever a person types.</summary>
public sealed class CatalogueSearchTests
{
    [Fact]
    public async Task Hits_ExactNameThenWordsOfNamesThenTheRest_StandInThisOrder()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync(
        [
            Server("a", ("look_around", "It will list_issues for you."), ("list_open_issues", "")), Server("issues list", ("other", "")), Server("b", ("list_issues", "")), Server("c", ("listAllIssues", "")),
        ]);

        Assert.Equal(["b/list_issues", "a/list_open_issues", "c/listAllIssues", "a/look_around", "issues list/other"], await folder.SearchAsync("list_issues"));
        Assert.Equal(["b/list_issues"], (await folder.SearchAsync("list_issues"))[..1]);
        Assert.Equal(["a/list_open_issues", "b/list_issues", "c/listAllIssues"], (await folder.SearchAsync("iss lis"))[..3]);
    }

    [Theory]
    [InlineData("caf", "s/order_café")]
    [InlineData("cafe\u0301", "s/order_café")]
    [InlineData("CAFÉ", "s/order_café")]
    [InlineData("検索", "s/検索する")]
    [InlineData("issue", "s/deleteIssue")]
    [InlineData("délete", "s/deleteIssue")]
    public async Task Word_InAnySpelling_IsFound(string typed, string found)
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", tools: ["order_café", "検索する", "deleteIssue"])]);

        Assert.Contains(found, await folder.SearchAsync(typed));
    }

    /// <summary>Nothing typed is an operator of the index's language: it is answered, and finds what its words find.</summary>
    [Theory]
    [InlineData("\"")]
    [InlineData("get\"")]
    [InlineData("get*")]
    [InlineData("*")]
    [InlineData("NEAR")]
    [InlineData("NEAR(get thing)")]
    [InlineData("get NOT thing")]
    [InlineData("get OR nothing")]
    [InlineData("-get")]
    [InlineData("tool:get")]
    [InlineData("{tool} : get")]
    [InlineData("facets:forall")]
    [InlineData("^get")]
    [InlineData("(((")]
    [InlineData("get) OR (thing")]
    [InlineData("'; DROP TABLE words; --")]
    [InlineData("...!?;,")]
    [InlineData("😀")]
    [InlineData("get 😀")]
    [InlineData("\ud800")]
    [InlineData("\u0301")]
    [InlineData("𝐛𝐨𝐥𝐝")]
    [InlineData("\0get")]
    public async Task Text_OfAnyCharacters_IsWordsAndNothingElse(string typed)
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", tools: ["get_thing"])]);

        var found = await folder.SearchAsync(typed);

        Assert.All(found, static hit => Assert.Equal("s/get_thing", hit));
        Assert.Equal(["s/get_thing"], await folder.SearchAsync("get"));
    }

    [Theory]
    [InlineData("get OR nothing")]
    [InlineData("get NOT thing")]
    [InlineData("facets:forall")]
    [InlineData("forall")]
    [InlineData("isRead")]
    [InlineData("riskLow")]
    [InlineData("\uE000forall")]
    public async Task Operators_OfTheIndex_AreWordsThatNobodyWrote(string typed)
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", isPublic: true, tools: ["get_thing"])]);

        Assert.Empty(await folder.SearchAsync(typed));
    }

    [Fact]
    public async Task Text_HostileOrLong_IsAnswered()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([new CatalogueItem(new ServerEntry("s") { Tools = [.. HostileTexts.All.Distinct(StringComparer.Ordinal).Where(static text => text.Length > 0).Select(static text => CatalogueFolder.Tool(text, text))] }, CatalogueSource.Added, IsPublic: false)]);
        foreach (var typed in HostileTexts.All.Append(new string('a', 200)).Append(string.Concat(Enumerable.Repeat("a ", 100))).Append(new string('"', 200)))
        {
            await folder.Store.SearchAsync(CatalogueScope.All, new CatalogueQuery(typed, Category: "Read"));
            await folder.Store.SearchAsync(CatalogueScope.Public, new CatalogueQuery(typed, Risk: RiskLevel.Low));
        }

        Assert.Contains("s/**bold** [link](https://example.com)", await folder.SearchAsync("bold link"));
        Assert.Contains("s/\u200Bzero\u200Bwidth", await folder.SearchAsync("zero"));
    }

    [Fact]
    public async Task Pages_OneAfterTheOther_HoldEachHitOnce()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([.. Enumerable.Range(0, 12).Select(static server => CatalogueFolder.Server($"s{server}", tools: [.. Enumerable.Range(0, 10).Select(static tool => tool == 0 ? "find_it" : $"find_it_{tool}")]))]);
        var (found, skip, more) = (new List<string>(), 0, true);
        while (more)
        {
            var hits = await folder.Store.SearchAsync(CatalogueScope.All, new CatalogueQuery("find_it", From: skip));
            Assert.InRange(hits.Tools.Count, 1, CatalogueQuery.PageLength);
            found.AddRange(hits.Tools.Select(static tool => $"{tool.Server}/{tool.Name}"));
            (skip, more) = (skip + CatalogueQuery.PageLength, hits.More);
        }

        Assert.Equal(120, found.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(120, found.Count);
        Assert.All(found[..12], static hit => Assert.EndsWith("/find_it", hit, StringComparison.Ordinal));
        Assert.Empty((await folder.Store.SearchAsync(CatalogueScope.All, new CatalogueQuery("find_it", From: CatalogueQuery.MostHits))).Tools);
    }

    [Fact]
    public async Task Category_WithAndWithoutWords_LetsThroughItsTools()
    {
        await using var folder = new CatalogueFolder();
        await folder.Store.PutAsync([CatalogueFolder.Server("s", tools: ["delete_file", "read_file", "xyzzy"])]);
        async Task<List<string>> Of(CatalogueQuery query) => [.. (await folder.Store.SearchAsync(CatalogueScope.All, query)).Tools.Select(static tool => tool.Name)];

        Assert.Equal(["delete_file"], await Of(new CatalogueQuery("", Category: "Destructive")));
        Assert.Equal(["read_file"], await Of(new CatalogueQuery("file", Category: "Read")));
        Assert.Empty(await Of(new CatalogueQuery("read_file", Category: "Write")));
        Assert.Equal(["xyzzy"], await Of(new CatalogueQuery("", Category: "Unclassified")));
        Assert.Equal(["xyzzy"], await Of(new CatalogueQuery("xyzzy", Category: "Unclassified")));
        Assert.Equal(["read_file"], await Of(new CatalogueQuery("", Risk: RiskLevel.Low)));
        Assert.Equal(3, (await Of(new CatalogueQuery(""))).Count);
    }

    private static CatalogueItem Server(string name, params (string Name, string Description)[] tools) =>
        new(new ServerEntry(name) { Tools = [.. tools.Select(static tool => CatalogueFolder.Tool(tool.Name, tool.Description))] }, CatalogueSource.Added, IsPublic: false);
}
