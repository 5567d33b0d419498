using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>What goes up for one request, before it is sealed: the re-emitted params and what the headers repeat of them.</summary>
public sealed record Draft(ReadOnlyMemory<byte> Params, long? ProgressToken, string? MirroredName)
{
    private const string TasksExtension = "io.modelcontextprotocol/tasks";

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

        var all = new List<JsonEdit>(edits);
        long? token = null;
        if (call.ProgressToken is not null)
        {
            token = Interlocked.Increment(ref lastToken);
            all.Add(JsonEdit.Replace(Encoding.ASCII.GetBytes(token.Value.ToString(CultureInfo.InvariantCulture)), "_meta", "progressToken"));
        }

        if (call.Modern)
        {
            all.AddRange(Withheld(call, "_meta", ProtocolVersion.ClientCapabilities));
        }

        return new Draft(Reemit.Bytes(parameters, [.. all]), token, MirroredNameOf(call));
    }

    /// <summary>Seals nothing itself: it only lends its parts to what a method file of the proxy sealed.</summary>
    public JudgedMessage Complete(JudgedMessage message) => message with { ProgressToken = ProgressToken, MirroredName = MirroredName, ParameterHeaders = ParameterHeaders };

    /// <summary>Edits that take out what the client may not be asked for, from a capabilities object at this path.</summary>
    public static IEnumerable<JsonEdit> Withheld(Incoming call, params string[] capabilities)
    {
        foreach (var (capability, method) in Vocabulary.ClientCapabilities)
        {
            if (!call.Opens(method))
            {
                yield return JsonEdit.Remove([.. capabilities, capability]);
            }
        }

        // Tasks are not served, so nobody is invited to answer with one.
        yield return JsonEdit.Remove([.. capabilities, "tasks"]);
        yield return JsonEdit.Remove([.. capabilities, "extensions", TasksExtension]);
    }

    /// <summary>The member of params that <c>Mcp-Name</c> repeats for this method.</summary>
    public static string? MirroredNameOf(Incoming call) =>
        Vocabulary.Find(call.Method, call.Modern)?.MirroredName is { } member
        && call.Message.Params.ValueKind == JsonValueKind.Object
        && call.Message.Params.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String
            ? value.GetString()
            : null;
}
