using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// What a client is told about a server, in <c>initialize</c> and <c>server/discover</c> alike: capabilities reduced to
/// what the policy opens, and <c>instructions</c> only where they are the reviewed ones.
/// </summary>
public static class Introduction
{
    public static ReadOnlyMemory<byte> Of(Incoming call, RpcMessage response, PinBook pins)
    {
        if (!response.Root.TryGetProperty("result"u8, out var result) || result.ValueKind != JsonValueKind.Object)
        {
            return RpcWriter.Relay(response, call.RawId);
        }

        var edits = new List<JsonEdit>();
        foreach (var (capability, methods) in Vocabulary.CapabilityMethods)
        {
            if (!methods.Any(call.Opens))
            {
                edits.Add(JsonEdit.Remove("result", "capabilities", capability));
            }
        }

        if (!call.Modern && !call.Opens("resources/subscribe"))
        {
            edits.Add(JsonEdit.Remove("result", "capabilities", "resources", "subscribe"));
        }

        // Tasks of the server are not served in either direction.
        edits.Add(JsonEdit.Remove("result", "capabilities", "tasks"));
        edits.Add(Tasks(call, result));
        if (!call.Opens("skills/list"))
        {
            edits.Add(JsonEdit.Remove("result", "capabilities", "extensions", "io.modelcontextprotocol/skills"));
        }

        var shown = result.TryGetProperty("instructions"u8, out var instructions) && instructions.ValueKind == JsonValueKind.String ? instructions.GetString() : null;
        // What the upstream shows now may have drifted: the pins learn of it before this client hears the answer.
        if (!string.Equals(shown, pins.Observe(call.PinKey, call.Server, shown)?.Instructions, StringComparison.Ordinal))
        {
            edits.Add(JsonEdit.Remove("result", "instructions"));
        }

        if (result.TryGetProperty("supportedVersions"u8, out var versions) && versions.ValueKind == JsonValueKind.Array)
        {
            edits.Add(JsonEdit.Replace(Served(versions), "result", "supportedVersions"));
        }

        edits.AddRange(Caching.Edits(call, result));
        return RpcWriter.Relay(response, call.RawId, [.. edits]);
    }

    /// <summary>Where the policy may ask people, a call of a client that takes tasks becomes one of ours.</summary>
    private static JsonEdit Tasks(Incoming call, JsonElement result)
    {
        if (!call.Modern || !call.MayAsk || !result.TryGetProperty("capabilities"u8, out var capabilities) || capabilities.ValueKind != JsonValueKind.Object)
        {
            return JsonEdit.Remove("result", "capabilities", "extensions", ClientAbility.TasksExtension);
        }

        return capabilities.TryGetProperty("extensions"u8, out var extensions) && extensions.ValueKind == JsonValueKind.Object
            ? JsonEdit.Set("{}"u8.ToArray(), "result", "capabilities", "extensions", ClientAbility.TasksExtension)
            : JsonEdit.Set(JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { [ClientAbility.TasksExtension] = new { } }), "result", "capabilities", "extensions");
    }

    /// <summary>The server's versions that are served here too: a client must not choose one that this gate then refuses.</summary>
    private static byte[] Served(JsonElement versions) => JsonSerializer.SerializeToUtf8Bytes(versions.EnumerateArray()
        .Where(static version => version.ValueKind == JsonValueKind.String)
        .Select(static version => version.GetString()!)
        .Where(static version => ProtocolVersion.IsLegacy(version) || string.Equals(version, ProtocolVersion.Modern, StringComparison.Ordinal)));
}
