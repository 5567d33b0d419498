namespace Callgate.Policy;

/// <summary>What the gateway knows about a tool of a server, for tests of a document that name one.</summary>
/// <param name="Standing">What a call of it would meet before any rule.</param>
/// <param name="Category">The category stored with its reviewed definition; null without one.</param>
/// <param name="Schema">Its input schema; null where none is known.</param>
public sealed record KnownTool(ToolStanding Standing, ToolCategory? Category, InputSchema? Schema)
{
    /// <summary>The category of what the server shows now; read under <see cref="ToolStanding.DriftedAsked"/> alone.</summary>
    public ToolCategory? ShownCategory { get; init; }
}
