using Callgate.Gateway.Discovery;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Policies;

/// <summary>The tools of a server as those who write policies for it are shown them.</summary>
public static class ReviewedTools
{
    /// <summary>By name; empty where none is reviewed yet.</summary>
    public static IReadOnlyList<OfferedTool> Of(Snapshot now, string server) => PinBook.Of(now, server) is { } pins
        ? [.. pins.Tools.Values.OrderBy(static tool => tool.Name, StringComparer.Ordinal).Select(Of).OfType<OfferedTool>()]
        : [];

    private static OfferedTool? Of(PinnedTool tool) =>
        StrictJson.Parse(tool.Definition.Span, out _) is { } definition ? OfferedTool.Of(definition, tool.Category?.ToString()) : null;
}
