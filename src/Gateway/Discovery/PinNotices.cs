using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Discovery;

/// <summary>Tells operators what a look at a server's lists brought to light: in the record, and in the log.</summary>
public sealed class PinNotices(SnapshotSource snapshots, IConfigStore store, Journal journal, TimeProvider time, ILogger log)
{
    /// <summary>Of one era of a server in a minute, so that it can fill neither the record nor the log.</summary>
    private const int MostTold = 100;

    /// <summary>Of one look at a server, so that it cannot fill the log.</summary>
    private const int MostAlike = 16;

    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private static readonly (ListingKind Kind, string Name, string What) More = (default, "", "more");

    /// <summary>What was told of each server and era in the last minute. Each has its own, or one could push out what another is held by.</summary>
    private readonly ConcurrentDictionary<string, Dictionary<(ListingKind Kind, string Name, string What), DateTimeOffset>> told = new(StringComparer.Ordinal);

    /// <summary>A first contact is pinned as it is; what should be read closely in it is said, once where both eras show the same.</summary>
    public void Met(string server, IReadOnlyList<PinnedServer> eras)
    {
        foreach (var pinned in eras)
        {
            log.LogInformation("server `{Server}`: {Count} tools pinned, {Waiting} wait for review", pinned.Server, pinned.Tools.Count, pinned.Waiting.Count);
        }

        Warn(server, eras.SelectMany(static pinned => pinned.All()).DistinctBy(static entry => (entry.Kind, entry.Pin.Fingerprint)));
        Warn(server, [.. eras.SelectMany(static pinned => pinned.Tools.Keys.Concat(pinned.Waiting.Keys)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Lists of a server that was pinned before lists were are met as a server is.</summary>
    public void Listed(string server, PinnedServer known, Showing showing) => Warn(server, showing.Lists.Where(list => known.List(list.Key) is null)
        .SelectMany(static list => PinComparison.FirstList(list.Key, list.Value).Reviewed.Values.Select(pin => new PinnedEntry(list.Key, pin, false))));

    /// <summary>What changed since the review; of much only the first, and how much more there is.</summary>
    public async Task TellAsync(string key, string server, IEnumerable<Notice> noticed)
    {
        var (news, more) = News(key, noticed);
        await KeepAsync(server, [.. news.Select(notice => new PinEvent(time.GetUtcNow(), Listing.WordOf(notice.Kind), notice.Name, notice.What, notice.Before, notice.After, null))]).ConfigureAwait(false);
        var pinned = snapshots.Current.Pins.GetValueOrDefault(key);
        foreach (var notice in news)
        {
            log.LogWarning("server `{Server}`, {Kind} `{Name}`: {What}", server, Listing.WordOf(notice.Kind), Plain(notice.Name), notice.What);
            if (pinned is not null)
            {
                Warn(pinned, server, notice);
            }

            await RecordAsync(server, MethodOf(notice), notice.Name, null).ConfigureAwait(false);
        }

        if (more > 0)
        {
            log.LogWarning("server `{Server}`: {Count} more changes; see `callgate catalogue drift {Name}`", server, more, server);
            await RecordAsync(server, "discovery/more", null, string.Create(CultureInfo.InvariantCulture, $"{more} more changes")).ConfigureAwait(false);
        }
    }

    /// <summary>What an operator accepted.</summary>
    public ValueTask AcceptedAsync(string server, IEnumerable<PinnedEntry> entries, string? who) => KeepAsync(server, [.. entries.Select(entry => new PinEvent(
        time.GetUtcNow(), Listing.WordOf(entry.Kind), entry.Pin.Name, "accepted", entry.Waits ? null : entry.Pin.Fingerprint, entry.Acceptable, who))]);

    /// <summary>The history is for people; what is pinned holds without it.</summary>
    private async ValueTask KeepAsync(string server, IReadOnlyList<PinEvent> events)
    {
        try
        {
            if (events.Count > 0)
            {
                await store.AddPinHistoryAsync(server, events).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is StoreException or ObjectDisposedException)
        {
            log.LogError(exception, "what became of definitions of `{Server}` could not be kept", server);
        }
    }

    private static string MethodOf(Notice notice) => notice.Kind == ListingKind.Tool ? "discovery/" + notice.What : $"discovery/{Listing.WordOf(notice.Kind)}-{notice.What}";

    private async ValueTask RecordAsync(string server, string method, string? name, string? detail)
    {
        var now = time.GetUtcNow();
        await journal.AppendAsync(
            new CallRecord { Id = Identifiers.New(now), Time = now, Method = method, Decision = "pending", Outcome = "answered", Server = server, Tool = name, Detail = detail },
            Durability.Process,
            CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>What is new is looked through as a first contact is, when it has not been told of already.</summary>
    private void Warn(PinnedServer pinned, string server, Notice notice)
    {
        if (notice.What is not ("drift" or "new-waiting" or "new-taken"))
        {
            return;
        }

        Warn(server, pinned.Entries(notice.Kind, notice.Name));
        if (notice is { Kind: ListingKind.Tool, What: not "drift" })
        {
            Warn(server, [notice.Name]);
        }
    }

    /// <summary>What should be read closely; of very much only the first, and how much more there is.</summary>
    private void Warn(string server, IEnumerable<PinnedEntry> entries)
    {
        var told = 0;
        foreach (var entry in entries)
        {
            if (DefinitionScan.Of(entry.Pin.Shown?.Definition ?? JsonElement.Parse(entry.Pin.Definition.Span)) is not [var first, ..] findings || told++ >= MostTold)
            {
                continue;
            }

            log.LogWarning(
                "server `{Server}`: the definition of {Kind} `{Name}` holds {What} at `{Place}` ({Count} findings); read it with `callgate catalogue show` or `drift`",
                server, Listing.WordOf(entry.Kind), Plain(entry.Pin.Name), first.Id, Plain(first.Evidence.Place), findings.Count);
        }

        if (told > MostTold)
        {
            log.LogWarning("server `{Server}`: {Count} more definitions hold something to be read closely", server, told - MostTold);
        }
    }

    /// <summary>Names that a person, or a model, takes for those of other tools, here or on another server.</summary>
    private void Warn(string server, IReadOnlyList<string> names)
    {
        var index = PinnedNames.Of(snapshots.Current);
        var alike = names.Select(name => (Name: name, Others: index.Of(server, name))).Where(static pair => pair.Others.Count > 0).ToList();
        foreach (var (name, others) in alike.Where(static pair => !pair.Others[0].IsSame).Take(MostAlike))
        {
            log.LogWarning(
                "server `{Server}`: tool `{Tool}` looks like `{Other}` of server `{OtherServer}`; rules by name reach one of them only", server, Plain(name), Plain(others[0].Tool), others[0].Server);
        }

        if (alike.Where(static pair => pair.Others[^1].IsSame).ToList() is [var (same, of), ..] shared)
        {
            log.LogWarning("server `{Server}`: {Count} tools have the name of a tool of another server, such as `{Tool}` of `{OtherServer}`", server, shared.Count, Plain(same), of[^1].Server);
        }
    }

    /// <summary>
    /// A server that shows a definition now this way, now that way, must not fill the record: once a minute is enough of each, and
    /// no more than so many of all. How many more there were is told once a minute as well.
    /// </summary>
    private (List<Notice> News, int More) News(string key, IEnumerable<Notice> noticed)
    {
        var now = time.GetUtcNow();
        var recent = told.GetOrAdd(key, static _ => []);
        var (news, more) = (new List<Notice>(), 0);
        lock (recent)
        {
            foreach (var past in recent.Where(one => one.Value + ToldEvery <= now).Select(static one => one.Key).ToList())
            {
                recent.Remove(past);
            }

            foreach (var notice in noticed.Where(notice => !recent.ContainsKey((notice.Kind, notice.Name, notice.What))))
            {
                if (recent.Count >= MostTold)
                {
                    more++;
                    continue;
                }

                recent[(notice.Kind, notice.Name, notice.What)] = now;
                news.Add(notice);
            }

            return (news, more > 0 && recent.TryAdd(More, now) ? more : 0);
        }
    }

    /// <summary>A server's own words in the log: on one line, and nothing in them that moves a cursor.</summary>
    private static string Plain(string text) => string.Concat(text.Take(128).Select(static unit => unit is >= ' ' and <= '~' ? unit : '?'));
}
