using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Admin;

/// <summary>
/// What administration asks of the rooms that talk to servers. None of these may be called inside
/// <see cref="Configuration.Configurator.ChangeAsync"/>: they publish what they found by themselves.
/// </summary>
/// <param name="Tools">Asks the server now, compares with what was reviewed, and gives both.</param>
/// <param name="Accept">Reviews for an operator what drifted or waits; null when they are not what was looked at any more, and then nothing is accepted.</param>
/// <param name="Categorise">Gives a reviewed tool a category, or takes it away.</param>
public sealed record ServerOperations(
    Func<string, CancellationToken, ValueTask<ServerTools>> Tools,
    Func<string, Acceptance, string, ValueTask<ServerTools?>> Accept,
    Func<string, string, ToolCategory?, ValueTask<ServerTools>> Categorise);

/// <summary>The tools of a server, reviewed and not.</summary>
/// <param name="Fault">Why the server could not be asked; the tools are then those known from before.</param>
public sealed record ServerTools(string Server, IReadOnlyList<ServerTool> Tools, string? Fault)
{
    /// <summary>One fingerprint for everything that is not reviewed; null where all is. To accept all of it as it was looked at.</summary>
    public string? Unreviewed { get; init; }

    /// <summary>Prompts, resources, templates and instructions, reviewed and not, by kind and name.</summary>
    public IReadOnlyList<ServerListing> Others { get; init; } = [];

    /// <summary>What the pins say, by name.</summary>
    public static ServerTools Of(string server, PinnedServer? pins, string? fault)
    {
        IEnumerable<ServerTool> reviewed = pins is null ? [] : pins.Tools.Values.Select(static tool => ServerTool.Of(tool, tool.DriftedTo is null ? "reviewed" : "drifted"));
        IEnumerable<ServerTool> waiting = pins is null ? [] : pins.Waiting.Values.Select(static tool => ServerTool.Of(tool, "waiting"));
        return new ServerTools(server, [.. reviewed.Concat(waiting).OrderBy(static tool => tool.Name, StringComparer.Ordinal)], fault)
        {
            Others = pins is null ? []
                : [.. pins.All().Where(static entry => entry.Kind != ListingKind.Tool).OrderBy(static entry => entry.Kind).ThenBy(static entry => entry.Pin.Name, StringComparer.Ordinal).Select(ServerListing.Of)],
        };
    }
}

/// <summary>One tool as operators see it.</summary>
/// <param name="State"><c>reviewed</c>, <c>drifted</c> (calls follow <c>on_drift</c>) or <c>waiting</c> (unknown to every client).</param>
/// <param name="DriftedTo">What the server shows now, when that is not the reviewed definition; an array where it lists the name more than once.</param>
/// <param name="ShownFingerprint">The fingerprint of what acceptance would take: of what drifted or waits; null where nothing does, or nothing can be accepted.</param>
/// <param name="ShownCategory">The category of that; null without one.</param>
public sealed record ServerTool(
    string Name, string State, string? Category, string Fingerprint, JsonElement? Definition, JsonElement? DriftedTo, string? ShownFingerprint, string? ShownCategory)
{
    /// <summary>Tools that this one can be taken for: names that look alike, here or on other servers, then the same name on other servers.</summary>
    public IReadOnlyList<Namesake> Alike { get; init; } = [];

    public static ServerTool Of(PinnedTool tool, string state) => new(
        tool.Name, state, tool.Category?.ToString(), tool.Fingerprint, StrictJson.Parse(tool.Definition.Span, out _), tool.DriftedTo is { } drifted ? StrictJson.Parse(drifted.Span, out _) : null,
        state == "waiting" ? tool.Fingerprint : tool.Shown?.Fingerprint, state == "waiting" ? tool.Category?.ToString() : tool.Shown?.Category?.ToString());
}

/// <summary>A prompt, a resource, a template or the instructions, as operators see it.</summary>
/// <param name="Kind"><c>prompt</c>, <c>resource</c>, <c>template</c> or <c>instructions</c>.</param>
/// <param name="State"><c>reviewed</c>, <c>drifted</c> or <c>waiting</c>.</param>
/// <param name="DriftedTo">What the server shows now, when that is not the reviewed definition; an array where it lists the name more than once.</param>
/// <param name="ShownFingerprint">The fingerprint of what acceptance would take; null where nothing can be accepted.</param>
public sealed record ServerListing(string Kind, string Name, string State, string Fingerprint, JsonElement? Definition, JsonElement? DriftedTo, string? ShownFingerprint)
{
    public static ServerListing Of(PinnedEntry entry) => new(
        Listing.WordOf(entry.Kind), entry.Pin.Name, entry.Waits ? "waiting" : entry.IsReviewed ? "reviewed" : "drifted", entry.Pin.Fingerprint,
        JsonElement.Parse(entry.Pin.Definition.Span), entry.Pin.DriftedTo is { } drifted ? JsonElement.Parse(drifted.Span) : null, entry.Acceptable);
}
