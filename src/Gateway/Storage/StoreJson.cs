using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Webhooks;

namespace Callgate.Gateway.Storage;

/// <summary>What of a server may carry a secret; sealed as one text.</summary>
internal sealed record ServerSecrets(string? Url, Dictionary<string, string> Headers, string[] Command, Dictionary<string, string> Environment);

/// <summary>The JSON that columns hold, without reflection.</summary>
[JsonSerializable(typeof(ServerSecrets))]
[JsonSerializable(typeof(Dictionary<string, string>))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(Approval))]
[JsonSerializable(typeof(Notice))]
[JsonSerializable(typeof(Proposal))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class StoreJson : JsonSerializerContext
{
    public static ImmutableSortedDictionary<string, string> Sorted(Dictionary<string, string> members) =>
        members.ToImmutableSortedDictionary(StringComparer.Ordinal);
}
