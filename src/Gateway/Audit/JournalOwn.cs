namespace Callgate.Gateway.Audit;

/// <summary>Entries of the journal's own, and outcomes that could not be written in their turn; they go before all others.</summary>
internal sealed class JournalOwn(JournalEncoders encoders)
{
    private readonly List<PendingEntry> waiting = [];

    public int Count => waiting.Count;

    public IReadOnlyList<PendingEntry> Waiting => waiting;

    public void Add(Action<JournalEncoder> write, OutcomeRecord? outcome = null)
    {
        var encoder = encoders.Rent();
        write(encoder);
        waiting.Add(new PendingEntry(encoder) { Outcome = outcome });
    }

    /// <summary>Refusals that were only counted.</summary>
    public void Add(RefusalCount? counted)
    {
        if (counted is not null)
        {
            Add(encoder => encoder.Write(counted));
        }
    }

    /// <summary>The entry of this call stands, but its caller was told that it does not count: nothing was sent.</summary>
    public void Abandon(CallRecord call, DateTimeOffset now)
    {
        var outcome = new OutcomeRecord(call.Id, now, "abandoned", null, 0, Released: true, "record.unavailable", "the entry was written too late to count");
        Add(encoder => encoder.Write(outcome), outcome);
    }

    /// <summary>An outcome that could not be written in its turn.</summary>
    public void Keep(PendingEntry outcome) => waiting.Add(outcome);

    public void Clear() => waiting.Clear();
}
