using System.Runtime.InteropServices;
using System.Text.Json;
using Callgate.Gateway.Quota;

namespace Callgate.Gateway.Audit;

/// <summary>
/// The live counters as the journal itself says: charges of its calls, less those that a released outcome gave back. Each
/// segment begins with this, so that a restart reads one segment.
/// </summary>
internal sealed class JournalFold
{
    /// <summary>Open calls beyond this many keep their charge whatever becomes of them, which only costs their own budget.</summary>
    private const int OpenCalls = 50_000;

    /// <summary>Counters, and open calls, in one line.</summary>
    private const int PartLength = 1_000;

    private readonly Dictionary<(CounterKey Key, DateTimeOffset WindowStart), Total> counters = [];
    private readonly Dictionary<CounterKey, SlidingCharges> sliding = [];
    private readonly Dictionary<string, IReadOnlyList<Charge>> open = new(StringComparer.Ordinal);

    /// <summary>The latest time any entry names.</summary>
    public DateTimeOffset Latest { get; private set; }

    /// <summary>The last entry whose segment was let go, zero when all are there.</summary>
    public long RetiredSeq { get; private set; }

    /// <summary>All that was let go so far; null when nothing was.</summary>
    public RetiredSummary? Retired { get; private set; }

    public void Apply(CallRecord call)
    {
        See(call.Time);
        Charge(call.Id, call.Charges, isOpen: call.Outcome is null);
    }

    public void Apply(OutcomeRecord outcome)
    {
        See(outcome.Time);
        Settle(outcome.Id, outcome.Released);
    }

    /// <summary>Retention is about to remove everything up to this entry; the total includes it.</summary>
    public void Retire(long lastSeq, RetiredSummary? total)
    {
        RetiredSeq = Math.Max(RetiredSeq, lastSeq);
        Retired = total ?? Retired;
    }

    /// <summary>What an earlier life of the process left open has no outcome any more.</summary>
    public void EndLife() => open.Clear();

    /// <summary>Replays one entry from disk.</summary>
    /// <exception cref="JsonException">The entry lacks what its kind has.</exception>
    public void Apply(ReadOnlySpan<byte> kind, ReadOnlySpan<byte> line)
    {
        var entry = JsonElement.Parse(line);
        try
        {
            See(JournalCharges.ReadTime(entry.GetProperty("time")));
            if (kind.SequenceEqual("call"u8))
            {
                var isOpen = entry.GetProperty("outcome").ValueKind == JsonValueKind.Null;
                Charge(IdOf(entry, "id"), JournalCharges.Read(entry.GetProperty("charges")), isOpen);
            }
            else if (kind.SequenceEqual("outcome"u8))
            {
                Settle(IdOf(entry, "of"), entry.GetProperty("released").GetBoolean());
            }
            else if (kind.SequenceEqual("segment"u8))
            {
                See(JournalCharges.ReadTime(entry.GetProperty("latest")));
                Retire(entry.GetProperty("retired").GetInt64(), TotalOf(entry, "retired_total"));
                Begin(entry);
            }
            else if (kind.SequenceEqual("counters"u8))
            {
                Begin(entry);
            }
            else if (kind.SequenceEqual("retired"u8))
            {
                Retire(entry.GetProperty("last_seq").GetInt64(), TotalOf(entry, "total"));
            }
            else if (kind.SequenceEqual("start"u8))
            {
                EndLife();
            }
        }
        catch (Exception exception) when (exception is InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new JsonException("a member is missing or has another type", exception);
        }
    }

    /// <summary>The state as a segment begins with it, in parts that make lines of a bounded length; at least one.</summary>
    public List<JournalFoldPart> Parts(DateTimeOffset now)
    {
        See(now);
        Prune();
        var charges = Charges().Chunk(PartLength).ToList();
        var calls = open.Chunk(PartLength).ToList();
        var parts = new List<JournalFoldPart>();
        for (var i = 0; i < Math.Max(1, Math.Max(charges.Count, calls.Count)); i++)
        {
            parts.Add(new JournalFoldPart(i < charges.Count ? charges[i] : [], i < calls.Count ? calls[i] : []));
        }

        return parts;
    }

    /// <summary>What each live counter has been charged in its window; of a sliding one every charge, the oldest first.</summary>
    public IEnumerable<Charge> Charges()
    {
        foreach (var ((key, windowStart), used) in counters)
        {
            foreach (var amount in used.Parts())
            {
                yield return new Charge(key, windowStart, amount);
            }
        }

        foreach (var (key, charges) in sliding)
        {
            foreach (var (at, amount) in charges.All())
            {
                yield return new Charge(key, new DateTimeOffset(at, TimeSpan.Zero), amount);
            }
        }
    }

    /// <summary>Drops windows that have ended, and open calls that charged nothing else.</summary>
    public void Prune()
    {
        foreach (var (key, used) in counters)
        {
            if (used.IsZero || !IsLive(key.Key, key.WindowStart))
            {
                counters.Remove(key);
            }
        }

        foreach (var (key, charges) in sliding)
        {
            charges.DropUntil(CounterWindows.Before(key.Window, Latest));
            if (charges.Count == 0)
            {
                sliding.Remove(key);
            }
        }

        foreach (var (id, charges) in open)
        {
            if (!charges.Any(charge => IsLive(charge.Key, charge.WindowStart)))
            {
                open.Remove(id);
            }
        }
    }

    public void See(DateTimeOffset time) => Latest = time > Latest ? time : Latest;

    private static RetiredSummary? TotalOf(JsonElement entry, string name) => entry.TryGetProperty(name, out var total) ? RetiredSummary.Read(total) : null;

    private static string IdOf(JsonElement entry, string name) => entry.GetProperty(name).GetString() ?? throw new FormatException();

    private bool IsLive(CounterKey key, DateTimeOffset windowStart) => CounterWindows.EndOf(key.Window, windowStart) > Latest;

    /// <summary>The first lines of a segment; nothing was charged before them.</summary>
    private void Begin(JsonElement entry)
    {
        foreach (var charge in JournalCharges.Read(entry.GetProperty("counters")))
        {
            Add(charge);
        }

        foreach (var call in entry.GetProperty("open").EnumerateArray())
        {
            open[IdOf(call, "id")] = JournalCharges.Read(call.GetProperty("charges"));
        }
    }

    private void Charge(string id, IReadOnlyList<Charge> charges, bool isOpen)
    {
        foreach (var charge in charges)
        {
            Add(charge);
        }

        if (isOpen && charges.Count > 0 && open.Count < OpenCalls)
        {
            open[id] = charges;
        }
    }

    private void Add(in Charge charge)
    {
        // An entry has the time at which its call came in; its charges may be later, and to the tick.
        See(charge.WindowStart);
        if (charge.Key.Kind == CounterKind.Sliding)
        {
            var charges = CollectionsMarshal.GetValueRefOrAddDefault(sliding, charge.Key, out _) ??= new SlidingCharges();
            charges.DropUntil(CounterWindows.Before(charge.Key.Window, Latest));
            charges.Add(charge.WindowStart.UtcTicks, charge.Amount);
        }
        else
        {
            CollectionsMarshal.GetValueRefOrAddDefault(counters, (charge.Key, charge.WindowStart), out _) += Total.Of(charge.Amount);
        }
    }

    private void Settle(string id, bool released)
    {
        if (!open.Remove(id, out var charges) || !released)
        {
            return;
        }

        foreach (var charge in charges)
        {
            GiveBack(charge);
        }
    }

    private void GiveBack(in Charge charge)
    {
        if (charge.Key.Kind == CounterKind.Sliding)
        {
            sliding.GetValueOrDefault(charge.Key)?.TryRemove(charge.WindowStart.UtcTicks, charge.Amount);
            return;
        }

        var key = (charge.Key, charge.WindowStart);
        if (counters.TryGetValue(key, out var used))
        {
            counters[key] = used - Total.Of(charge.Amount);
        }
    }
}

/// <summary>Some of the live counters, and some of the calls whose charges may still be given back.</summary>
internal sealed record JournalFoldPart(IReadOnlyList<Charge> Counters, IReadOnlyList<KeyValuePair<string, IReadOnlyList<Charge>>> Open);
