using Callgate.Gateway.Admin;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Operators;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway;

/// <summary>What operators ask of a server: its tools, accepting what changed, and whether it answers.</summary>
public sealed class ServerReview(SnapshotSource snapshots, PinBook pins, Explorer explorer, Journal journal, TimeProvider time)
{
    private const string Changed = "the server does not show this any more, so that nothing was accepted; look again";

    private readonly OperatorRecord record = new(journal, time);

    public ServerOperations Operations => new(ToolsAsync, AcceptAsync, CategoriseAsync);

    /// <summary>
    /// Accepts, for who is signed in, the one definition of a server that has this key now (<see cref="Acceptance.KeyOf"/>).
    /// Why it was not done; null when it was.
    /// </summary>
    public async ValueTask<string?> AcceptSeenAsync(HttpContext context, string server, string key)
    {
        var entry = PinBook.Eras(snapshots.Current, server).SelectMany(static era => era.All())
            .FirstOrDefault(entry => entry.Acceptable is { } shown && Acceptance.KeyOf(Listing.WordOf(entry.Kind), entry.Pin.Name, shown) == key);
        if (entry.Pin is not { } pin)
        {
            return Changed;
        }

        var seen = entry.Acceptable!;
        var action = new OperatorAction("server-accept", Server: server, Detail: $"{Listing.WordOf(entry.Kind)} {pin.Name} as {seen}");
        var (recorded, accepted) = await record.AroundAsync(
            context, action, () => AcceptAsync(server, new Acceptance(new HashSet<PinnedName> { new(entry.Kind, pin.Name) }, seen), Actor.Of(context)!.Name), refused: static accepted => accepted is null).ConfigureAwait(false);
        return !recorded ? "the journal cannot record it, so that nothing was accepted; try again" : accepted is null ? Changed : null;
    }

    private async ValueTask<ServerTools> ToolsAsync(string name, CancellationToken cancellationToken)
    {
        if (!snapshots.Current.Servers.TryGetValue(name, out var server))
        {
            return new ServerTools(name, [], "this server is not registered");
        }

        await pins.LookAsync(server).WaitAsync(cancellationToken).ConfigureAwait(false);
        return Now(name);
    }

    /// <summary>What was looked at is looked at once more before it is accepted: the server may show something else by now.</summary>
    private async ValueTask<ServerTools?> AcceptAsync(string name, Acceptance wanted, string who)
    {
        if (wanted.Seen is not null && snapshots.Current.Servers.TryGetValue(name, out var server))
        {
            await pins.LookAsync(server).ConfigureAwait(false);
        }

        return await pins.AcceptAsync(name, wanted, who).ConfigureAwait(false) ? Now(name) : null;
    }

    private async ValueTask<ServerTools> CategoriseAsync(string name, string tool, ToolCategory? category)
    {
        await pins.CategoriseAsync(name, tool, category).ConfigureAwait(false);
        return Now(name);
    }

    /// <summary>Connects, initialises and lists, changing nothing.</summary>
    public async ValueTask<ServerTest> TestAsync(string name, CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        if (!snapshots.Current.Servers.TryGetValue(name, out var server))
        {
            return new ServerTest(name, false, null, null, 0, 0, "this server is not registered");
        }

        var seen = await explorer.ExploreAsync(server, cancellationToken).ConfigureAwait(false);
        var shown = seen.Legacy ?? seen.Modern;
        return new ServerTest(
            name, seen.Reached, shown?.Version, shown?.Name, shown?.Tools.Count ?? 0, (long)time.GetElapsedTime(begun).TotalMilliseconds,
            seen.Fault is { } fault ? $"{fault.Message} ({fault.Detail})" : null);
    }

    /// <summary>What the newest era shows is listed beside the older one only where it differs.</summary>
    private ServerTools Now(string name)
    {
        var now = snapshots.Current;
        var main = Tools(name, PinBook.Of(now, name));
        var modern = Tools(name, now.Pins.GetValueOrDefault(PinBook.ModernKey(name)));
        var tools = modern.Tools
            .Where(tool => !main.Tools.Any(shown => shown.Name == tool.Name && shown.State == tool.State && shown.Category == tool.Category && shown.ShownFingerprint == tool.ShownFingerprint));
        var others = modern.Others
            .Where(other => !main.Others.Any(shown => shown.Kind == other.Kind && shown.Name == other.Name && shown.State == other.State && shown.ShownFingerprint == other.ShownFingerprint));
        var names = PinnedNames.Of(now);
        return main with
        {
            Unreviewed = Acceptance.UnreviewedIn(PinBook.Eras(now, name)),
            Tools = [.. main.Tools.Concat(tools).OrderBy(static tool => tool.Name, StringComparer.Ordinal).Select(tool => tool with { Alike = names.Of(name, tool.Name) })],
            Others = [.. main.Others.Concat(others)],
        };
    }

    private ServerTools Tools(string name, PinnedServer? pinned) => ServerTools.Of(name, pinned, pins.FaultOf(name) is { } fault ? $"{fault.Message} ({fault.Detail})" : null);
}
