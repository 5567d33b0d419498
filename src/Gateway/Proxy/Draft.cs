using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>What goes up for one request, before it is sealed: the re-emitted params and what the headers repeat of them.</summary>
public sealed record Draft(ReadOnlyMemory<byte> Params, long? ProgressToken, string? MirroredName)
{
    private static readonly ConditionalWeakTable<CompiledPolicy, JsonEdit[]> WithheldByPolicy = [];

    private static long lastToken;

    /// <summary>Checked <c>Mcp-Param-*</c> headers (modern).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ParameterHeaders { get; init; } = [];

    /// <summary>
    /// Writes the params again for the upstream: the progress token becomes ours, and the client announces no capability
    /// that its policy does not open. Everything else stays as it was judged.
    /// </summary>
    public static Draft Of(Incoming call, params JsonEdit[] edits)
    {
        var parameters = call.Message.Params;
        if (parameters.ValueKind != JsonValueKind.Object)
        {
            return new Draft(default, null, null);
        }

        var withheld = call.Modern ? WithheldInMeta(call) : [];
        long? token = null;
        if (call.WantsProgress)
        {
            token = Interlocked.Increment(ref lastToken);
            edits = [.. edits, JsonEdit.Replace(Encoding.ASCII.GetBytes(token.Value.ToString(CultureInfo.InvariantCulture)), "_meta", "progressToken")];
        }

        return new Draft(Reemit.Bytes(parameters, edits.Length == 0 ? withheld : [.. edits, .. withheld]), token, MirroredNameOf(call));
    }

    /// <summary>The same for every call under one policy, so they are made once.</summary>
    private static JsonEdit[] WithheldInMeta(Incoming call) => call.Policy is { } policy
        ? WithheldByPolicy.GetValue(policy.Policy, static judge => [.. Withheld(judge.OpensMethod, "_meta", ProtocolVersion.ClientCapabilities)])
        : [.. Withheld(static _ => false, "_meta", ProtocolVersion.ClientCapabilities)];

    /// <summary>Seals nothing itself: it only lends its parts to what a method file of the proxy sealed.</summary>
    public JudgedMessage Complete(JudgedMessage message) => message with { ProgressToken = ProgressToken, MirroredName = MirroredName, ParameterHeaders = ParameterHeaders };

    /// <summary>Edits that take out what the client may not be asked for, from a capabilities object at this path.</summary>
    public static IEnumerable<JsonEdit> Withheld(Func<string, bool> opens, params string[] capabilities)
    {
        foreach (var (capability, method) in Vocabulary.ClientCapabilities)
        {
            if (!opens(method))
            {
                yield return JsonEdit.Remove([.. capabilities, capability]);
            }
        }

        // Tasks are not served, so nobody is invited to answer with one.
        yield return JsonEdit.Remove([.. capabilities, "tasks"]);
        yield return JsonEdit.Remove([.. capabilities, "extensions", ClientAbility.TasksExtension]);
    }

    /// <summary>The member of params that <c>Mcp-Name</c> repeats for this method.</summary>
    public static string? MirroredNameOf(Incoming call) =>
        Vocabulary.Find(call.Method, call.Modern)?.MirroredName is { } member
        && call.Message.Params.ValueKind == JsonValueKind.Object
        && call.Message.Params.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
