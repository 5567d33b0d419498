using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Gateway.Discovery;

/// <summary>A tool as it was reviewed.</summary>
/// <param name="Definition">The definition in our own spelling: what clients are shown, whatever the upstream says now.</param>
/// <param name="Fingerprint">SHA-256 of the canonical definition, lower-case hex.</param>
/// <param name="Category">Stored with the pin; null while unclassified.</param>
/// <param name="DriftedTo">The differing definition the upstream showed last; null when it shows the pinned one.</param>
public sealed record PinnedTool(string Name, ReadOnlyMemory<byte> Definition, string Fingerprint, ToolCategory? Category = null, ReadOnlyMemory<byte>? DriftedTo = null)
{
    private InputSchema? schema;

    /// <summary>What arguments are checked against, compiled once. A definition without an input schema allows any object.</summary>
    public InputSchema Schema => schema ??= Compile(Definition);

    private static InputSchema Compile(ReadOnlyMemory<byte> definition)
    {
        var tool = JsonElement.Parse(definition.Span);
        return InputSchema.Compile(tool.TryGetProperty("inputSchema"u8, out var stated) ? stated : JsonElement.Parse("true"u8));
    }
}

/// <summary>What is known and reviewed of one server.</summary>
/// <param name="Tools">Reviewed tools by exact name.</param>
/// <param name="Waiting">Tools that appeared after first contact and wait for review: unknown to every client.</param>
/// <param name="Instructions">The reviewed <c>instructions</c>; null where there were none.</param>
public sealed record PinnedServer(
    string Server,
    FrozenDictionary<string, PinnedTool> Tools,
    FrozenDictionary<string, PinnedTool> Waiting,
    string? Instructions,
    DateTimeOffset PinnedAt);
