using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>A client as the proxy knows it: its grant, the server it speaks to, and the one snapshot it is judged by.</summary>
public record Party
{
    /// <summary>INVARIANT: the one snapshot this message is judged by.</summary>
    public required Snapshot Now { get; init; }

    public required Grant Grant { get; init; }

    public required ServerDefinition Server { get; init; }

    /// <summary>2026-07-28: stateless, headers mirrored, statuses decided.</summary>
    public required bool Modern { get; init; }

    /// <summary>The legacy session; null in the modern era and for <c>initialize</c>.</summary>
    public ClientSession? Session { get; init; }

    /// <summary>What the client calls itself.</summary>
    public string? Client { get; init; }

    /// <summary>Cancelled when the grant ends, the operator stops it, or the gateway shuts down.</summary>
    public CancellationToken Cut { get; init; }

    /// <summary>Cancelled when the client hangs up. In the modern era that is the cancellation of the request.</summary>
    public CancellationToken ClientGone { get; init; }

    /// <summary>The policy of this grant on this server; null where there is none, which denies everything.</summary>
    public PolicyRevision? Policy =>
        Grant.Servers.TryGetValue(Server.Name, out var name) && name is not null && Now.Policies.TryGetValue(name, out var policy) ? policy : null;

    /// <summary>The policy only watches: its document says so, and an administrator set an end that has not come.</summary>
    public bool IsShadowed(DateTimeOffset at) => Policy is { } policy && Now.WatchedUntil(policy, at) is not null;

    /// <summary>What the gate knows of a tool, as it holds for this party: under a policy that only watches nobody is asked, so that what drifted is refused.</summary>
    public ToolStanding InForce(ToolStanding standing, DateTimeOffset at) =>
        standing == ToolStanding.DriftedAsked && IsShadowed(at) ? ToolStanding.Drifted : standing;

    /// <summary>Some call may wait for people: the policy asks them, or the server does when a definition changes.</summary>
    public bool MayAsk => Policy is { } policy && (policy.Policy.MayAsk || Server.OnDrift == OnDrift.Approve);

    /// <summary>Under which pins this party's view of the server stands.</summary>
    public string PinKey => Modern ? PinBook.ModernKey(Server.Name) : Server.Name;

    /// <summary>The configuration has not been confirmed for so long that a revocation could have been missed.</summary>
    public bool Stale { get; init; }

    /// <summary>Why nothing of this party goes up right now: an operator stopped everything, this server or this grant, or the configuration is stale.</summary>
    public Refusal? Halted =>
        Now.IsStopped(Server.Name, Grant.Id) ? Refusal.Stopped : Stale ? Refusal.Stale : null;

    /// <summary>Open for longer than one judgement: a stream of what the upstream says of its own accord.</summary>
    public bool Lasting { get; init; }

    /// <summary>This party as a later snapshot knows it: what comes on a stream that lasts is judged by what is in force then.</summary>
    public Party In(Snapshot later) => this with
    {
        Now = later,
        Grant = later.GrantsByTokenHash.GetValueOrDefault(Grant.TokenHash) ?? Grant,
        Server = later.Servers.GetValueOrDefault(Server.Name) ?? Server,
    };

    /// <summary>True when the policy opens a method that is not always served.</summary>
    public bool Opens(string method) => Policy?.Policy.OpensMethod(method) ?? false;
}

/// <summary>One request or notification of a client with everything that was settled before it is judged.</summary>
public sealed record Incoming : Party
{
    public required RpcMessage Message { get; init; }

    public required ReplyStream Reply { get; init; }

    public required DateTimeOffset Started { get; init; }

    /// <summary>The client's <c>Mcp-Param-*</c> headers, names as sent (modern).</summary>
    public IReadOnlyList<KeyValuePair<string, string>> ParameterHeaders { get; init; } = [];

    /// <summary>Until when it may be held for people to answer; null before it is.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>It runs as a task: its client polls, and nobody holds a connection for it.</summary>
    public bool IsTask { get; init; }

    public bool WantsProgress => TryProgressToken(out _);

    /// <summary>The token under which this client wants progress, as it wrote it; null when it wants none.</summary>
    public ReadOnlyMemory<byte>? ProgressToken => TryProgressToken(out var token) ? (ReadOnlyMemory<byte>?)Reemit.Bytes(token) : null;

    /// <summary>
    /// Says that this message is judged and recorded, and waits until every other element of its batch is: no element
    /// goes up before all of them stand in the record.
    /// </summary>
    public Func<Task> JudgedAsync { get; init; } = static () => Task.CompletedTask;

    /// <summary>
    /// Cancelled when this client waits no longer: in the modern era it hangs up, before that it says so, and hanging up
    /// means nothing.
    /// </summary>
    public CancellationToken Unwanted => Modern ? ClientGone : Session?.CancellationOf(Message.IdKey) ?? CancellationToken.None;

    public string Method => Message.Method!;

    public ReadOnlyMemory<byte> RawId => Message.RawId;

    private bool TryProgressToken(out JsonElement token)
    {
        token = default;
        return Message.Params.ValueKind == JsonValueKind.Object
            && Message.Params.TryGetProperty("_meta"u8, out var meta) && meta.ValueKind == JsonValueKind.Object
            && meta.TryGetProperty("progressToken"u8, out token);
    }
}
