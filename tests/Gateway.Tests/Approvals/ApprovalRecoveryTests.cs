using System.Collections.Frozen;
using System.Collections.Immutable;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Tests.Audit;
using Callgate.Gateway.Tests.Configuration;
using Callgate.Gateway.Tests.Quota;
using Callgate.Gateway.Tests.Storage;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>
/// The process ends at each step of an approval: what is on disk then is opened again. Never two executions, never a lost
/// decision. What the store did not take stands in the journal, or it never happened.
/// </summary>
public sealed class ApprovalRecoveryTests : IAsyncLifetime
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);
    private static readonly Person Ada = new("ada", null);
    private static readonly HashSet<string> NoneBegun = [];

    private static readonly CompiledPolicy Policy = PolicyCompiler.Compile("""{"version":"1","default":"deny"}"""u8.ToArray()).Policy!;

    private readonly JournalFolder folder = new();
    private readonly StoreFolder files = new();
    private readonly SettableTime time = new(Noon);
    private IConfigStore store = null!;
    private Journal journal = null!;
    private ApprovalBook book = null!;

    public async ValueTask InitializeAsync() => await OpenAsync();

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        folder.Dispose();
        files.Dispose();
    }

    [Fact]
    public async Task End_AfterTheRecordOfTheAsking_AsksAnew()
    {
        Failing("SaveApprovalAsync");
        Assert.Equal(AskedOutcome.NotStored, (await AskAsync("a")).Outcome);
        await ReopenAsync();

        Assert.Empty(book.Open);
        Assert.Equal("b", (await AskAsync("b")).Approval!.Id);
    }

    [Fact]
    public async Task End_AfterTheAsking_KeepsWhatWasAsked()
    {
        await AskAsync("a");
        await ReopenAsync();

        Assert.Equal("""{"arguments":{}}""", Assert.Single(book.Open).Data);
        Assert.Equal("a", (await AskAsync("b")).Approval!.Id);
    }

    [Theory]
    [InlineData(true, ApprovalState.Approved)]
    [InlineData(false, ApprovalState.Denied)]
    public async Task End_BetweenTheRecordOfAnAnswerAndTheStore_KeepsTheAnswer(bool approves, ApprovalState state)
    {
        await AskAsync("a");
        Failing("SaveApprovalAsync");
        Assert.Equal(AnswerOutcome.Taken, (await AnswerAsync("a", approves)).Outcome);
        await ReopenAsync();

        var found = await store.FindApprovalAsync("a");
        Assert.Equal((state, "ada", "because"), (found!.State, found.Votes[0].Operator, found.Votes[0].Reason));
        Assert.Equal(approves, book.TryTake("subject") is not null);
    }

    [Fact]
    public async Task End_BetweenTheRecordOfAnAnswerWithARuleAndTheStore_KeepsBoth()
    {
        await AskAsync("a");
        await BeginAsync("rule");
        Failing("SaveApprovalAsync");
        Assert.Equal(AnswerOutcome.Taken, (await AnswerAsync("a", true, "rule")).Outcome);
        Assert.Null(await store.FindProposalAsync("rule"));
        await ReopenAsync();

        var found = await store.FindApprovalAsync("a");
        Assert.Equal((ApprovalState.Approved, "rule"), (found!.State, found.Votes[0].Proposal));
        Assert.Equal((ProposalState.Open, "{}"), ((await store.FindProposalAsync("rule"))!.State, (await store.FindProposalAsync("rule"))!.Document));
    }

    [Fact]
    public async Task End_BeforeTheRecordOfAnAnswerWithARule_KeepsNeither()
    {
        await AskAsync("a");
        await BeginAsync("rule");
        await ReopenAsync();

        Assert.Equal(ApprovalState.Pending, Assert.Single(book.Open).State);
        Assert.Empty(await store.ListBegunProposalsAsync());
        Assert.Equal(AnswerOutcome.Taken, (await AnswerAsync("a", true)).Outcome);
        await ReopenAsync();
        Assert.Null((await store.FindApprovalAsync("a"))!.Votes[0].Proposal);
        Assert.Null(await store.FindProposalAsync("rule"));
    }

    [Fact]
    public async Task End_AfterThePolicyHasChangedToo_KeepsTheRuleAsOutdated()
    {
        await AskAsync("a");
        await BeginAsync("rule");
        Failing("SaveApprovalAsync");
        await AnswerAsync("a", true, "rule");
        await store.SavePolicyAsync("p", "another"u8.ToArray(), "bob", null);
        await ReopenAsync();

        var found = await store.FindProposalAsync("rule");
        Assert.Equal((ProposalState.Outdated, 2), (found!.State, found.Revision));
    }

    [Fact]
    public async Task End_BeforeTheRecordOfAnAnswer_LeavesItOpen()
    {
        await AskAsync("a");
        var answered = await book.AnswerAsync("a", Ada, new Answer(true, null), static _ => ValueTask.FromResult(new AppendResult(false, "the disk is full")));
        await ReopenAsync();

        Assert.Equal(AnswerOutcome.NotRecorded, answered.Outcome);
        Assert.Equal(ApprovalState.Pending, Assert.Single(book.Open).State);
    }

    [Fact]
    public async Task End_BetweenTakingAndTheRecordOfTheExecution_LeavesItUnspent()
    {
        await AskAsync("a");
        await AnswerAsync("a", true);
        Assert.NotNull(book.TryTake("subject"));
        await ReopenAsync();

        Assert.NotNull(book.TryTake("subject"));
        Assert.Null(book.TryTake("subject"));
    }

    [Fact]
    public async Task End_BetweenTheRecordOfTheExecutionAndTheStore_NeverExecutesTwice()
    {
        await AskAsync("a");
        await AnswerAsync("a", true);
        var taken = book.TryTake("subject")!;
        Failing("SaveApprovalAsync");
        Assert.True((await journal.AppendAsync(Record("tools/call", "allow", "a"), Durability.Process, CancellationToken.None)).Written);
        await ReopenAsync();

        Assert.Null(book.TryTake("subject"));
        Assert.Equal(ApprovalState.Spent, (await store.FindApprovalAsync("a"))!.State);
        Assert.Null((await store.FindApprovalAsync("a"))!.Data);
        Assert.Equal("a", taken.Id);
    }

    [Fact]
    public async Task End_AfterManySegments_FindsWhatStandsInAnyOfThem()
    {
        await AskAsync("a");
        await AskAsync("b", "another");
        for (var i = 0; i < 200; i++)
        {
            await journal.AppendAsync(JournalFolder.Call($"c{i}", "refused"), Durability.Process, CancellationToken.None);
        }

        Failing("SaveApprovalAsync");
        await AnswerAsync("b", true);
        await ReopenAsync();

        Assert.True(folder.Segments().Length > 5);
        Assert.Null(book.TryTake("subject"));
        Assert.NotNull(book.TryTake("another"));
    }

    [Fact]
    public async Task Replay_WhereTheJournalNoLongerReachesBack_IsVoid()
    {
        var asked = (await AskAsync("a")).Approval!;
        await EndAsync();
        var elsewhere = Path.Combine(files.Root, "cut");
        Directory.CreateDirectory(elsewhere);
        await File.WriteAllTextAsync(Path.Combine(elsewhere, $"{100:D20}.jsonl"), "");

        Assert.Equal(ApprovalState.Void, Assert.Single(ApprovalRecovery.Replay(elsewhere, [asked], NoneBegun)).State);
        await OpenAsync();
    }

    [Fact]
    public async Task Replay_BesideOnesFromBeforeTheJournal_KeepsThoseItReachesBackTo()
    {
        var refused = (await AskAsync("refused")).Approval!.With(new ApprovalVote("ada", false, null, Noon));
        var old = (await AskAsync("old", "another")).Approval!;
        for (var i = 0; i < 200; i++)
        {
            await journal.AppendAsync(JournalFolder.Call($"c{i}", "refused"), Durability.Process, CancellationToken.None);
        }

        var asked = (await AskAsync("new", "a third")).Approval!;
        await EndAsync();
        var elsewhere = Directory.CreateDirectory(Path.Combine(files.Root, "cut")).FullName;
        foreach (var segment in folder.Segments().Skip(1))
        {
            File.Copy(segment, Path.Combine(elsewhere, Path.GetFileName(segment)));
        }

        var standing = ApprovalRecovery.Replay(elsewhere, [refused, old, asked], NoneBegun);

        Assert.Equal([ApprovalState.Denied, ApprovalState.Void, ApprovalState.Pending], standing.Select(static approval => approval.State));
        await OpenAsync();
    }

    private async Task<Asked> AskAsync(string id, string subject = "subject") => await book.AskAsync(
        new Approval
        {
            Id = id, Subject = subject, Grant = "g", GrantLabel = "laptop", Server = "up", PinKey = "up", Tool = "add", Definition = "d", Policy = "p", Revision = 1, Form = Policy.Form, Rule = "/r",
            Data = """{"arguments":{}}""", Approvers = 1, NotRequester = false, Asked = time.GetUtcNow(), Expires = time.GetUtcNow().AddHours(1), Since = journal.LastSeq,
        },
        approval => journal.AppendAsync(Record("tools/call", "pending", approval), Durability.Process, CancellationToken.None));

    private async Task<Answered> AnswerAsync(string id, bool approves, string? proposal = null) => await book.AnswerAsync(
        id, Ada, new Answer(approves, "because", proposal), approval =>
        {
            var record = Record(approves ? "operator/approval-approve" : "operator/approval-deny", "allow", approval.Id) with { Identity = "ada", Detail = "because" };
            return journal.AppendAsync(proposal is null ? record : record with { Id = proposal }, Durability.Power, CancellationToken.None);
        });

    /// <summary>What a person who proposes a rule does before the answer.</summary>
    private async Task BeginAsync(string id)
    {
        await store.SavePolicyAsync("p", "one"u8.ToArray(), "ada", null);
        Assert.True(await store.BeginProposalAsync(Samples.Proposal(id)));
    }

    private CallRecord Record(string method, string decision, string approval) =>
        new() { Id = Identifiers.New(time.GetUtcNow()), Time = time.GetUtcNow(), Method = method, Decision = decision, Approval = approval };

    /// <summary>Everything that was shown still holds.</summary>
    private static SnapshotSource Snapshots()
    {
        var grant = new Grant { Id = "g", Label = "laptop", TokenHash = "h", Servers = ImmutableSortedDictionary<string, string?>.Empty.Add("up", "p") };
        var tools = new[] { new PinnedTool("add", "{}"u8.ToArray(), "d") }.ToFrozenDictionary(static tool => tool.Name);
        var source = new SnapshotSource();
        source.Update(now => now with
        {
            GrantsByTokenHash = new[] { grant }.ToFrozenDictionary(static one => one.TokenHash),
            Policies = new[] { new PolicyRevision("p", 1, "", Policy, default, Declared: false) }.ToFrozenDictionary(static one => one.Name),
            Pins = new[] { new PinnedServer("up", tools, FrozenDictionary<string, PinnedTool>.Empty, null, Noon) }.ToFrozenDictionary(static one => one.Server),
        });
        return source;
    }

    private void Failing(string method) => ((FailingStore)(object)store).Failing.Add(method);

    private async Task ReopenAsync()
    {
        await EndAsync();
        await OpenAsync();
    }

    private async Task EndAsync()
    {
        await book.DisposeAsync();
        await journal.DisposeAsync();
        await store.DisposeAsync();
    }

    private async Task OpenAsync()
    {
        store = FailingStore.Around(await files.OpenAsync());
        journal = await folder.OpenAsync(time, folder.Options with { SegmentBytes = 8_000 });
        book = await ApprovalBook.OpenAsync(Snapshots(), store, journal, folder.Root, time, NullLogger.Instance);
    }
}
