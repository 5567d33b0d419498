using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Gateway.Audit;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>A journal on disk, written by hand in its documented format, and an index that follows it.</summary>
internal sealed class AuditIndexFixture : IAsyncDisposable
{
    public static readonly DateTimeOffset Begin = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("callgate-index-");
    private string previous = new('0', 64);
    private string? segment;
    private AuditIndex? opened;

    public AuditIndexFixture() => Directory.CreateDirectory(JournalDirectory);

    public string JournalDirectory => Path.Combine(folder.FullName, "journal");

    public string IndexPath => Path.Combine(folder.FullName, "audit-index.db");

    public long LastSeq { get; private set; }

    public AuditIndex Index => opened!;

    /// <summary>Opens the index and waits until it stands at the end of the journal.</summary>
    public async Task<AuditIndex> OpenAsync()
    {
        opened = await AuditIndex.OpenAsync(IndexPath, JournalDirectory, NullLogger.Instance);
        await CatchUpAsync();
        return opened;
    }

    public async Task CatchUpAsync()
    {
        Index.Notify();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await Index.WaitForAsync(LastSeq, limit.Token);
    }

    public async Task CloseAsync()
    {
        await Index.DisposeAsync();
        opened = null;
    }

    public async Task<List<JsonElement>> FindAsync(AuditQuery? query = null) =>
        [.. (await Index.SearchAsync(query ?? new AuditQuery { Limit = AuditQuery.MaxLimit })).Records.Select(json => JsonElement.Parse(json))];

    public async Task<string> DumpAsync() =>
        string.Join('\n', (await Index.SearchAsync(new AuditQuery { Limit = AuditQuery.MaxLimit })).Records);

    public void StartSegment()
    {
        segment = Path.Combine(JournalDirectory, (LastSeq + 1).ToString("D20", CultureInfo.InvariantCulture) + ".jsonl");
        Append(new JsonObject { ["kind"] = "segment", ["version"] = 1, ["first_seq"] = LastSeq + 1, ["counters"] = new JsonArray() });
    }

    public long Start() => Append(new JsonObject { ["kind"] = "start", ["time"] = Time(LastSeq) });

    /// <summary>A call entry; members that are given replace or join the usual ones.</summary>
    public long Call(string id, params (string Name, JsonNode? Value)[] members)
    {
        var entry = new JsonObject
        {
            ["kind"] = "call",
            ["id"] = id,
            ["time"] = Time(LastSeq),
            ["grant"] = "g1",
            ["server"] = "dagster",
            ["method"] = "tools/call",
            ["tool"] = "list_runs",
            ["decision"] = "allow",
            ["policy"] = "careful",
            ["revision"] = 3,
        };
        foreach (var (name, value) in members)
        {
            entry[name] = value;
        }

        return Append(entry);
    }

    public long Outcome(string id, string outcome, params (string Name, JsonNode? Value)[] members)
    {
        var entry = new JsonObject { ["kind"] = "outcome", ["of"] = id, ["time"] = Time(LastSeq), ["outcome"] = outcome };
        foreach (var (name, value) in members)
        {
            entry[name] = value;
        }

        return Append(entry);
    }

    public long Append(JsonObject entry)
    {
        if (segment is null)
        {
            StartSegment();
        }

        var whole = new JsonObject { ["seq"] = ++LastSeq, ["prev"] = previous };
        foreach (var (name, value) in entry.ToArray())
        {
            entry.Remove(name);
            whole[name] = value;
        }

        var line = Encoding.UTF8.GetBytes(whole.ToJsonString());
        previous = Convert.ToHexStringLower(SHA256.HashData(line));
        AppendRaw([.. line, (byte)'\n']);
        return LastSeq;
    }

    public void AppendRaw(byte[] bytes)
    {
        using var file = new FileStream(segment!, FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
        file.Write(bytes);
    }

    public void RemoveOldestSegment() => File.Delete(Directory.GetFiles(JournalDirectory).Order(StringComparer.Ordinal).First());

    public void ReplaceJournal()
    {
        Directory.Delete(JournalDirectory, recursive: true);
        Directory.CreateDirectory(JournalDirectory);
        (segment, LastSeq, previous) = (null, 0, new string('0', 64));
    }

    public static string Time(long seconds) => Begin.AddSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        if (opened is not null)
        {
            await opened.DisposeAsync();
        }

        folder.Delete(recursive: true);
    }
}
