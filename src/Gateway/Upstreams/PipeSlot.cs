using System.Runtime.CompilerServices;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// What shares a link: clients of one grant whose handshake with one server is the same. INVARIANT: a server that was edited
/// shares nothing with what it was: a call that began before the edit may start the old command once more.
/// </summary>
internal readonly record struct PipeKey(string Server, string Definition, string Grant, string Profile)
{
    private static readonly ConditionalWeakTable<ServerDefinition, string> Digests = [];

    public static PipeKey Of(ServerDefinition server, string grant, string profile) => new(server.Name, Digests.GetValue(server, static definition => definition.Digest), grant, profile);
}

/// <summary>The place of one key in the pool: its link, or how long to wait before the next. Guarded by the pool.</summary>
internal sealed class PipeSlot
{
    private int crashes;

    public PipeLink? Link { get; set; }

    public Task<(PipeLink? Link, UpstreamFault? Fault)>? Starting { get; set; }

    /// <summary>When <see cref="Link"/> was started, as a timestamp of the clock.</summary>
    public long Started { get; set; }

    public DateTimeOffset NotBefore { get; private set; }

    public string LastEnd { get; private set; } = "";

    public bool Runs => Link is { HasEnded: false } || Starting is not null;

    /// <summary>Takes the link out, so that its end is not a crash.</summary>
    public PipeLink? Take()
    {
        var link = Link;
        Link = null;
        return link;
    }

    /// <summary>Doubles the pause; a link that lived longer than the longest pause begins the count anew.</summary>
    public void Crashed(TimeProvider time, PipePoolOptions options, string detail)
    {
        crashes = Started != 0 && time.GetElapsedTime(Started) > options.LongestPause ? 1 : crashes + 1;
        var factor = Math.Pow(2, Math.Min(crashes - 1, 30));
        var pause = options.FirstPause * factor;
        NotBefore = time.GetUtcNow() + (pause < options.LongestPause ? pause : options.LongestPause);
        LastEnd = detail;
    }
}
