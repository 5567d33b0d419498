using Callgate.Gateway.Discovery;
using Callgate.Policy;

namespace Callgate.Gateway.Policies;

/// <summary>What a policy makes of a tool, the widest opening first.</summary>
public enum Opening
{
    /// <summary>No rule names the tool, and calls of it pass.</summary>
    AllowedByDefault,

    /// <summary>Calls pass, as far as limits have room.</summary>
    Allowed,

    /// <summary>Calls pass when rules about their facts let them; a person may be asked about some.</summary>
    AllowedUnderRules,

    /// <summary>A person is asked about each call.</summary>
    Asked,

    /// <summary>Calls are refused.</summary>
    Denied,

    /// <summary>Agents do not learn that the tool exists.</summary>
    Hidden,

    /// <summary>No rule names the tool, so that calls of it are refused.</summary>
    DeniedByDefault,
}

/// <summary>A reviewed tool and what a policy makes of it.</summary>
/// <param name="Category">The category that the policy goes by; null without one.</param>
public sealed record ReachedTool(string Name, ToolCategory? Category, Opening Opening);

/// <summary>What a policy lets an agent reach on a server, asked without a call.</summary>
public static class Reach
{
    /// <summary>The reviewed tools of the server, by name.</summary>
    /// <param name="policy">Null for a grant without one, which may call nothing.</param>
    public static IReadOnlyList<ReachedTool> Of(Snapshot now, PolicyRevision? policy, string server) => PinBook.Of(now, server) is { } pins
        ? [.. pins.Tools.Values.OrderBy(static tool => tool.Name, StringComparer.Ordinal).Select(tool => new ReachedTool(tool.Name, tool.Category, Of(policy, tool)))]
        : [];

    private static Opening Of(PolicyRevision? policy, PinnedTool tool)
    {
        if (policy is null)
        {
            return Opening.DeniedByDefault;
        }

        var ruling = policy.Policy.Explain(tool.Name, tool.Category);
        return ruling switch
        {
            { Action: Effect.Hide } => Opening.Hidden,
            { Entry: null, Action: Effect.Allow } => Opening.AllowedByDefault,
            { Entry: null } => Opening.DeniedByDefault,
            { Action: Effect.Deny } => Opening.Denied,
            { Action: Effect.Approve } => Opening.Asked,
            { HasRules: true } => Opening.AllowedUnderRules,
            _ => Opening.Allowed,
        };
    }
}
