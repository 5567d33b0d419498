using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>What the gate stands before is in the catalogue as it was reviewed, and the pack beside it.</summary>
public sealed class CatalogueFeedTests : IAsyncDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    private readonly CatalogueFolder folder = new();
    private readonly SnapshotSource snapshots = new();
    private readonly CatalogueFeed feed;

    public CatalogueFeedTests()
    {
        feed = new CatalogueFeed(snapshots, folder.Store, TimeProvider.System, NullLogger<CatalogueFeed>.Instance);
        feed.Start();
    }

    public async ValueTask DisposeAsync()
    {
        await feed.DisposeAsync();
        await folder.DisposeAsync();
    }

    [Fact]
    public async Task Start_WithoutServers_TakesInThePack()
    {
        var expected = CataloguePack.Read();

        await UntilAsync(async () => (await folder.Store.TotalsAsync(CatalogueScope.Public)).Servers == expected.Count);

        Assert.Equal(expected.Sum(static item => item.Entry.Tools.Count), (await folder.Store.TotalsAsync(CatalogueScope.Public)).Tools.Total);
    }

    [Fact]
    public async Task Registered_ReviewedTools_AppearAndThoseThatWaitDoNot()
    {
        var reviewed = PinComparison.First("up", Shown("get_note"), Now);
        var waiting = PinComparison.First("up", Shown("delete_note"), Now).Tools;
        Show(reviewed with { Waiting = waiting });

        var found = await RegisteredAsync(static found => found?.Tools.Count > 0);

        Assert.Equal("get_note", Assert.Single(found!.Tools).Listed.Name);
        Assert.Equal(CatalogueSource.Registered, found.Listed.Source);
        Assert.False(found.Listed.IsPublic);
        Assert.Null(await folder.Store.FindAsync(CatalogueScope.Public, "up"));

        Show(reviewed with { Tools = reviewed.Tools.Concat(waiting).ToFrozenDictionary(StringComparer.Ordinal) });
        Assert.Equal(["delete_note", "get_note"], (await RegisteredAsync(static found => found?.Tools.Count == 2))!.Tools.Select(static tool => tool.Listed.Name));
    }

    [Fact]
    public async Task Drifted_Tool_IsShownAsItWasReviewed()
    {
        var pinned = PinComparison.First("up", Shown("get_note"), Now);
        var other = JsonSerializer.SerializeToUtf8Bytes(new { name = "get_note", description = "Deletes every note." });
        Show(pinned with { Tools = pinned.Tools.ToFrozenDictionary(static pair => pair.Key, pair => pair.Value with { DriftedTo = other }, StringComparer.Ordinal) });

        var found = await RegisteredAsync(static found => found?.Tools.Count > 0);

        Assert.DoesNotContain("Deletes", found!.Tools[0].Definition.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Category_OfAnOperator_WinsOverTheClassifier()
    {
        var pinned = PinComparison.First("up", Shown("get_note", "list_notes"), Now);
        Show(PinComparison.Categorise(pinned, "get_note", ToolCategory.Financial));

        var found = await RegisteredAsync(static found => found?.Tools.Count > 0);

        Assert.Equal([("get_note", RiskCategory.Financial), ("list_notes", RiskCategory.Read)], found!.Tools.Select(static tool => (tool.Listed.Name, tool.Listed.Category!.Value)));
        Show(PinComparison.Categorise(pinned, "get_note", ToolCategory.Write));
        await RegisteredAsync(static found => found?.Tools[0].Listed.Category == RiskCategory.Write);
    }

    [Fact]
    public async Task Server_ThatIsPublic_IsShownToEverybodyUntilItIsRemoved()
    {
        Show(PinComparison.First("up", Shown("get_note"), Now), isPublic: true);
        await UntilAsync(async () => await folder.Store.FindAsync(CatalogueScope.Public, "up") is not null);

        snapshots.Update(static now => now with { Servers = FrozenDictionary<string, ServerDefinition>.Empty, Pins = FrozenDictionary<string, PinnedServer>.Empty });

        await UntilAsync(async () => await folder.Store.FindAsync(CatalogueScope.All, "up") is null);
    }

    /// <summary>Each category that the policy knows is one that the catalogue knows.</summary>
    [Fact]
    public void Categories_OfPolicyAndCatalogue_HaveTheSameNames() => Assert.Equal(Enum.GetNames<ToolCategory>().Order(StringComparer.Ordinal), Enum.GetNames<RiskCategory>().Order(StringComparer.Ordinal));

    private static Showing Shown(params string[] names) => new([.. names.Select(static name => CatalogueFolder.Tool(name))], null, "2025-11-25", "server");

    private void Show(PinnedServer pinned, bool isPublic = false)
    {
        var server = new ServerDefinition { Name = "up", Transport = TransportKind.Http, Public = isPublic };
        snapshots.Update(now => now with
        {
            Servers = new Dictionary<string, ServerDefinition>(StringComparer.Ordinal) { ["up"] = server }.ToFrozenDictionary(StringComparer.Ordinal),
            Pins = new Dictionary<string, PinnedServer>(StringComparer.Ordinal) { ["up"] = pinned }.ToFrozenDictionary(StringComparer.Ordinal),
        });
    }

    private async Task<FoundServer?> RegisteredAsync(Func<FoundServer?, bool> isReached)
    {
        FoundServer? found = null;
        await UntilAsync(async () => isReached(found = await folder.Store.FindAsync(CatalogueScope.All, "up")));
        return found;
    }

    /// <summary>Asks again until it is so; each question waits for the store, so nothing sleeps.</summary>
    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!await isSo())
        {
            limit.Token.ThrowIfCancellationRequested();
        }
    }
}
