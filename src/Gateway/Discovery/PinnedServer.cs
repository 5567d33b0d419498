using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Gateway.Discovery;

/// <summary>A tool as it was reviewed, or another thing that a server shows of itself; the category and the schema are a tool's alone.</summary>
/// <param name="Name">What tells it from others of its kind: a name, or the address of a resource.</param>
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

/// <summary>What a server shows instead of a reviewed definition.</summary>
public sealed record ShownTool(JsonElement Definition, string Fingerprint, ToolCategory? Category)
{
    /// <summary>Null where it is no single definition.</summary>
    public static ShownTool? Of(ReadOnlyMemory<byte> shown) => JsonElement.Parse(shown.Span) is { ValueKind: not JsonValueKind.Array } definition
        ? new ShownTool(definition, Callgate.Catalogue.Fingerprint.Of(definition), definition.ValueKind == JsonValueKind.Object ? Categories.Of(definition) : null)
        : null;
}

/// <summary>One kind of things that a server shows.</summary>
/// <param name="Reviewed">By exact name.</param>
/// <param name="Waiting">What appeared after first contact and waits for review: unknown to every client.</param>
public sealed record PinnedList(FrozenDictionary<string, PinnedTool> Reviewed, FrozenDictionary<string, PinnedTool> Waiting);

/// <summary>One definition, its kind, and whether it is reviewed, drifted or waits.</summary>
public readonly record struct PinnedEntry(ListingKind Kind, PinnedTool Pin, bool Waits)
{
    public bool IsReviewed => !Waits && Pin.DriftedTo is null;

    /// <summary>What accepting it takes; null where it is reviewed, or shown several times over.</summary>
    public string? Acceptable => Waits ? Pin.Fingerprint : Pin.Shown?.Fingerprint;
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
    DateTimeOffset PinnedAt)
{
    private const string InstructionsName = "instructions";

    /// <summary>Prompts, resources and templates. A kind that is missing could never be listed.</summary>
    public FrozenDictionary<ListingKind, PinnedList> Lists { get; init; } = FrozenDictionary<ListingKind, PinnedList>.Empty;

    /// <summary>Pinned by a program that pinned tools alone, and not looked at since.</summary>
    public bool BeforeLists { get; init; }

    /// <summary>The text that the server shows instead of the reviewed <c>instructions</c>; null when it shows those, or none.</summary>
    public string? ShownInstructions { get; init; }

    /// <summary>Null where the kind could never be listed.</summary>
    public PinnedList? List(ListingKind kind) => kind == ListingKind.Tool ? new PinnedList(Tools, Waiting) : Lists.GetValueOrDefault(kind);

    public PinnedServer With(ListingKind kind, PinnedList list) => kind == ListingKind.Tool
        ? this with { Tools = list.Reviewed, Waiting = list.Waiting }
        : this with { Lists = new Dictionary<ListingKind, PinnedList>(Lists) { [kind] = list }.ToFrozenDictionary() };

    /// <summary>Everything, kind by kind.</summary>
    public IEnumerable<PinnedEntry> All()
    {
        foreach (var (kind, list) in Lists.Select(static pair => (pair.Key, pair.Value)).Prepend((ListingKind.Tool, new PinnedList(Tools, Waiting))))
        {
            foreach (var pin in list.Reviewed.Values)
            {
                yield return new PinnedEntry(kind, pin, false);
            }

            foreach (var pin in list.Waiting.Values)
            {
                yield return new PinnedEntry(kind, pin, true);
            }
        }

        foreach (var entry in OfInstructions())
        {
            yield return entry;
        }
    }

    /// <summary>What is reviewed and what waits under one name.</summary>
    public IEnumerable<PinnedEntry> Entries(ListingKind kind, string name)
    {
        if (kind == ListingKind.Instructions)
        {
            return OfInstructions();
        }

        var list = List(kind);
        return new[] { (Pin: list?.Reviewed.GetValueOrDefault(name), Waits: false), (Pin: list?.Waiting.GetValueOrDefault(name), Waits: true) }
            .Where(static one => one.Pin is not null).Select(one => new PinnedEntry(kind, one.Pin!, one.Waits));
    }

    private IEnumerable<PinnedEntry> OfInstructions()
    {
        if (Instructions is { } reviewed)
        {
            yield return new PinnedEntry(ListingKind.Instructions, Text(reviewed) with { DriftedTo = ShownInstructions is { } other ? JsonSerializer.SerializeToUtf8Bytes(other) : (ReadOnlyMemory<byte>?)null }, false);
        }
        else if (ShownInstructions is { } shown)
        {
            yield return new PinnedEntry(ListingKind.Instructions, Text(shown), true);
        }
    }

    private static PinnedTool Text(string text) =>
        new(InstructionsName, JsonSerializer.SerializeToUtf8Bytes(text), Callgate.Catalogue.Fingerprint.Of(JsonSerializer.SerializeToElement(text)));
}
