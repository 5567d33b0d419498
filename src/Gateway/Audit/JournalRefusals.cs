namespace Callgate.Gateway.Audit;

/// <summary>How many refusals of each code were only counted, between two times.</summary>
internal sealed record RefusalCount(DateTimeOffset From, DateTimeOffset To, long Count, IReadOnlyDictionary<string, long> Codes);

/// <summary>
/// Admits refusals that never reach a grant: some a second are written one by one, the rest are counted by code. Whoever has
/// no grant can therefore neither fill the disk nor the memory.
/// </summary>
internal sealed class JournalRefusals(TimeProvider time)
{
    private const double PerSecond = 20;

    private const double Burst = 100;

    /// <summary>The register of codes is shorter than this.</summary>
    private const int MostCodes = 64;

    private readonly Lock gate = new();
    private Dictionary<string, long> codes = new(StringComparer.Ordinal);
    private DateTimeOffset from;
    private long count;
    private double tokens = Burst;
    private long filled = time.GetTimestamp();

    /// <summary>True when this one may be written by itself; otherwise it has been counted.</summary>
    public bool TryAdmit(CallRecord refusal, bool onlyCount)
    {
        lock (gate)
        {
            var now = time.GetTimestamp();
            tokens = Math.Min(Burst, tokens + (Math.Max(0, time.GetElapsedTime(filled, now).TotalSeconds) * PerSecond));
            filled = now;
            if (!onlyCount && tokens >= 1)
            {
                tokens--;
                return true;
            }

            Count(refusal.Code ?? "none");
            return false;
        }
    }

    /// <summary>Counts one that was to be written and could not be.</summary>
    public void AddUnwritten(CallRecord refusal)
    {
        lock (gate)
        {
            Count(refusal.Code ?? "none");
        }
    }

    /// <summary>Takes what has been counted; null when nothing was.</summary>
    public RefusalCount? Take()
    {
        lock (gate)
        {
            if (count == 0)
            {
                return null;
            }

            var taken = new RefusalCount(from, time.GetUtcNow(), count, codes);
            codes = new Dictionary<string, long>(StringComparer.Ordinal);
            count = 0;
            return taken;
        }
    }

    private void Count(string code)
    {
        if (count++ == 0)
        {
            from = time.GetUtcNow();
        }

        var name = codes.Count < MostCodes || codes.ContainsKey(code) ? code : "other";
        codes[name] = codes.GetValueOrDefault(name) + 1;
    }
}
