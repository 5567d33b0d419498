using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Callgate.Fixtures;
using Callgate.Gateway.Catalogue;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>The attack database on pages, for everybody, and linked both ways with the pages of tools.</summary>
public sealed partial class AttackPagesTests(PageGate site) : IClassFixture<PageGate>
{
    private static int added;

    [Fact]
    public async Task List_WithoutASignIn_HasEveryAttackByKind()
    {
        var html = await PageAsync("attacks");

        Assert.All(AttackPack.Database.Entries, entry => Assert.Contains($"href=\"/attacks/{entry.Slug}\"", html, StringComparison.Ordinal));
        Assert.All(AttackPack.Database.Terms.Categories, kind => Assert.Contains($"<h2 id=\"{kind.Id}\">", html, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("property=S9", "property", "S9")]
    [InlineData("category=approvals", "category", "approvals")]
    [InlineData("actor=third+party", "actor", "ThirdParty")]
    [InlineData("stops=not+yet", "stops", null)]
    [InlineData("stops=not+stopped+yet", "stops", "NotYet")]
    [InlineData("capability=file-path", "capability", "file-path")]
    [InlineData("capability=file-path&capability=Destructive&capability=nonsense", "capability", "file-path,Destructive")]
    [InlineData("capability=%3Cscript%3E&property=S99&category=..&actor=nobody", "", null)]
    public async Task List_Narrowed_HasThoseAlone(string query, string by, string? value)
    {
        var expected = AttackPack.Database.Entries.Where(entry => value is null || by switch
        {
            "property" => entry.Properties.Contains(value),
            "category" => entry.Category == value,
            "actor" => entry.Actor.ToString() == value,
            "stops" => entry.Stops.ToString() == value,
            _ => entry.AppliesTo.Capabilities.Intersect(value.Split(',')).Any(),
        }).Select(static entry => entry.Slug).Order(StringComparer.Ordinal);

        var found = EntryLink().Matches(await PageAsync("attacks?" + query)).Select(static match => match.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(expected, found);
    }

    [Fact]
    public async Task Pages_OfAllAttacks_SayWhatTheEntryHas()
    {
        foreach (var entry in AttackPack.Database.Entries)
        {
            var html = await PageAsync($"attacks/{entry.Slug}");
            var text = WebUtility.HtmlDecode(html);

            Assert.Contains(entry.Wire, text, StringComparison.Ordinal);
            Assert.Contains($"Scenario <code>{entry.Scenario}</code>", html, StringComparison.Ordinal);
            Assert.All(entry.Cases.SelectMany(id => AttackPack.Database.FindCase(id)!.Links), link => Assert.Contains($"href=\"{link}\"", html, StringComparison.Ordinal));
            Assert.All(entry.Related, id => Assert.Contains($"href=\"/attacks/{AttackPack.Database.FindById(id)!.Slug}\"", html, StringComparison.Ordinal));
            Assert.Equal(entry.Policy.ValueKind != JsonValueKind.Undefined, html.Contains("<pre id=\"policy\"", StringComparison.Ordinal));
            Assert.Equal(entry.Limit is not null, html.Contains("No gateway stops that.", StringComparison.Ordinal));
            Assert.Single(Heading().Matches(html));
            Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
            Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Slug_ThatOthersUse_LeadsToTheEntry()
    {
        using var answer = await site.GetAsync("attacks/prompt-injection-via-tool-results");

        Assert.Equal(HttpStatusCode.MovedPermanently, answer.StatusCode);
        Assert.Equal("/attacks/indirect-prompt-injection", answer.Headers.Location?.ToString());
    }

    [Fact]
    public async Task Slug_Unknown_IsNotFoundAndNeverEchoed()
    {
        using var unknown = await site.GetAsync("attacks/no-such-attack");
        var same = await unknown.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
        // No address holds a NUL; what listens refuses it before there is a page.
        foreach (var text in HostileTexts.All.Where(static text => text.Trim().Length > 0 && !text.Contains('\0', StringComparison.Ordinal)).Append(new string('a', 4_000)).Append("A01"))
        {
            using var answer = await site.GetAsync("attacks/x" + Uri.EscapeDataString(text));

            Assert.True(answer.StatusCode == HttpStatusCode.NotFound, $"{text}: {answer.StatusCode}");
            Assert.Equal(same, await answer.Content.ReadAsStringAsync());
        }
    }

    [Fact]
    public async Task Export_AllOfIt_IsOneDocument()
    {
        using var answer = await site.GetAsync("attacks/all.json");
        var told = JsonElement.Parse(await answer.Content.ReadAsStringAsync());

        Assert.Equal("application/json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(AttackPack.Database.Entries.Select(static entry => entry.Id), told.GetProperty("attacks").EnumerateArray().Select(static attack => attack.GetProperty("id").GetString()));
        Assert.Equal(18, told.GetProperty("properties").EnumerateObject().Count());
        var b09 = told.GetProperty("attacks").EnumerateArray().Single(static attack => attack.GetProperty("id").GetString() == "B09");
        Assert.Equal("not stopped yet", b09.GetProperty("stops").GetString());
        Assert.Equal("2025-05-26", b09.GetProperty("cases")[0].GetProperty("date").GetString());
        Assert.Equal("1", b09.GetProperty("policy").GetProperty("version").GetString());
    }

    [Fact]
    public async Task ToolPage_ByWhatTheToolCanDo_LeadsToItsAttacksAndBack()
    {
        var server = await AddAsync(
            new JsonObject { ["name"] = "delete_quixotic_project", ["description"] = "Deletes a project for ever." },
            new JsonObject { ["name"] = "read_quixotic_file", ["description"] = "Reads a file.", ["inputSchema"] = new JsonObject { ["properties"] = new JsonObject { ["path"] = new JsonObject { ["type"] = "string" } } } });

        var destructive = await PageAsync($"catalogue/{server}/delete_quixotic_project");
        var reads = await PageAsync($"catalogue/{server}/read_quixotic_file");
        var markdown = await PageAsync($"catalogue/{server}/read_quixotic_file.md");

        Assert.Contains("href=\"/attacks/destructive-action-autonomy\"", destructive, StringComparison.Ordinal);
        Assert.Contains("href=\"/attacks/path-traversal\"", reads, StringComparison.Ordinal);
        Assert.DoesNotContain("href=\"/attacks/destructive-action-autonomy\"", reads, StringComparison.Ordinal);
        Assert.Contains("href=\"/attacks?capability=any%20tool\"", reads, StringComparison.Ordinal);
        Assert.Contains("- A11 A path that leaves its folder: stopped by a policy", markdown, StringComparison.Ordinal);
        Assert.Contains("href=\"/catalogue?category=Destructive\"", await PageAsync("attacks/destructive-action-autonomy"), StringComparison.Ordinal);
        Assert.InRange(ToolLink().Count(await PageAsync("attacks/destructive-action-autonomy")), 1, AttackedTools.Most);
        Assert.InRange(ToolLink().Count(await PageAsync("attacks/path-traversal")), 1, AttackedTools.Most);
    }

    /// <summary>Every tool that does more than read has at least three attacks on its page, and no page names more than it may.</summary>
    [Fact]
    public void Tools_OfThePack_FindTheirAttacks()
    {
        var tools = CataloguePack.Read().SelectMany(static item => item.Entry.Tools).Select(static tool => Callgate.Catalogue.ToolClassifier.Shipped.Classify(tool)).ToList();

        Assert.All(
            tools.Where(static tool => tool.Settled is not (Callgate.Catalogue.RiskCategory.Read or Callgate.Catalogue.RiskCategory.Other)),
            static tool => Assert.True(AttackPack.Database.Against(tool.Settled, tool.Signals).Count >= 3, $"{tool.Settled}"));
    }

    [Fact]
    public async Task AttackPage_ForStrangers_NamesNoToolThatIsNotTheirs()
    {
        var hidden = $"secret-{Interlocked.Increment(ref added)}";
        var server = new JsonObject { ["name"] = hidden, ["tools"] = new JsonArray(new JsonObject { ["name"] = "send_zebra_mail", ["description"] = "Sends an email." }) };
        using var answer = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { server }, @public = false });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);

        foreach (var entry in AttackPack.Database.Entries)
        {
            Assert.DoesNotContain("send_zebra_mail", await PageAsync($"attacks/{entry.Slug}"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Tool_WithAHostileName_IsTextOnThePageOfAnAttack()
    {
        await AddAsync([.. HostileTexts.All.Where(static text => text.Trim().Length > 0).Distinct().Select(static text => new JsonObject { ["name"] = "delete_" + text, ["description"] = "Deletes everything for ever." })]);

        var html = await PageAsync("attacks/destructive-action-autonomy");

        Assert.DoesNotContain(html, static unit => unit is not ('\n' or '\r') && (char.IsControl(unit) || unit is '\u200B' or '\u202E' or '\u2066' or '\u2028' or '\uFEFF'));
        Assert.DoesNotContain("<script>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<img", html, StringComparison.Ordinal);
    }

    private async Task<string> AddAsync(params JsonObject[] tools)
    {
        var name = $"attacked-{Interlocked.Increment(ref added)}";
        var server = new JsonObject { ["name"] = name, ["tools"] = new JsonArray([.. tools]) };
        using var answer = await site.AdministerAsync(HttpMethod.Post, "catalogue/servers", new { servers = new[] { server }, @public = true });
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return name;
    }

    private async Task<string> PageAsync(string path)
    {
        using var answer = await site.GetAsync(path);
        Assert.True(answer.StatusCode == HttpStatusCode.OK, $"{path}: {answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync();
    }

    [GeneratedRegex("<li>\\s*<a href=\"/attacks/([a-z0-9-]+)\">")]
    private static partial Regex EntryLink();

    [GeneratedRegex("<a href=\"/catalogue/[^\"/]+/[^\"/]+\">")]
    private static partial Regex ToolLink();

    [GeneratedRegex("<h1>")]
    private static partial Regex Heading();
}
