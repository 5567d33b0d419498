using Callgate.Gateway.Audit;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Approvals;

/// <summary>
/// Every call that a person was asked about and that still counts. INVARIANT: an approval is taken by one call at a time and
/// spent by the journal entry of its execution; what the store says beside it is what a restart begins with.
/// </summary>
public sealed class ApprovalBook : IAsyncDisposable
{
    /// <summary>Requests of one grant that may wait at once: a flood must not wear people down.</summary>
    public const int PendingOfAGrant = 20;

    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private readonly SemaphoreSlim deciding = new(1, 1);
    private readonly Dictionary<string, ApprovalEntry> byId = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ApprovalEntry> bySubject = new(StringComparer.Ordinal);
    private readonly SnapshotSource snapshots;
    private readonly IConfigStore store;
    private readonly Journal journal;
    private readonly TimeProvider time;
    private readonly ILogger log;
    private readonly ITimer look;

    private ApprovalBook(SnapshotSource snapshots, IConfigStore store, Journal journal, TimeProvider time, ILogger log)
    {
        (this.snapshots, this.store, this.journal, this.time, this.log) = (snapshots, store, journal, time, log);
        snapshots.Changed += OnChanged;
        look = time.CreateTimer(_ => Look(), null, LookEvery, LookEvery);
    }

    /// <summary>Raised when one was asked for and whenever one has changed. Handlers must not wait.</summary>
    public event Action<Approval>? Changed;

    /// <summary>Opens what the store holds, brought up to what the journal says happened since.</summary>
    public static async Task<ApprovalBook> OpenAsync(SnapshotSource snapshots, IConfigStore store, Journal journal, string journalDirectory, TimeProvider time, ILogger log)
    {
        // A refusal that would have expired by now says nothing any more, and must not make every start read the journal from there.
        var known = (await store.LoadApprovalsAsync().ConfigureAwait(false)).Where(approval => approval.IsOpen || approval.Expires > time.GetUtcNow()).ToList();
        var book = new ApprovalBook(snapshots, store, journal, time, log);
        var begun = (await store.ListBegunProposalsAsync().ConfigureAwait(false)).ToHashSet(StringComparer.Ordinal);
        var found = !known.Any(static approval => approval.IsOpen) ? known : await Task.Factory.StartNew(() => ApprovalRecovery.Replay(journalDirectory, known, begun), TaskCreationOptions.LongRunning).ConfigureAwait(false);
        foreach (var (before, now) in known.Zip(found))
        {
            if (!ReferenceEquals(before, now))
            {
                await store.SaveApprovalAsync(now).ConfigureAwait(false);
            }

            if (now.State is ApprovalState.Pending or ApprovalState.Approved or ApprovalState.Denied)
            {
                book.Add(new ApprovalEntry(now) { IsStored = true });
            }
        }

        // What the journal has no answer for was never made.
        await store.DropProposalAsync(null).ConfigureAwait(false);
        return book;
    }

    /// <summary>Pending and approved ones, oldest first.</summary>
    public IReadOnlyList<Approval> Open
    {
        get
        {
            lock (gate)
            {
                return [.. byId.Values.Where(static entry => entry.IsStored).Select(static entry => entry.Approval).Where(static approval => approval.IsOpen).OrderBy(static approval => approval.Id, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Null when it counts no more; the store may know it still.</summary>
    public Approval? Find(string id)
    {
        lock (gate)
        {
            return byId.TryGetValue(id, out var entry) && entry.IsStored ? entry.Approval : null;
        }
    }

    /// <summary>
    /// Takes the approval of this subject for one execution; null when there is none to take. Whoever takes one either spends
    /// it or gives it back.
    /// </summary>
    public ApprovalTicket? TryTake(string subject)
    {
        lock (gate)
        {
            if (!bySubject.TryGetValue(subject, out var entry) || !entry.CanBeTaken || entry.Approval.Expires <= time.GetUtcNow())
            {
                return null;
            }

            entry.IsTaken = true;
            return new ApprovalTicket(this, entry.Approval);
        }
    }

    /// <summary>The call was not made: the approval may be taken again.</summary>
    internal void GiveBack(Approval approval)
    {
        lock (gate)
        {
            if (byId.TryGetValue(approval.Id, out var entry))
            {
                entry.IsTaken = false;
                entry.Wake();
            }
        }
    }

    /// <summary>The journal has the execution. The store follows; were it to fail, the journal would tell a restart.</summary>
    internal void Spend(Approval approval, string record)
    {
        var spent = approval.Ended(ApprovalState.Spent, time.GetUtcNow(), record);
        Remove(spent);
        _ = SaveAsync(spent);
        Changed?.Invoke(spent);
    }

    /// <summary>
    /// Asks for this, or finds that it is asked for already. Each call has a record of its own, which stands before anybody
    /// is shown anything.
    /// </summary>
    /// <param name="wanted">With an id of its own; another's comes back when the same is asked for already.</param>
    /// <param name="record">Writes the record of the call, with the approval's id.</param>
    public async ValueTask<Asked> AskAsync(Approval wanted, Func<string, ValueTask<AppendResult>> record)
    {
        var (entry, isNew) = Enter(wanted);
        if (entry is null)
        {
            return new Asked(AskedOutcome.QueueFull, null);
        }

        var written = await record(entry.Approval.Id).ConfigureAwait(false);
        if (!isNew)
        {
            return !written.Written ? new Asked(AskedOutcome.NotRecorded, null, written.Detail)
                : new Asked(entry.Approval.State == ApprovalState.Denied ? AskedOutcome.Denied : AskedOutcome.Waiting, entry.Approval);
        }

        if (!written.Written || await TrySaveAsync(wanted).ConfigureAwait(false) is not null)
        {
            Remove(wanted);
            return new Asked(written.Written ? AskedOutcome.NotStored : AskedOutcome.NotRecorded, null, written.Detail);
        }

        lock (gate)
        {
            entry.IsStored = true;
        }

        Changed?.Invoke(wanted);
        return new Asked(AskedOutcome.Waiting, wanted);
    }

    /// <summary>Waits until the approval is another than this, or may be taken again, and tells how it stands; null when it counts no more.</summary>
    public async Task<Approval?> ChangeAsync(Approval seen, CancellationToken cancellationToken)
    {
        ApprovalEntry? entry;
        var changing = Task.CompletedTask;
        lock (gate)
        {
            if (byId.TryGetValue(seen.Id, out entry) && ReferenceEquals(entry.Approval, seen) && !entry.CanBeTaken)
            {
                changing = entry.Changing;
            }
        }

        await changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        return entry?.Approval;
    }

    /// <summary>
    /// Says what a person answered. The answer is durable before this returns it; of two that come at once one is first.
    /// </summary>
    /// <param name="person">Who is signed in; never a grant and never the administrator's token.</param>
    /// <param name="record">Writes the record of the answer.</param>
    public async ValueTask<Answered> AnswerAsync(string id, Person person, Answer answer, Func<Approval, ValueTask<AppendResult>> record)
    {
        await deciding.WaitAsync().ConfigureAwait(false);
        try
        {
            if (Find(id) is not { } approval)
            {
                return new Answered(AnswerOutcome.Gone, await store.FindApprovalAsync(id).ConfigureAwait(false));
            }

            if (WhyNot(approval, person) is { } refused)
            {
                return new Answered(refused, approval);
            }

            var written = await record(approval).ConfigureAwait(false);
            if (!written.Written)
            {
                return new Answered(AnswerOutcome.NotRecorded, approval);
            }

            var answered = Replace(approval, approval.With(new ApprovalVote(person.Name, answer.Approves, answer.Reason, time.GetUtcNow(), answer.Proposal)));
            if (answered is null)
            {
                return new Answered(AnswerOutcome.Gone, await store.FindApprovalAsync(id).ConfigureAwait(false));
            }

            await SaveAsync(answered).ConfigureAwait(false);
            Changed?.Invoke(answered);
            return new Answered(AnswerOutcome.Taken, answered);
        }
        finally
        {
            deciding.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        snapshots.Changed -= OnChanged;
        await look.DisposeAsync().ConfigureAwait(false);
        deciding.Dispose();
    }

    private AnswerOutcome? WhyNot(Approval approval, Person person)
    {
        if (approval.State != ApprovalState.Pending || approval.Expires <= time.GetUtcNow() || !approval.Holds(snapshots.Current, time.GetUtcNow()))
        {
            return AnswerOutcome.Gone;
        }

        if (approval.NotRequester && approval.Identity is { } requester && string.Equals(requester, person.Identity, StringComparison.OrdinalIgnoreCase))
        {
            return AnswerOutcome.IsRequester;
        }

        return approval.Votes.Any(vote => vote.Operator == person.Name) ? AnswerOutcome.AnsweredAlready : null;
    }

    private (ApprovalEntry? Entry, bool IsNew) Enter(Approval wanted)
    {
        lock (gate)
        {
            if (bySubject.TryGetValue(wanted.Subject, out var known) && known.Approval.Expires > time.GetUtcNow())
            {
                return (known, false);
            }

            if (byId.Values.Count(entry => entry.Approval.State == ApprovalState.Pending && entry.Approval.Grant == wanted.Grant) >= PendingOfAGrant)
            {
                return (null, false);
            }

            var entry = new ApprovalEntry(wanted);
            Add(entry);
            return (entry, true);
        }
    }

    private void Add(ApprovalEntry entry)
    {
        byId[entry.Approval.Id] = entry;
        bySubject[entry.Approval.Subject] = entry;
    }

    private void Remove(Approval ended)
    {
        lock (gate)
        {
            if (byId.Remove(ended.Id, out var entry))
            {
                if (bySubject.TryGetValue(ended.Subject, out var current) && ReferenceEquals(current, entry))
                {
                    bySubject.Remove(ended.Subject);
                }

                entry.Approval = ended;
                entry.Wake();
            }
        }
    }

    /// <summary>Null when it is another by now.</summary>
    private Approval? Replace(Approval seen, Approval next)
    {
        lock (gate)
        {
            if (!byId.TryGetValue(seen.Id, out var entry) || !ReferenceEquals(entry.Approval, seen))
            {
                return null;
            }

            entry.Approval = next;
            entry.Wake();
            return next;
        }
    }

    private void OnChanged(Snapshot before, Snapshot after)
    {
        foreach (var approval in Open.Where(approval => !approval.Holds(after, time.GetUtcNow())))
        {
            End(approval, ApprovalState.Void, "the grant, the policy or the definition is another one by now");
        }
    }

    private void Look()
    {
        var now = time.GetUtcNow();
        List<Approval> over;
        lock (gate)
        {
            over = [.. byId.Values.Where(entry => entry.Approval.Expires <= now && !entry.IsTaken).Select(static entry => entry.Approval)];
        }

        foreach (var approval in over)
        {
            if (approval.State == ApprovalState.Denied)
            {
                Remove(approval);
            }
            else
            {
                End(approval, ApprovalState.Expired, approval.State == ApprovalState.Pending ? "nobody answered in time" : "it was not used in time");
            }
        }
    }

    private void End(Approval approval, ApprovalState state, string why)
    {
        lock (gate)
        {
            if (!byId.TryGetValue(approval.Id, out var entry) || entry.IsTaken || !ReferenceEquals(entry.Approval, approval))
            {
                return;
            }
        }

        var ended = approval.Ended(state, time.GetUtcNow(), why);
        Remove(ended);
        _ = EndAsync(ended, why);
    }

    private async Task EndAsync(Approval ended, string why)
    {
        var now = time.GetUtcNow();
        await journal.AppendAsync(
            new CallRecord
            {
                Id = Identifiers.New(now),
                Time = now,
                Method = ended.State == ApprovalState.Expired ? "approval/expired" : "approval/void",
                Decision = "deny",
                Outcome = "refused",
                Code = "approval.expired",
                Grant = ended.Grant,
                Identity = ended.Identity,
                Server = ended.Server,
                Tool = ended.Tool,
                Policy = ended.Policy,
                Revision = ended.Revision,
                Approval = ended.Id,
                Detail = why,
            },
            Durability.Process,
            CancellationToken.None).ConfigureAwait(false);
        await SaveAsync(ended).ConfigureAwait(false);
        Changed?.Invoke(ended);
    }

    private async Task SaveAsync(Approval approval)
    {
        if (await TrySaveAsync(approval).ConfigureAwait(false) is { } fault)
        {
            log.LogError(fault, "approval {Approval} could not be stored; the journal has what became of it, and a restart finds it there", approval.Id);
        }
    }

    private async Task<StoreException?> TrySaveAsync(Approval approval)
    {
        try
        {
            await store.SaveApprovalAsync(approval).ConfigureAwait(false);
            return null;
        }
        catch (StoreException fault)
        {
            return fault;
        }
    }
}
