using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// Judges what an upstream sends of its own accord: questions to the client (sampling, elicitation, roots) and
/// notifications. What the policy does not open is answered here; ids are exchanged for ours in both directions.
/// </summary>
public sealed class Questions(SnapshotSource snapshots, Journal journal, PinBook pins, TimeProvider time)
{
    /// <summary>The message for the client, or null when nothing of it may reach the client.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> JudgeAsync(Party party, Conversation conversation, RpcMessage message)
    {
        party = party.Lasting ? party.In(snapshots.Current) : party;
        if (message.Kind == RpcKind.Request)
        {
            return await QuestionAsync(party, conversation, message).ConfigureAwait(false);
        }

        if (message.Kind == RpcKind.Response || party.Halted is not null || !Vocabulary.AllowsNotification(party, message.Method!))
        {
            return null;
        }

        return message.Method switch
        {
            "notifications/progress" => Progress(party, message),
            "notifications/cancelled" => Cancelled(party, message),
            "notifications/tools/list_changed" or "notifications/prompts/list_changed" or "notifications/resources/list_changed" => ListChanged(party, message),
            _ => Plain(party, message),
        };
    }

    /// <summary>The open question that a client's answer belongs to; each is taken once. Null when the client was asked nothing under this id.</summary>
    public static PendingQuestion? Take(ClientSession session, RpcMessage answer) =>
        answer.TryGetIntegerId(out var id) && session.TryAnswer(id, out var question) ? question : null;

    /// <summary>Sends the client's answer where the question came from. Null when it was handed over.</summary>
    public static async ValueTask<UpstreamFault?> AnswerAsync(ClientSession session, PendingQuestion question, RpcMessage answer, CancellationToken cancellationToken)
    {
        if (question.Own is { } own)
        {
            own(answer);
            return null;
        }

        var isError = answer.IsError;
        answer.Root.TryGetProperty(isError ? "error"u8 : "result"u8, out var payload);
        var sealedAnswer = JudgedMessage.SealAnswer(question.UpstreamId, Reemit.Bytes(payload), isError);
        return await session.Conversation.SendAsync(sealedAnswer, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ReadOnlyMemory<byte>?> QuestionAsync(Party party, Conversation conversation, RpcMessage question)
    {
        var method = question.Method!;
        if (party.Session?.FindQuestion(question.IdKey) is { } again)
        {
            // A resumed stream repeats a question that is open still: it stays one question, with one answer.
            return RpcWriter.Relay(question, Number(again));
        }

        var allowed = party.Session is not null && party.Halted is null && Vocabulary.AllowsQuestion(party, method);
        var isPing = string.Equals(method, "ping", StringComparison.Ordinal);
        var recorded = isPing || await RecordAsync(party, method, allowed).ConfigureAwait(false);
        var id = allowed && recorded ? party.Session!.Ask(new PendingQuestion(question.RawId, question.IdKey)) : null;
        if (id is { } ours)
        {
            return RpcWriter.Relay(question, Number(ours));
        }

        if (party.Modern)
        {
            // In that era nobody asks on a stream, and nobody answers there.
            return null;
        }

        var refusal = "{\"code\":-32601,\"message\":\"Method not found\"}"u8.ToArray();
        await conversation.SendAsync(JudgedMessage.SealAnswer(question.RawId, refusal, isError: true), party.Cut).ConfigureAwait(false);
        return null;
    }

    private async ValueTask<bool> RecordAsync(Party party, string method, bool allowed)
    {
        var now = time.GetUtcNow();
        var result = await journal.AppendAsync(
            new CallRecord
            {
                Id = Identifiers.New(now),
                Time = now,
                Method = Recorder.Bounded(method),
                Decision = allowed ? "allow" : "deny",
                Outcome = allowed ? "answered" : "refused",
                Code = allowed ? null : RefusalCode.MethodDenied,
                Grant = party.Grant.Id,
                Identity = party.Grant.Identity,
                Server = party.Server.Name,
                Policy = party.Policy?.Name,
                Revision = party.Policy?.Revision,
                Client = party.Client,
                Detail = "asked by the upstream",
            },
            Durability.Process,
            CancellationToken.None).ConfigureAwait(false);
        return result.Written;
    }

    /// <summary>Progress goes to whoever asked for it, under the token that client chose.</summary>
    private static ReadOnlyMemory<byte>? Progress(Party party, RpcMessage message)
    {
        if (message.Params.ValueKind != JsonValueKind.Object || !message.Params.TryGetProperty("progressToken"u8, out var token) || token.ValueKind != JsonValueKind.Number || !token.TryGetInt64(out var ours))
        {
            return null;
        }

        if (party is Incoming { Modern: true } call)
        {
            return call.ProgressToken is { } clients ? Under(message, clients) : null;
        }

        return party.Session?.TryFindProgressToken(ours, out var known) == true ? Under(message, known) : null;
    }

    // Nullable on purpose: a bare null beside bytes would silently become empty bytes.
    private static ReadOnlyMemory<byte>? Under(RpcMessage message, ReadOnlyMemory<byte> token) =>
        Reemit.Bytes(message.Root, JsonEdit.Replace(token, "params", "progressToken"));

    private static ReadOnlyMemory<byte>? Cancelled(Party party, RpcMessage message)
    {
        if (message.Params.ValueKind != JsonValueKind.Object || !message.Params.TryGetProperty("requestId"u8, out var requestId)
            || party.Session?.FindQuestion(RpcMessage.KeyOf(requestId)) is not { } id)
        {
            return null;
        }

        // Nobody waits for its answer any more.
        party.Session.TryAnswer(id, out _);
        return Reemit.Bytes(message.Root, JsonEdit.Replace(Number(id), "params", "requestId"));
    }

    private ReadOnlyMemory<byte>? ListChanged(Party party, RpcMessage message)
    {
        pins.ListChanged(party.Server);
        return Plain(party, message);
    }

    /// <summary>A message of a subscription names the request that opened it, whose id upstream is ours.</summary>
    private static ReadOnlyMemory<byte> Plain(Party party, RpcMessage message) =>
        party is Incoming { Modern: true } call ? Subscriptions.Renamed(call, message) : Reemit.Bytes(message.Root);

    private static byte[] Number(long value) => Encoding.ASCII.GetBytes(value.ToString(CultureInfo.InvariantCulture));
}
