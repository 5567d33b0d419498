using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;

namespace Callgate.Gateway;

/// <summary>A call that somebody asks about without making it.</summary>
internal static class TriedCall
{
    /// <summary>What a policy would know of it now.</summary>
    /// <param name="grant">Null for a caller of whom nothing is known.</param>
    /// <param name="arguments">An object; anything else counts as none.</param>
    /// <param name="watches">The policy only watches, and then nobody is asked about a drift.</param>
    public static CallFacts Facts(Snapshot now, ServerDefinition server, Grant? grant, string name, JsonElement? arguments, DateTimeOffset time, bool watches)
    {
        var pins = PinBook.Of(now, server.Name);
        var tool = pins?.Tools.GetValueOrDefault(name);
        var standing = pins is null ? ToolStanding.ListUnavailable : tool is null ? ToolStanding.Unknown : PinBook.StandingOf(tool, server);
        return new CallFacts(name, watches && standing == ToolStanding.DriftedAsked ? ToolStanding.Drifted : standing)
        {
            Arguments = arguments is { ValueKind: JsonValueKind.Object } given ? given : default,
            Schema = tool?.Schema,
            Category = tool?.Category,
            ShownCategory = tool?.Shown?.Category,
            Caller = new CallerFacts(grant?.Label, grant?.Identity, grant?.Attributes, server.Name, null),
            Now = time,
        };
    }
}
