using System.Collections.Immutable;
using System.Text;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Storage;
using Xunit;

namespace Callgate.Gateway.Tests.Storage;

/// <summary>What every configuration store promises, whatever engine it stands on.</summary>
public abstract class ConfigStoreContract : IAsyncLifetime
{
    private IConfigStore? opened;

    private IConfigStore Store => opened!;

    public async ValueTask InitializeAsync() => opened = await OpenAsync();

    public virtual async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task Load_NothingSaved_IsEmpty()
    {
        var all = await Store.LoadAsync();

        Assert.Empty(all.Servers);
        Assert.Empty(all.Policies);
        Assert.Empty(all.Grants);
        Assert.Empty(all.Pins);
        Assert.Empty(all.Stops);
        Assert.Empty(all.Operators);
        Assert.Empty(await Store.ListSessionsAsync());
    }

    [Fact]
    public async Task SaveServer_EveryMember_ComesBackEqual()
    {
        var http = Samples.HttpServer("dagster");
        var stdio = Samples.StdioServer("files");

        await Store.SaveServerAsync(http);
        await Store.SaveServerAsync(stdio);

        var all = await ReopenAndLoadAsync();
        Assert.Collection(all.Servers, first => Samples.Same(http, first), second => Samples.Same(stdio, second));
    }

    [Fact]
    public async Task SaveServer_NameTaken_Replaces()
    {
        await Store.SaveServerAsync(Samples.HttpServer("one"));
        await Store.SaveServerAsync(Samples.StdioServer("one"));

        Samples.Same(Samples.StdioServer("one"), Assert.Single((await Store.LoadAsync()).Servers));
    }

    [Fact]
    public async Task SaveServer_Declared_IsRefused()
    {
        var declared = Samples.HttpServer("one") with { Declared = true };

        await Assert.ThrowsAsync<ArgumentException>(async () => await Store.SaveServerAsync(declared));
        Assert.Empty((await Store.LoadAsync()).Servers);
    }

    [Fact]
    public async Task RemoveServer_KnownAndUnknown_TellsThemApart()
    {
        await Store.SaveServerAsync(Samples.HttpServer("one"));

        Assert.False(await Store.RemoveServerAsync("two"));
        Assert.True(await Store.RemoveServerAsync("one"));
        Assert.Empty((await Store.LoadAsync()).Servers);
    }

    [Fact]
    public async Task Names_DifferingInCaseOrForm_AreDifferent()
    {
        // The last two look alike: one letter with an accent, and a letter followed by a combining accent.
        string[] names = ["a", "A", "ﬁ", "fi", "\u00e9", "e\u0301"];
        foreach (var name in names)
        {
            await Store.SaveServerAsync(Samples.HttpServer(name));
            await Store.SavePolicyAsync(name, Bytes($"\"{name}\""), null, null);
            await Store.SaveGrantAsync(Samples.Grant(name));
            await Store.SavePinsAsync(Samples.Pins(name, name));
            await Store.SetStopAsync("server:" + name, true);
        }

        Assert.True(await Store.RemoveServerAsync("A"));
        var all = await Store.LoadAsync();
        Assert.Equal(names.Where(name => name != "A").Order(StringComparer.Ordinal), all.Servers.Select(server => server.Name).Order(StringComparer.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), all.Policies.Select(policy => policy.Name).Order(StringComparer.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), all.Grants.Select(grant => grant.Id).Order(StringComparer.Ordinal));
        Assert.Equal(names.Order(StringComparer.Ordinal), all.Pins.Select(pins => pins.Server).Order(StringComparer.Ordinal));
        Assert.Equal(names.Length, all.Stops.Count);
    }

    [Fact]
    public async Task SavePolicy_ChangedTwice_KeepsEveryRevision()
    {
        Assert.Equal(1, await Store.SavePolicyAsync("careful", Bytes("one"), "ada", "first"));
        Assert.Equal(2, await Store.SavePolicyAsync("careful", Bytes("two"), null, null));
        Assert.Equal(3, await Store.SavePolicyAsync("careful", Bytes("one"), null, "back"));
        Assert.Equal(1, await Store.SavePolicyAsync("other", Bytes("one"), null, null));

        var revisions = await Store.ListRevisionsAsync("careful");
        Assert.Equal([1L, 2L, 3L], revisions.Select(revision => revision.Revision));
        Assert.Equal(["one", "two", "one"], revisions.Select(revision => Encoding.UTF8.GetString(revision.Document.Span)));
        Assert.Equal(("ada", "first"), (revisions[0].Author, revisions[0].Note));
        Assert.Equal([("careful", 3L), ("other", 1L)], (await ReopenAndLoadAsync()).Policies.Select(policy => (policy.Name, policy.Revision)));
    }

    [Fact]
    public async Task SavePolicy_SameBytesAgain_AddNothingUnlessAnotherSavesThem()
    {
        await Store.SavePolicyAsync("careful", Bytes("one"), "ada", null);

        Assert.Equal(1, await Store.SavePolicyAsync("careful", Bytes("one"), "ada", "again"));
        Assert.Single(await Store.ListRevisionsAsync("careful"));
        Assert.Equal(2, await Store.SavePolicyAsync("careful", Bytes("one"), "bob", null));
    }

    [Fact]
    public async Task SavePolicy_ManyAtOnce_NumbersAreGaplessAndUnique()
    {
        var saves = Enumerable.Range(0, 64).Select(i => Task.Run(async () => await Store.SavePolicyAsync("careful", Bytes($"{i}"), null, null)));

        var numbers = await Task.WhenAll(saves);

        Assert.Equal(Enumerable.Range(1, 64).Select(i => (long)i), numbers.Order());
    }

    [Fact]
    public async Task SaveGrant_RotatedAndRevoked_ComesBackEqual()
    {
        var grant = Samples.Grant("g1");
        await Store.SaveGrantAsync(grant);
        Samples.Same(grant, (await Store.FindGrantAsync("g1"))!);

        var changed = grant with { TokenHash = new string('b', 64), Revoked = Samples.Moment.AddDays(3), Servers = grant.Servers.Remove("dagster") };
        await Store.SaveGrantAsync(changed);

        Samples.Same(changed, Assert.Single((await ReopenAndLoadAsync()).Grants));
    }

    [Fact]
    public async Task SaveGrant_TokenHashOfAnother_IsRefused()
    {
        await Store.SaveGrantAsync(Samples.Grant("g1"));

        var twin = Samples.Grant("g2") with { TokenHash = Samples.Grant("g1").TokenHash };
        await Assert.ThrowsAsync<StoreException>(async () => await Store.SaveGrantAsync(twin));
        Assert.Equal("g1", Assert.Single((await Store.LoadAsync()).Grants).Id);
    }

    [Fact]
    public async Task FindGrant_Unknown_IsNull() => Assert.Null(await Store.FindGrantAsync("nobody"));

    [Fact]
    public async Task Attach_KnownGrant_ReplacesThatServersPolicyOnly()
    {
        await Store.SaveGrantAsync(Samples.Grant("g1"));

        Assert.True(await Store.AttachAsync("g1", "dagster", "strict"));
        Assert.True(await Store.AttachAsync("g1", "extra", null));
        Assert.False(await Store.AttachAsync("g2", "dagster", "strict"));

        var servers = (await Store.FindGrantAsync("g1"))!.Servers;
        Assert.Equal([("dagster", "strict"), ("extra", null), ("files", null)], servers.Select(pair => (pair.Key, pair.Value)));
    }

    [Fact]
    public async Task SavePins_ReviewedWaitingAndDrifted_ComeBackEqual()
    {
        var pins = Samples.Pins("dagster", "list_runs");
        await Store.SavePinsAsync(Samples.Pins("dagster", "gone"));
        await Store.SavePinsAsync(pins);

        var loaded = Assert.Single((await ReopenAndLoadAsync()).Pins);
        Assert.Equal((pins.Server, pins.Instructions, pins.PinnedAt), (loaded.Server, loaded.Instructions, loaded.PinnedAt));
        Samples.Same(pins.Tools["list_runs"], Assert.Single(loaded.Tools.Values));
        Samples.Same(pins.Waiting["list_runs"], Assert.Single(loaded.Waiting.Values));
        Assert.Equal([ListingKind.Prompt, ListingKind.Template], loaded.Lists.Keys.Order());
        Samples.Same(pins.Lists[ListingKind.Prompt].Reviewed["list_runs"], Assert.Single(loaded.Lists[ListingKind.Prompt].Reviewed.Values));
        Samples.Same(pins.Lists[ListingKind.Prompt].Waiting["list_runs"], Assert.Single(loaded.Lists[ListingKind.Prompt].Waiting.Values));
        Assert.Empty(loaded.Lists[ListingKind.Template].Reviewed);
        Assert.Equal("be careless", loaded.ShownInstructions);
        Assert.False(loaded.BeforeLists);
        await Store.SavePinsAsync(pins with { BeforeLists = true });
        Assert.True(Assert.Single((await ReopenAndLoadAsync()).Pins).BeforeLists);
    }

    [Fact]
    public async Task PinHistory_ManyEvents_KeepsTheNewestOfEachServer()
    {
        PinEvent Event(int at) => new(Samples.Moment.AddSeconds(at), "tool", "echo", at % 2 == 0 ? "drift" : "accepted", "f0", $"f{at}", at % 2 == 0 ? null : "ada");
        await Store.AddPinHistoryAsync("up", [.. Enumerable.Range(0, 1_005).Select(Event)]);
        await Store.AddPinHistoryAsync("up", [Event(1_004)]);
        await Store.AddPinHistoryAsync("other", [Event(1) with { Before = null, After = null }]);

        Assert.Equal([Event(1_004), Event(1_003)], await Store.ListPinHistoryAsync("up", 2));
        Assert.Equal(1_000, (await Store.ListPinHistoryAsync("up", 5_000)).Count);
        Assert.Null(Assert.Single(await Store.ListPinHistoryAsync("other", 2)).After);
        await Store.RemovePinsAsync("up");
        Assert.Empty(await Store.ListPinHistoryAsync("up", 2));
    }

    [Fact]
    public async Task RemovePins_KnownAndUnknown_TellsThemApart()
    {
        await Store.SavePinsAsync(Samples.Pins("dagster", "list_runs"));

        Assert.False(await Store.RemovePinsAsync("other"));
        Assert.True(await Store.RemovePinsAsync("dagster"));
        Assert.Empty((await Store.LoadAsync()).Pins);
    }

    [Fact]
    public async Task SetStop_OnTwiceThenOff_IsIdempotent()
    {
        await Store.SetStopAsync("all", true);
        await Store.SetStopAsync("all", true);
        await Store.SetStopAsync("grant:g1", true);
        Assert.Equal(["all", "grant:g1"], (await ReopenAndLoadAsync()).Stops.Order(StringComparer.Ordinal));

        await Store.SetStopAsync("all", false);
        await Store.SetStopAsync("all", false);
        Assert.Equal(["grant:g1"], (await Store.LoadAsync()).Stops);
    }

    [Fact]
    public async Task SaveOperator_ChangedTwice_ComesBackEqual()
    {
        var ada = Samples.Operator("ada");
        await Store.SaveOperatorAsync(ada);
        await Store.SaveOperatorAsync(Samples.Operator("bob") with { Identity = null });
        var changed = ada with { Identity = "ada@example.org", Roles = Roles.Viewer | Roles.Approver, PasswordHash = "other", Stamp = "s2" };
        await Store.SaveOperatorAsync(changed);

        Assert.Equal([changed, Samples.Operator("bob") with { Identity = null }], (await ReopenAndLoadAsync()).Operators);
    }

    [Fact]
    public async Task RemoveOperator_WithSessions_TakesThemAlong()
    {
        await Store.SaveOperatorAsync(Samples.Operator("ada"));
        await Store.SaveOperatorAsync(Samples.Operator("bob"));
        await Store.SaveSessionAsync(Samples.Session("ada", "1"));
        await Store.SaveSessionAsync(Samples.Session("bob", "2"));

        Assert.False(await Store.RemoveOperatorAsync("Ada"));
        Assert.True(await Store.RemoveOperatorAsync("ada"));

        Assert.Equal([Samples.Session("bob", "2")], await Store.ListSessionsAsync());
        await Assert.ThrowsAsync<StoreException>(async () => await Store.SaveSessionAsync(Samples.Session("ada", "3")));
    }

    [Fact]
    public async Task Sessions_UsedChangedAndRemoved_ComeBackEqual()
    {
        var (page, cli) = (Samples.Session("ada", "1"), Samples.Session("ada", "2") with { Kind = SessionKind.Cli });
        await Store.SaveOperatorAsync(Samples.Operator("ada"));
        await Store.SaveSessionAsync(page);
        await Store.SaveSessionAsync(cli);

        await Store.TouchSessionAsync("1", page.LastUsed.AddMinutes(3));
        await Store.TouchSessionAsync("nobody's", page.LastUsed);
        await Store.SaveOperatorAsync(Samples.Operator("ada") with { Stamp = "s2" });
        await ReopenAndLoadAsync();
        Assert.Equal([page with { LastUsed = page.LastUsed.AddMinutes(3) }, cli], await Store.ListSessionsAsync());

        Assert.True(await Store.RemoveSessionAsync("1"));
        Assert.False(await Store.RemoveSessionAsync("1"));
        Assert.Equal([cli], await Store.ListSessionsAsync());
    }

    [Fact]
    public async Task Factor_SavedUsedAndRemoved_IsTakenOnceAndGoesWithItsOperator()
    {
        await Store.SaveOperatorAsync(Samples.Operator("ada"));
        await Store.SaveFactorAsync("ada", new SecondFactor([1, 2, 3], 7, Samples.Moment), ["h1", "h2"]);
        await Store.SaveOperatorAsync(Samples.Operator("ada") with { Stamp = "s2" });

        Assert.Equal(Samples.Moment, Assert.Single((await ReopenAndLoadAsync()).Operators).FactorSince);
        var kept = (await Store.FindFactorAsync("ada"))!;
        Assert.Equal(("010203", 7L, Samples.Moment), (Convert.ToHexString(kept.Secret), kept.UsedStep, kept.Since));
        Assert.Equal((false, true, false, false), (await Store.UseFactorStepAsync("ada", 7), await Store.UseFactorStepAsync("ada", 9), await Store.UseFactorStepAsync("ada", 8), await Store.UseFactorStepAsync("bob", 9)));
        Assert.Equal((1, null, null), (await Store.UseRecoveryCodeAsync("ada", "h1"), await Store.UseRecoveryCodeAsync("ada", "h1"), await Store.UseRecoveryCodeAsync("bob", "h2")));

        await Store.SaveFactorAsync("ada", kept with { UsedStep = 1 }, ["h3"]);
        Assert.Equal((1, null), (await Store.CountRecoveryCodesAsync("ada"), await Store.UseRecoveryCodeAsync("ada", "h2")));
        Assert.Equal((true, false), (await Store.RemoveFactorAsync("ada"), await Store.RemoveFactorAsync("ada")));
        Assert.Null(await Store.FindFactorAsync("ada"));
        Assert.Equal(0, await Store.CountRecoveryCodesAsync("ada"));

        await Store.SaveFactorAsync("ada", kept, []);
        await Store.RemoveOperatorAsync("ada");
        Assert.Null(await Store.FindFactorAsync("ada"));
        await Assert.ThrowsAsync<StoreException>(async () => await Store.SaveFactorAsync("ada", kept, []));
    }

    [Fact]
    public async Task Load_WhileGrantsAreSaved_SeesWholeGrantsOnly()
    {
        var both = Samples.Grant("g1") with { Servers = Servers("a", "b") };
        await Store.SaveGrantAsync(both);
        var writer = Task.Run(async () =>
        {
            for (var i = 0; i < 50; i++)
            {
                await Store.SaveGrantAsync(both with { Servers = i % 2 == 0 ? Servers("c", "d") : Servers("a", "b") });
            }
        });

        while (!writer.IsCompleted)
        {
            var names = string.Join(',', Assert.Single((await Store.LoadAsync()).Grants).Servers.Keys);
            Assert.Contains(names, (string[])["a,b", "c,d"]);
        }

        await writer;
    }

    [Fact]
    public async Task Proposal_FromBeginningToRevision_IsSeenWhenItsAnswerIsSaved()
    {
        await Store.SavePolicyAsync("p", Bytes("one"), "ada", null);
        Assert.True(await Store.BeginProposalAsync(Samples.Proposal("a")));
        Assert.True(await Store.BeginProposalAsync(Samples.Proposal("b")));
        Assert.True(await Store.BeginProposalAsync(Samples.Proposal("dropped")));
        Assert.Equal(["a", "b", "dropped"], await Store.ListBegunProposalsAsync());
        Assert.Null(await Store.FindProposalAsync("a"));
        Assert.Empty(await Store.ListProposalsAsync());
        Assert.Null(await Store.AcceptProposalAsync("a", "pam", null));
        Assert.False(await Store.RejectProposalAsync("a", "pam", null));

        await OpenedAsync("a", "b");
        await Store.DropProposalAsync(null);
        Assert.Empty(await Store.ListBegunProposalsAsync());
        Assert.Equal(Samples.Proposal("a") with { State = ProposalState.Open }, await Store.FindProposalAsync("a"));
        Assert.Null(await Store.FindProposalAsync("dropped"));

        Assert.Equal(2, await Store.AcceptProposalAsync("a", "pam", "why"));
        Assert.Null(await Store.AcceptProposalAsync("a", "pam", "why"));
        Assert.Null(await Store.AcceptProposalAsync("b", "pam", "why"));
        await ReopenAndLoadAsync();
        var (a, b) = ((await Store.FindProposalAsync("a"))!, (await Store.FindProposalAsync("b"))!);
        Assert.Equal((ProposalState.Accepted, null, "pam", 2), (a.State, a.Document, a.DecidedBy, a.Revision));
        Assert.Equal((ProposalState.Outdated, "{}", null, 2), (b.State, b.Document, b.DecidedBy, b.Revision));
        var revision = (await Store.ListRevisionsAsync("p"))[^1];
        Assert.Equal(("{}", "pam", "why"), (Encoding.UTF8.GetString(revision.Document.Span), revision.Author, revision.Note));
        Assert.True(await Store.RejectProposalAsync("b", "pam", "no"));
        Assert.Equal((ProposalState.Rejected, null, "no"), ((await Store.FindProposalAsync("b"))!.State, (await Store.FindProposalAsync("b"))!.Document, (await Store.FindProposalAsync("b"))!.Reason));
    }

    [Fact]
    public async Task Proposals_BeyondWhatMayBeOpen_AreNotTaken()
    {
        for (var i = 0; i < Proposal.MostOpen; i++)
        {
            Assert.True(await Store.BeginProposalAsync(Samples.Proposal($"{i}")));
        }

        Assert.False(await Store.BeginProposalAsync(Samples.Proposal("one more")));
        await Store.DropProposalAsync("7");
        Assert.True(await Store.BeginProposalAsync(Samples.Proposal("one more")));
    }

    [Fact]
    public async Task Text_NotUnicode_IsRefusedInsteadOfChanged()
    {
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await Store.SetStopAsync("server:\ud800", true));
        Assert.Empty((await Store.LoadAsync()).Stops);
    }

    [Fact]
    public async Task Healthy_OpenStore_IsTrue() => Assert.True(await Store.HealthyAsync());

    [Fact]
    public async Task Canceled_BeforeItBegins_ChangesNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await Store.SetStopAsync("all", true, new CancellationToken(canceled: true)));
        Assert.Empty((await Store.LoadAsync()).Stops);
    }

    [Fact]
    public async Task Closed_AnyCall_IsRefused()
    {
        await Store.DisposeAsync();

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await Store.LoadAsync());
        opened = await OpenAsync();
    }

    /// <summary>Opens the same store each time; what was saved before is in it.</summary>
    protected abstract Task<IConfigStore> OpenAsync();

    private async Task<StoredConfiguration> ReopenAndLoadAsync()
    {
        await Store.DisposeAsync();
        opened = await OpenAsync();
        return await Store.LoadAsync();
    }

    /// <summary>Saves the approval whose answers made these.</summary>
    private async Task OpenedAsync(params string[] proposals) => await Store.SaveApprovalAsync(
        Webhooks.SampleApproval.Of("asked") with { Approvers = 2, Votes = [.. proposals.Select(static id => new ApprovalVote("ada", true, null, Samples.Moment, id))] });

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static ImmutableSortedDictionary<string, string?> Servers(params string[] names) =>
        names.ToImmutableSortedDictionary(name => name, _ => (string?)null, StringComparer.Ordinal);
}
