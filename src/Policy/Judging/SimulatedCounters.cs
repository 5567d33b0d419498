namespace Callgate.Policy.Judging;

/// <summary>Counts recorded calls along, as the counters of the gate would have.</summary>
internal sealed class SimulatedCounters
{
    private readonly Dictionary<(string Counter, LimitScope Scope, string Owner, string Server, string Per), Count> counts = [];

    /// <summary>Charges all limits or none; the first that is exceeded is returned.</summary>
    public Limit? Reserve(RecordedCall call, IReadOnlyList<Limit> limits, out string code)
    {
        code = PolicySimulation.LimitExceeded;
        var met = new List<(Count Count, decimal Amount)>(limits.Count);
        foreach (var limit in limits)
        {
            if (OwnerOf(call, limit.Scope) is not { } owner)
            {
                code = DecisionCodes.Unjudgeable;
                return limit;
            }

            var server = limit.Scope == LimitScope.Global ? "" : call.Facts.Caller?.Server ?? "";
            var key = (limit.Counter, limit.Scope, owner, server, limit.Per ?? "");
            if (!counts.TryGetValue(key, out var count))
            {
                counts[key] = count = new Count();
            }

            if (count.At(call.Facts.Now, limit) + limit.Amount > limit.Max)
            {
                return limit;
            }

            met.Add((count, limit.Amount));
        }

        foreach (var (count, amount) in met)
        {
            count.Charge(call.Facts.Now, amount);
        }

        return null;
    }

    /// <summary>A session is no more in the record than in the newest protocol: it counts as the grant.</summary>
    private static string? OwnerOf(RecordedCall call, LimitScope scope) => scope switch
    {
        LimitScope.Identity => call.Facts.Caller?.Identity,
        LimitScope.Server or LimitScope.Global => "",
        _ => call.Grant,
    };

    private sealed class Count
    {
        private readonly Queue<(DateTimeOffset At, decimal Amount)> charges = new();
        private DateTimeOffset start;
        private decimal sum;

        public decimal At(DateTimeOffset now, Limit limit)
        {
            if (limit.Sliding)
            {
                while (charges.TryPeek(out var oldest) && oldest.At <= now.AddSeconds(-limit.Window.Seconds))
                {
                    sum -= charges.Dequeue().Amount;
                }
            }
            else if (limit.Window.StartOf(now) is var current && current > start)
            {
                (start, sum) = (current, 0);
                charges.Clear();
            }

            IsSliding = limit.Sliding;
            return sum;
        }

        private bool IsSliding { get; set; }

        public void Charge(DateTimeOffset now, decimal amount)
        {
            sum += amount;
            if (IsSliding)
            {
                charges.Enqueue((now, amount));
            }
        }
    }
}
