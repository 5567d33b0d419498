using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Gateway.Discovery;

/// <summary>A tool as it was reviewed.</summary>
/// <param name="Definition">The definition in our own spelling: what clients are shown, whatever the upstream says now.</param>
/// <param name="Fingerprint">SHA-256 of the canonical definition, lower-case hex.</param>
/// <param name="Category">Stored with the pin; null while unclassified.</param>
/// <param name="DriftedTo">
/// The differing definition the upstream showed last, all of them as an array where it lists the name more than once; null
/// when it shows the pinned one.
/// </param>
public sealed record PinnedTool(string Name, ReadOnlyMemory<byte> Definition, string Fingerprint, ToolCategory? Category = null, ReadOnlyMemory<byte>? DriftedTo = null)
{
    private InputSchema? schema;
    private ReadShown? shown;

    /// <summary>What arguments are checked against, compiled once. A definition without an input schema allows any object.</summary>
    public InputSchema Schema => schema ??= Compile(Definition);

    /// <summary>The one definition that the upstream shows instead; null when it shows the pinned one, and when it shows several: which would be called is open.</summary>
    public ShownTool? Shown
    {
        get
        {
            if (DriftedTo is not { } bytes)
            {
                return null;
            }

            // A changed copy carries what was read of another definition, so what was read says of which.
            var read = shown;
            return (read is not null && read.Bytes.Equals(bytes) ? read : shown = new ReadShown(bytes, ShownTool.Of(bytes))).Tool;
        }
    }

    private static InputSchema Compile(ReadOnlyMemory<byte> definition)
    {
        var tool = JsonElement.Parse(definition.Span);
        return InputSchema.Compile(tool.TryGetProperty("inputSchema"u8, out var stated) ? stated : JsonElement.Parse("true"u8));
    }

    private sealed record ReadShown(ReadOnlyMemory<byte> Bytes, ShownTool? Tool);
}

/// <summary>What a server shows of a tool instead of the reviewed definition.</summary>
public sealed record ShownTool(JsonElement Definition, string Fingerprint, ToolCategory? Category)
{
    /// <summary>Null where it is no single definition.</summary>
    public static ShownTool? Of(ReadOnlyMemory<byte> shown) =>
        JsonElement.Parse(shown.Span) is { ValueKind: JsonValueKind.Object } definition ? new ShownTool(definition, Callgate.Catalogue.Fingerprint.Of(definition), Categories.Of(definition)) : null;
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
