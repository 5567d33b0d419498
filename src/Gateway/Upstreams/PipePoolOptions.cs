using System.Collections.Immutable;

namespace Callgate.Gateway.Upstreams;

/// <summary>Bounds of the processes and connections that the gateway holds open.</summary>
public sealed record PipePoolOptions
{
    /// <summary>From the start of a server to the end of its handshake.</summary>
    public TimeSpan StartLimit { get; init; } = PipeLink.DefaultStartLimit;

    /// <summary>A link on which nobody waits or listens for so long is stopped.</summary>
    public TimeSpan IdleStop { get; init; } = TimeSpan.FromMinutes(10);

    public int MaxPerServer { get; init; } = 16;

    /// <summary>Processes of one server for one grant: its clients choose their profiles, and must not take every place. Sessions over HTTP+SSE are apart by nature and not meant.</summary>
    public int MaxPerGrant { get; init; } = 8;

    public int MaxTotal { get; init; } = 64;

    /// <summary>The pause after the first crash; it doubles with each.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan LongestPause { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>A caller waits for a pause up to this long; a longer one is a fault at once.</summary>
    public TimeSpan PatienceWithPause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How often idle links are looked for.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromSeconds(30);

    public StdioOptions Stdio { get; init; } = new();

    /// <summary>Files and folders with secrets that no child may see, beside the data folder.</summary>
    public ImmutableArray<string> AlsoHidden { get; init; } = [];

    /// <summary>Files that no child may change or replace: what the gateway reads again, or is configured by.</summary>
    public ImmutableArray<string> AlsoReadOnly { get; init; } = [];
}
