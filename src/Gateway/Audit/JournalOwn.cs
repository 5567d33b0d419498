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

    /// <summary>A life of the process begins; what an unclean end of the last one left has been cut off.</summary>
    public void Begin(JournalOpening opening, DateTimeOffset now)
    {
        if (opening.RecoveredBytes > 0)
        {
            Add(encoder => encoder.WriteRecovered(now, Path.GetFileName(opening.Path) ?? "", opening.RecoveredBytes));
        }

        Add(encoder => encoder.WriteLife("start", now));
    }

    public void End(RefusalCount? counted, DateTimeOffset now)
    {
        Add(counted);
        Add(encoder => encoder.WriteLife("stop", now));
    }

    /// <summary>Refusals that were only counted.</summary>
    public void Add(RefusalCount? counted)
    {
        if (counted is not null)
        {
            Add(encoder => encoder.Write(counted));
        }
    }

    /// <summary>The entry of a call stands, but its caller was told that it does not count: nothing was sent.</summary>
    public void Abandon(PendingEntry entry, DateTimeOffset now)
    {
        if (entry.Call is { Outcome: null } call)
        {
            var outcome = new OutcomeRecord(call.Id, now, "abandoned", null, 0, Released: true, "record.unavailable", "the entry was written too late to count");
            Add(encoder => encoder.Write(outcome), outcome);
        }
    }

    /// <summary>An outcome that could not be written in its turn.</summary>
    public void Keep(PendingEntry outcome) => waiting.Add(outcome);

    public void Clear() => waiting.Clear();
}
