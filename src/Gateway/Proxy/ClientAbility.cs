using System.Text.Json;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>What a client says it can do, as far as asking people goes.</summary>
internal static class ClientAbility
{
    public const string TasksExtension = "io.modelcontextprotocol/tasks";

    /// <summary>The client opens a page for its user: its capabilities have <c>elicitation.url</c>.</summary>
    public static bool OpensPages(JsonElement capabilities) => Member(Member(capabilities, "elicitation"u8), "url"u8).ValueKind == JsonValueKind.Object;

    /// <summary>The request of a modern client says that it opens pages.</summary>
    public static bool OpensPages(Incoming call) => call.Modern ? OpensPages(Capabilities(call)) : call.Session?.OpensPages ?? false;

    /// <summary>The request says that a task may be its answer. What earlier requests said does not count.</summary>
    public static bool TakesTasks(Incoming call) =>
        call.Modern && Capabilities(call) is var own && Member(own, "extensions"u8) is { ValueKind: JsonValueKind.Object } extensions
        && extensions.TryGetProperty(TasksExtension, out var tasks) && tasks.ValueKind == JsonValueKind.Object;

    private static JsonElement Capabilities(Incoming call)
    {
        var meta = Member(call.Message.Params, "_meta"u8);
        return meta.ValueKind == JsonValueKind.Object && meta.TryGetProperty(ProtocolVersion.ClientCapabilities, out var capabilities) ? capabilities : default;
    }

    private static JsonElement Member(JsonElement holder, ReadOnlySpan<byte> name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var value) ? value : default;
}
