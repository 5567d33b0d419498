using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Upstreams;

/// <summary>One request that an upstream saw, byte for byte.</summary>
public sealed record Sighting(string Server, WireRequest Request, JsonElement Message)
{
    private static long last;

    /// <summary>In which order it came among all of all servers.</summary>
    public long Number { get; } = Interlocked.Increment(ref last);

    /// <summary>What a gate asks on its own account.</summary>
    private static readonly HashSet<string> Own = new(StringComparer.Ordinal)
    {
        "initialize", "notifications/initialized", "server/discover", "tools/list", "prompts/list", "resources/list", "resources/templates/list",
        "subscriptions/listen", "notifications/cancelled", "ping", "",
    };

    public string Method => Message.Text("method") ?? "";

    public string? Tool => Method == "tools/call" ? Message.Member("params").Text("name") : null;

    /// <summary>Whether a client asked for it: what is left when the gate's own questions are taken away. A body that is no message is a client's.</summary>
    public bool IsAsked => Request.Method == "POST" && (Message.ValueKind != JsonValueKind.Object || (Method.Length == 0 ? Message.Has("result") || Message.Has("error") : !Own.Contains(Method)));
}
