using System.Collections.Frozen;
using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>Whether a method a client sent is served.</summary>
public enum MethodStanding
{
    /// <summary>It is always served, or the policy opens it.</summary>
    Served,

    /// <summary>It exists, and the policy does not open it.</summary>
    NotOpened,

    /// <summary>Not in the vocabulary of this era: it does not exist here.</summary>
    Unknown,
}

/// <summary>A method of the protocol.</summary>
/// <param name="AlwaysServed">Without a rule; otherwise <c>methods.allow</c> of the policy opens it.</param>
/// <param name="Capability">The capability an upstream must have announced before it is asked (legacy); some servers end at an unknown method.</param>
/// <param name="Own">Served for what the gate itself began, and never asked of an upstream.</param>
/// <param name="MirroredName">The member of <c>params</c> that <c>Mcp-Name</c> repeats (modern).</param>
public sealed record MethodRule(bool Legacy, bool Modern, bool AlwaysServed, string? Capability = null, string? MirroredName = null, bool Own = false);

/// <summary>
/// The closed vocabulary: every method of every released version and of the official extensions that this gateway
/// serves. What is not here is refused, unless the operator names it for the server and the policy opens it.
/// </summary>
public static class Vocabulary
{
    private static readonly FrozenDictionary<string, MethodRule> ClientRequests = new Dictionary<string, MethodRule>
    {
        ["initialize"] = new(true, false, true),
        ["ping"] = new(true, false, true),
        ["server/discover"] = new(false, true, true),
        ["subscriptions/listen"] = new(false, true, true),
        ["tools/list"] = new(true, true, true),
        ["tools/call"] = new(true, true, true, MirroredName: "name"),
        ["logging/setLevel"] = new(true, false, true, "logging"),
        ["resources/list"] = new(true, true, false, "resources"),
        ["resources/templates/list"] = new(true, true, false, "resources"),
        ["resources/read"] = new(true, true, false, "resources", "uri"),
        ["resources/subscribe"] = new(true, false, false, "resources"),
        ["resources/unsubscribe"] = new(true, false, false, "resources"),
        ["resources/directory/read"] = new(false, true, false, "resources", "uri"),
        ["prompts/list"] = new(true, true, false, "prompts"),
        ["prompts/get"] = new(true, true, false, "prompts", "name"),
        ["completion/complete"] = new(true, true, false, "completions"),
        ["tasks/get"] = new(false, true, false, MirroredName: "taskId", Own: true),
        ["tasks/update"] = new(false, true, false, MirroredName: "taskId", Own: true),
        ["tasks/cancel"] = new(false, true, false, MirroredName: "taskId", Own: true),
        ["skills/list"] = new(false, true, false),
        ["skills/get"] = new(false, true, false, null, "uri"),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>What an upstream may ask of a client, and what a client may therefore announce.</summary>
    private static readonly FrozenDictionary<string, string> ServerRequests = new Dictionary<string, string>
    {
        ["sampling/createMessage"] = "sampling",
        ["elicitation/create"] = "elicitation",
        ["roots/list"] = "roots",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Notifications of an upstream that pass, with the method that must be opened for them; empty when none.</summary>
    private static readonly FrozenDictionary<string, string> ServerNotifications = new Dictionary<string, string>
    {
        ["notifications/message"] = "",
        ["notifications/progress"] = "",
        ["notifications/cancelled"] = "",
        ["notifications/tools/list_changed"] = "",
        ["notifications/subscriptions/acknowledged"] = "",
        ["notifications/resources/updated"] = "resources/read",
        ["notifications/resources/list_changed"] = "resources/list",
        ["notifications/prompts/list_changed"] = "prompts/list",
        ["notifications/elicitation/complete"] = "elicitation/create",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Server capabilities that exist only where one of their methods is opened.</summary>
    public static FrozenDictionary<string, string[]> CapabilityMethods { get; } = new Dictionary<string, string[]>
    {
        ["resources"] = ["resources/list", "resources/templates/list", "resources/read"],
        ["prompts"] = ["prompts/list", "prompts/get"],
        ["completions"] = ["completion/complete"],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Client capabilities and the upstream's request each of them invites.</summary>
    public static IEnumerable<KeyValuePair<string, string>> ClientCapabilities => ServerRequests.Select(static pair => KeyValuePair.Create(pair.Value, pair.Key));

    public static MethodRule? Find(string method, bool modern) =>
        ClientRequests.TryGetValue(method, out var rule) && (modern ? rule.Modern : rule.Legacy) ? rule : null;

    /// <summary>How this message's method is served on its server under its policy.</summary>
    public static MethodStanding Judge(Incoming call)
    {
        if (Find(call.Method, call.Modern) is { } rule)
        {
            if (rule.Own)
            {
                return MethodStanding.Unknown;
            }

            return rule.AlwaysServed || call.Opens(call.Method) ? MethodStanding.Served : MethodStanding.NotOpened;
        }

        // A method of the other era does not become one of this era by being named.
        var named = !ClientRequests.ContainsKey(call.Method) && call.Server.MethodsAllow.Any(pattern => Glob.Matches(pattern, call.Method));
        if (!named)
        {
            return MethodStanding.Unknown;
        }

        return call.Opens(call.Method) ? MethodStanding.Served : MethodStanding.NotOpened;
    }

    /// <summary>A request of the protocol. Sent without an id it is no notification: many servers would run it all the same.</summary>
    public static bool IsRequest(string method) => ClientRequests.ContainsKey(method) || ServerRequests.ContainsKey(method);

    /// <summary>True for a notification beyond the vocabulary that the operator names for the server and the policy opens.</summary>
    public static bool NamesNotification(Incoming call) =>
        !IsRequest(call.Method) && call.Server.MethodsAllow.Any(pattern => Glob.Matches(pattern, call.Method)) && call.Opens(call.Method);

    /// <summary>True when the policy lets the upstream ask the client this.</summary>
    public static bool AllowsQuestion(Party call, string method) =>
        string.Equals(method, "ping", StringComparison.Ordinal) || (ServerRequests.ContainsKey(method) && call.Opens(method));

    /// <summary>True when a notification of the upstream may reach the client.</summary>
    public static bool AllowsNotification(Party call, string method) =>
        ServerNotifications.TryGetValue(method, out var needed)
            ? needed.Length == 0 || call.Opens(needed)
            : call.Server.MethodsAllow.Any(pattern => Glob.Matches(pattern, method)) && call.Opens(method);
}
