using System.Collections.Immutable;

namespace Callgate.Gateway.Clients;

/// <summary>What the place of a file is counted from.</summary>
public enum PlaceRoot
{
    Home,

    /// <summary>Where applications keep settings: <c>~/.config</c>, <c>~/Library/Application Support</c>, <c>AppData/Roaming</c>.</summary>
    Settings,

    /// <summary><c>~/.config</c> on macOS too; <c>AppData/Roaming</c> on Windows.</summary>
    DotConfig,

    /// <summary>The folder that is worked in.</summary>
    Project,
}

/// <summary>Where a client may keep a file.</summary>
public sealed record ClientPlace(PlaceRoot Root, string Path);

/// <summary>How a client is told of a server behind the gate.</summary>
/// <param name="Url">The member of the address; null where the client only starts commands, and <c>mcp-remote</c> has to stand between.</param>
/// <param name="Headers">The member of the headers.</param>
/// <param name="Type">What the member <c>type</c> says; null for no such member.</param>
public sealed record RemoteSpelling(string? Url, string Headers = "headers", string? Type = null);

/// <summary>A client of MCP: where its configuration lies, how it is written, and where in it the servers stand.</summary>
public sealed record McpClient(string Name, string Title, ConfigFormat Format, RemoteSpelling Remote)
{
    /// <summary>Ways to the objects whose members are servers; <c>*</c> stands for any name.</summary>
    public required ImmutableArray<string[]> Holders { get; init; }

    public ImmutableArray<ClientPlace> Places { get; init; } = [];
}
