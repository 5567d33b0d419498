using System.Globalization;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>Limits of the stand-in. Windows other than sliding ones and whole seconds have no end here.</summary>
internal sealed class WeakCounters
{
    private readonly Dictionary<string, List<(DateTimeOffset At, decimal Amount)>> charges = new(StringComparer.Ordinal);

    /// <summary>Charges all limits or none; null when there was room, else what there was none for.</summary>
    public async Task<string?> ChargeAsync(IReadOnlyList<JsonElement> limits, JsonElement arguments, string who, string session, Func<string, bool> has)
    {
        if (limits.Count == 0 || has("no-limits"))
        {
            return null;
        }

        var wanted = new List<(string Key, JsonElement Limit, decimal Amount)>();
        foreach (var limit in limits)
        {
            var amount = Amount(limit, arguments, has);
            if (amount is null)
            {
                return "policy.unjudgeable";
            }

            wanted.Add((who + "/" + limit.Text("counter") + Per(limit, arguments) + (has("limits-per-session") ? session : ""), limit, amount.Value));
        }

        if (has("read-then-write"))
        {
            var free = wanted.TrueForAll(one => HasRoom(one.Key, one.Limit, one.Amount, has));
            await Task.Delay(20);
            return free ? Write(wanted) : "limit.exceeded";
        }

        lock (charges)
        {
            return wanted.TrueForAll(one => HasRoom(one.Key, one.Limit, one.Amount, has)) ? Write(wanted) : "limit.exceeded";
        }
    }

    public void Return(IReadOnlyList<JsonElement> limits, JsonElement arguments, string who)
    {
        lock (charges)
        {
            foreach (var limit in limits)
            {
                if (charges.TryGetValue(who + "/" + limit.Text("counter") + Per(limit, arguments), out var list) && list.Count > 0)
                {
                    list.RemoveAt(list.Count - 1);
                }
            }
        }
    }

    private static string Per(JsonElement limit, JsonElement arguments) => limit.Text("per") is { } path ? "/" + arguments.Member(path["args.".Length..]).GetRawText() : "";

    private static decimal? Amount(JsonElement limit, JsonElement arguments, Func<string, bool> has)
    {
        if (limit.Text("amount") is not { } path || has("amounts-ignored"))
        {
            return 1;
        }

        var value = arguments.Member(path["args.".Length..]);
        if (has("amounts-raw"))
        {
            return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var any) ? any : 0;
        }

        return value.ValueKind == JsonValueKind.Number && value.TryGetDecimal(out var exact) && exact > 0 ? exact : null;
    }

    private string? Write(List<(string Key, JsonElement Limit, decimal Amount)> wanted)
    {
        lock (charges)
        {
            foreach (var (key, _, amount) in wanted)
            {
                if (!charges.TryGetValue(key, out var list))
                {
                    charges[key] = list = [];
                }

                list.Add((TimeProvider.System.GetUtcNow(), amount));
            }
        }

        return null;
    }

    private bool HasRoom(string key, JsonElement limit, decimal amount, Func<string, bool> has)
    {
        var now = TimeProvider.System.GetUtcNow();
        var seconds = limit.Member("window") is { ValueKind: JsonValueKind.Number } stated ? stated.GetInt32() : 0;
        bool Counts(DateTimeOffset at) => seconds == 0 || (limit.IsTrue("sliding") && !has("fixed-window") ? now - at < TimeSpan.FromSeconds(seconds) : at.ToUnixTimeSeconds() / seconds == now.ToUnixTimeSeconds() / seconds);
        lock (charges)
        {
            var used = charges.TryGetValue(key, out var list) ? list.Where(charge => Counts(charge.At)).Sum(static charge => charge.Amount) : 0;
            return used + amount <= decimal.Parse(limit.Member("max").GetRawText(), CultureInfo.InvariantCulture);
        }
    }
}
