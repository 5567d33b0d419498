using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Attacks.Gates;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>
/// A stand-in for a gate, small and plain, in which single weaknesses can be switched on by name. Each scenario names those
/// that it must catch: one that finds nothing here would find nothing anywhere.
/// </summary>
internal sealed class WeakGate : Gate
{
    private readonly WireServer front;
    private readonly WeakCalls calls;
    private readonly WeakAdministration administration;
    private List<string> written = [];

    public WeakGate(params string[] weaknesses)
    {
        Weaknesses = [.. weaknesses];
        calls = new WeakCalls(this);
        administration = new WeakAdministration(this);
        front = new WireServer(AnswerAsync) { PrefersLength = Has("length-preferred"), OneByOne = Has("one-by-one") };
    }

    public HashSet<string> Weaknesses { get; }

    public override Uri Front => front.Root;

    public override bool HasCodes => false;

    public override long Memory => 0;

    public ConcurrentDictionary<string, WeakServer> Servers { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, WeakPolicy> Policies { get; } = new(StringComparer.Ordinal);

    public ConcurrentDictionary<string, WeakGrant> Grants { get; } = new(StringComparer.Ordinal);

    public WeakApprovals Approvals { get; } = new();

    public WeakCounters Counters { get; private set; } = new();

    /// <summary>No entry of the record can be written.</summary>
    public bool IsFull { get; private set; }

    /// <summary>Calls that wait as tasks, each with the grant that made it.</summary>
    public ConcurrentDictionary<string, string> Tasks { get; } = new(StringComparer.Ordinal);

    /// <summary>Names that were ever called, each counted for itself.</summary>
    public ConcurrentDictionary<string, int> Labels { get; } = new(StringComparer.Ordinal);

    public static string NewId() => Convert.ToHexStringLower(System.Security.Cryptography.RandomNumberGenerator.GetBytes(16));

    public bool Has(string weakness) => Weaknesses.Contains(weakness);

    public override Task AddServerAsync(string name, JsonObject members)
    {
        Servers[name] = new WeakServer(this, name, JsonSerializer.SerializeToElement(members));
        return Task.CompletedTask;
    }

    public override Task<bool> PutPolicyAsync(string name, string document)
    {
        var read = Json.Lenient(document);
        if (!Has("any-policy") && !WeakPolicy.IsSound(document, read))
        {
            return Task.FromResult(false);
        }

        Policies.AddOrUpdate(name, _ => new WeakPolicy(read, 1), (_, before) => new WeakPolicy(read, before.Revision + 1));
        return Task.FromResult(true);
    }

    public override Task<GrantHandle> AddGrantAsync(string label, IReadOnlyDictionary<string, string?> servers, JsonElement more)
    {
        var grant = new WeakGrant(WeakGate.NewId(), "weak_" + WeakGate.NewId(), servers, more);
        Grants[grant.Token] = grant;
        return Task.FromResult(new GrantHandle(grant.Id, grant.Token));
    }

    public override Task RevokeAsync(string id)
    {
        foreach (var grant in Grants.Values.Where(grant => grant.Id == id && !Has("revocation-late")))
        {
            grant.End();
        }

        return Task.CompletedTask;
    }

    public override Task<IReadOnlyList<JsonElement>> PendingAsync(string server) => Task.FromResult(Approvals.Pending(server, Has("prose-shown")));

    public override Task<bool> ApproveAsync(string id) => Task.FromResult(Approvals.Approve(id));

    public override string TokenOf(string who) => "weak-" + who;

    public override IReadOnlyList<JsonElement> Record(string server)
    {
        lock (front)
        {
            return [.. written.Select(Json.Lenient).Where(entry => entry.Text("server") == server)];
        }
    }

    public override string RecordText()
    {
        lock (front)
        {
            return string.Join('\n', written);
        }
    }

    public override async Task RestartAsync(bool kill)
    {
        await Task.CompletedTask;
        if (Has("counters-in-memory"))
        {
            Counters = new WeakCounters();
        }

        if (Has("record-behind") && kill)
        {
            lock (front)
            {
                written = [.. written.Take(written.Count / 2)];
            }
        }
    }

    public override Task FillDiskAsync(bool full)
    {
        IsFull = full;
        return Task.CompletedTask;
    }

    public override Task<bool> StartsOnDamageAsync() => Task.FromResult(Has("store-optional"));

    public override Task<string> MetricsAsync() => Task.FromResult("calls 1\n" + string.Join('\n', Labels.Select(static label => $"calls{{tool=\"{label.Key.Length}\"}} {label.Value}")));

    public override ValueTask DisposeAsync() => front.DisposeAsync();

    /// <summary>Writes an entry of the record; false when it cannot be written.</summary>
    public bool Write(WeakGrant? grant, string server, string method, string? tool, string decision, string code, int revision)
    {
        if (IsFull)
        {
            return false;
        }

        lock (front)
        {
            var time = TimeProvider.System.GetUtcNow().ToString("O", CultureInfo.InvariantCulture);
            var shown = tool is null ? "null" : Has("plain-record") ? "\"" + tool + "\"" : Json.Quoted(tool[..Math.Min(tool.Length, Has("record-unbounded") ? int.MaxValue : 128)]);
            var line = $$"""{"seq":{{written.Count + 1}},"time":"{{time}}","kind":"call","grant":"{{grant?.Id}}","server":{{Json.Quoted(server)}},"method":{{Json.Quoted(method[..Math.Min(method.Length, 128)])}},"tool":{{shown}},"decision":"{{decision}}","code":"{{code}}","revision":{{(Has("any-revision") ? 1 : revision)}}}""";
            written.AddRange(Has("plain-record") ? line.Split('\n') : [line]);
        }

        return true;
    }

    private Task AnswerAsync(WireRequest request, WireReply reply, CancellationToken cancellationToken)
    {
        var host = request.Header("Host");
        if (!Has("any-host") && (host != Front.Authority || (request.Header("Origin") is { } origin && origin != Front.GetLeftPart(UriPartial.Authority))))
        {
            return reply.AnswerAsync(403, "text/plain", Encoding.UTF8.GetBytes("not here"), cancellationToken: cancellationToken);
        }

        return request.Path.StartsWith("/mcp/", StringComparison.Ordinal)
            ? calls.AnswerAsync(request, reply, cancellationToken)
            : administration.AnswerAsync(request, reply, cancellationToken);
    }
}

/// <summary>A grant of the stand-in.</summary>
internal sealed class WeakGrant(string id, string token, IReadOnlyDictionary<string, string?> servers, JsonElement more)
{
    private readonly CancellationTokenSource ended = new();

    public string Id => id;

    public string Token => token;

    public IReadOnlyDictionary<string, string?> Servers => servers;

    public JsonElement More => more;

    public CancellationToken Ended => ended.Token;

    public bool IsOver => ended.IsCancellationRequested;

    public void End() => ended.Cancel();
}
