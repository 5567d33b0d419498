namespace Callgate.Gateway.Approvals;

/// <summary>Where people find their pages and what they are asked, and how long a call is held for them.</summary>
/// <param name="wait">After it a client is told that it may repeat the call.</param>
/// <param name="declared">The address that approvers use, from the configuration; null for the one that is listened on.</param>
public sealed class ApprovalPages(TimeSpan wait, Uri? declared)
{
    /// <summary>Below the 60 s after which most clients give a call up.</summary>
    public static readonly TimeSpan UsualWait = TimeSpan.FromSeconds(55);

    private volatile Uri? listening;

    public TimeSpan Wait => wait;

    /// <summary>Set once, when it is known.</summary>
    public Uri? Listening
    {
        get => listening;
        set => listening = value;
    }

    /// <summary>The page of one approval; null while no address is known.</summary>
    public Uri? Of(string id) => At("approvals/" + id);

    /// <summary>A page for people, by its path without the slash before it; null while no address is known.</summary>
    public Uri? At(string path) => (declared ?? listening) is { } root ? new Uri(new Uri(root.AbsoluteUri.TrimEnd('/') + "/"), path) : null;
}
