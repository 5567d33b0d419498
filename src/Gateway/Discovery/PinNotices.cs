using System.Collections.Concurrent;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Audit;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Discovery;

/// <summary>Tells operators what a look at a server's lists brought to light: in the record, and in the log.</summary>
public sealed class PinNotices(Journal journal, TimeProvider time, ILogger log)
{
    private const int MaxTold = 10_000;
    private static readonly TimeSpan ToldEvery = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<(string Key, Notice Notice), DateTimeOffset> told = new();

    /// <summary>A first contact is pinned as it is; what should be read closely in it is said, once where both eras show the same.</summary>
    public void Met(string server, IReadOnlyList<PinnedServer> eras)
    {
        foreach (var pinned in eras)
        {
            log.LogInformation("server `{Server}`: {Count} tools pinned, {Waiting} wait for review", pinned.Server, pinned.Tools.Count, pinned.Waiting.Count);
        }

        foreach (var entry in eras.SelectMany(static pinned => pinned.All()).DistinctBy(static entry => (entry.Kind, entry.Pin.Fingerprint)))
        {
            Warn(server, entry);
        }

        foreach (var alike in DefinitionScan.LookAlikes(eras.SelectMany(static pinned => pinned.Tools.Keys)))
        {
            log.LogWarning("server `{Server}`: the tools {Names} look alike; rules by name reach one of them only", server, string.Join(", ", alike.Select(static name => $"`{Plain(name)}`")));
        }
    }

    /// <summary>What changed since the review.</summary>
    public async Task TellAsync(string key, string server, IEnumerable<Notice> noticed)
    {
        foreach (var notice in noticed.Where(notice => IsNews(key, notice)))
        {
            log.LogWarning("server `{Server}`, {Kind} `{Name}`: {What}", server, Listing.WordOf(notice.Kind), Plain(notice.Name), notice.What);
            var now = time.GetUtcNow();
            await journal.AppendAsync(
                new CallRecord { Id = Identifiers.New(now), Time = now, Method = MethodOf(notice), Decision = "pending", Outcome = "answered", Server = server, Tool = notice.Name },
                Durability.Process,
                CancellationToken.None).ConfigureAwait(false);
        }
    }

    private static string MethodOf(Notice notice) => notice.Kind == ListingKind.Tool ? "discovery/" + notice.What : $"discovery/{Listing.WordOf(notice.Kind)}-{notice.What}";

    private void Warn(string server, PinnedEntry entry)
    {
        if (DefinitionScan.Of(JsonElement.Parse(entry.Pin.Definition.Span)) is [var first, ..] findings)
        {
            log.LogWarning(
                "server `{Server}`: the definition of {Kind} `{Name}` holds {What} at `{Place}` ({Count} findings); it is pinned as it is, read it with `callgate catalogue show`",
                server, Listing.WordOf(entry.Kind), Plain(entry.Pin.Name), first.Id, Plain(first.Evidence.Place), findings.Count);
        }
    }

    /// <summary>A server that shows a definition now this way, now that way, must not fill the record: once a minute is enough.</summary>
    private bool IsNews(string key, Notice notice)
    {
        var now = time.GetUtcNow();
        if (told.Count > MaxTold)
        {
            told.Clear();
        }

        var news = !told.TryGetValue((key, notice), out var last) || last + ToldEvery <= now;
        if (news)
        {
            told[(key, notice)] = now;
        }

        return news;
    }

    /// <summary>A server's own words in the log: on one line, and nothing in them that moves a cursor.</summary>
    private static string Plain(string text) => string.Concat(text.Take(128).Select(static unit => unit is >= ' ' and <= '~' ? unit : '?'));
}
