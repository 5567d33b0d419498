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

    private static readonly byte[] Private = "\"private\""u8.ToArray();
    private static readonly string[] ScopePath = ["result", "cacheScope"];
    private static readonly string[] TtlPath = ["result", "ttlMs"];

    private static readonly JsonEdit[] Nothing = [];
    private static readonly JsonEdit[] Unmarked = [new(ScopePath, Private), new(TtlPath, "0"u8.ToArray())];
    private static readonly JsonEdit[] Marked = [new(ScopePath, Private, Add: true), new(TtlPath, "0"u8.ToArray(), Add: true)];

    /// <summary>The edits for a result; a list or a discovery gets both marks, any other keeps only those it has.</summary>
    public static JsonEdit[] Edits(Incoming call, JsonElement result)
    {
        if (!call.Modern || result.ValueKind != JsonValueKind.Object)
        {
            return Nothing;
        }

        var marked = call.Method.EndsWith("/list", StringComparison.Ordinal) || string.Equals(call.Method, "server/discover", StringComparison.Ordinal);
        var usual = marked ? Marked : Unmarked;
        return Ttl(result) is var ttl and > 0 ? [usual[0], new JsonEdit(TtlPath, JsonSerializer.SerializeToUtf8Bytes(ttl), Add: marked)] : usual;
    }

    private static long Ttl(JsonElement result) =>
        result.TryGetProperty("ttlMs"u8, out var element) && element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out var value)
            ? Math.Clamp(value, 0, MaxTtlMilliseconds)
            : 0;
}
