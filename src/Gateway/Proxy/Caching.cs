using System.Text.Json;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// How long, and for whom, a client may keep what it was answered (2026-07-28). What passed a policy belongs to one grant,
/// whatever the upstream says about its own answer, and a change of the policy must show soon.
/// </summary>
public static class Caching
{
    private const int MaxTtlMilliseconds = 60_000;

    /// <summary>The edits for a result; a list or a discovery gets both marks, any other keeps only those it has.</summary>
    public static IEnumerable<JsonEdit> Edits(Incoming call, JsonElement result)
    {
        if (!call.Modern || result.ValueKind != JsonValueKind.Object)
        {
            return [];
        }

        var marked = call.Method.EndsWith("/list", StringComparison.Ordinal) || string.Equals(call.Method, "server/discover", StringComparison.Ordinal);
        return
        [
            new JsonEdit(["result", "cacheScope"], "\"private\""u8.ToArray(), Add: marked),
            new JsonEdit(["result", "ttlMs"], Ttl(result), Add: marked),
        ];
    }

    private static byte[] Ttl(JsonElement result)
    {
        var ttl = result.TryGetProperty("ttlMs"u8, out var element) && element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value)
            ? Math.Clamp(value, 0, MaxTtlMilliseconds)
            : 0;
        return JsonSerializer.SerializeToUtf8Bytes(ttl);
    }
}
