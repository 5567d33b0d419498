using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Telemetry;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>Writes what the proxy decided into the journal. Names of arguments go in, their values only sealed and where that is wanted, but for what limits count.</summary>
public sealed class Recorder(Journal journal, Keyring keyring, SealedArguments values, Durability floor, TimeProvider time)
{
    private const int MaxNames = 64;
    private const int LargestKept = 64 * 1024;

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? canonical;

    public TimeProvider Time => time;

    /// <summary>The record of a message before anything is decided about it.</summary>
    public CallRecord Begin(Incoming call, string? tool = null, JsonElement arguments = default)
    {
        var policy = call.Policy;
        var id = Identifiers.New(call.Started);
        var (digest, kept) = Arguments(call, id, arguments);
        return new CallRecord
        {
            Id = id,
            Time = call.Started,
            Method = Bounded(call.Method),
            Decision = "allow",
            Grant = call.Grant.Id,
            Identity = call.Grant.Identity,
            Server = call.Server.Name,
            Tool = tool is null ? null : Bounded(tool),
            Policy = policy?.Name,
            Revision = policy?.Revision,
            Client = call.Client,
            RequestId = call.RawId.IsEmpty ? null : Bounded(Encoding.UTF8.GetString(call.RawId.Span)),
            ArgumentNames = Names(arguments),
            ArgumentsDigest = digest,
            ArgumentsSealed = kept,
        };
    }

    /// <summary>Writes a call that is made. False: it is not recorded, so it must not be made.</summary>
    public ValueTask<AppendResult> AllowAsync(CallRecord record, IReadOnlyList<Charge> charges, bool power)
    {
        Meters.Judged.Add(1, new("server", record.Server), new("decision", record.Decision), new("code", record.Code));
        var durability = power ? Durability.Power : floor;
        return journal.AppendAsync(charges.Count == 0 ? record : record with { Charges = charges }, durability, CancellationToken.None);
    }

    /// <summary>Writes a call that waits for people. It stands before anybody is asked; <see cref="CompletePending"/> says how the wait ended.</summary>
    public ValueTask<AppendResult> PendAsync(CallRecord record, Decision decision)
    {
        Meters.Judged.Add(1, new("server", record.Server), new("decision", "pending"), new("code", decision.Code));
        return journal.AppendAsync(record with { Decision = "pending", Code = decision.Code, Rule = decision.Rule }, floor, CancellationToken.None);
    }

    /// <summary>Writes how a wait ended: <c>answered</c> when the client was told to come back or the call was judged anew, else <c>refused</c>.</summary>
    public void CompletePending(CallRecord record, string outcome, string? code)
    {
        var now = time.GetUtcNow();
        journal.Complete(new OutcomeRecord(record.Id, now, outcome, null, Math.Max(0, (long)(now - record.Time).TotalMilliseconds), Code: code));
    }

    /// <summary>Writes a refusal, which ends the story of its call.</summary>
    public ValueTask<AppendResult> RefuseAsync(CallRecord record, Refusal refusal, string decision = "deny")
    {
        Meters.Judged.Add(1, new("server", record.Server), new("decision", decision), new("code", refusal.Code));
        return journal.AppendAsync(
            record with { Decision = decision, Outcome = "refused", Code = refusal.Code, Rule = refusal.Rule, Detail = refusal.Detail },
            floor,
            CancellationToken.None);
    }

    /// <summary>Writes what was turned away before it was a call. What reached no grant is admitted at a bounded rate.</summary>
    public ValueTask<AppendResult> TurnedAwayAsync(CallRecord record, bool withoutGrant) =>
        withoutGrant ? journal.AdmitRefusalAsync(record) : journal.AppendAsync(record, floor, CancellationToken.None);

    /// <summary>Writes how an allowed call ended, at once.</summary>
    public async ValueTask CompleteAsync(CallRecord record, RelayEnd end, bool released = false)
    {
        if (!ReferenceEquals(end, RelayEnd.Parked))
        {
            await journal.CompleteAsync(OutcomeOf(record, end, released)).ConfigureAwait(false);
        }
    }

    /// <summary>Writes how an answered call ended, with the next entry or the next sync: nobody waits for it.</summary>
    public void Complete(CallRecord record, RelayEnd end)
    {
        if (!ReferenceEquals(end, RelayEnd.Parked))
        {
            journal.Complete(OutcomeOf(record, end, released: false));
        }
    }

    private OutcomeRecord OutcomeOf(CallRecord record, RelayEnd end, bool released)
    {
        var now = time.GetUtcNow();
        var elapsed = Math.Max(0, (long)(now - record.Time).TotalMilliseconds);
        Meters.Ended.Add(1, new("server", record.Server), new("outcome", end.Outcome));
        Meters.Seconds.Add(elapsed / 1_000d, new KeyValuePair<string, object?>("server", record.Server));
        return new OutcomeRecord(record.Id, now, end.Outcome, end.Status, elapsed, released, end.Code, end.Detail);
    }

    /// <summary>As long as the record keeps it; a cut text ends in an ellipsis.</summary>
    public static string Bounded(string text) => JournalEncoder.Cut(text)!;

    private static IReadOnlyList<string> Names(JsonElement arguments) =>
        arguments.ValueKind != JsonValueKind.Object ? [] : [.. arguments.EnumerateObject().Take(MaxNames).Select(static member => Bounded(member.Name))];

    /// <summary>The digest is keyed, so that short values cannot be found by trying them.</summary>
    private (string? Digest, string? Sealed) Arguments(Incoming call, string id, JsonElement arguments)
    {
        if (arguments.ValueKind != JsonValueKind.Object)
        {
            return (null, null);
        }

        var buffer = canonical ??= new ArrayBufferWriter<byte>(1_024);
        buffer.ResetWrittenCount();
        CanonicalJson.Write(arguments, buffer);
        Span<byte> digest = stackalloc byte[HMACSHA256.HashSizeInBytes];
        HMACSHA256.HashData(keyring.DigestKey, buffer.WrittenSpan, digest);
        var kept = call.Server.RecordedArguments == RecordedArguments.Sealed ? values.Seal(id, buffer.WrittenSpan) : null;
        if (buffer.Capacity > LargestKept)
        {
            canonical = null;
        }

        return (Convert.ToHexStringLower(digest), kept);
    }
}
