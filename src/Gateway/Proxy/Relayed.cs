using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary>Every request but <c>initialize</c>, <c>tools/list</c> and <c>tools/call</c>: served when the vocabulary knows it and the policy opens it.</summary>
public sealed class Relayed(PinBook pins, Listed listed, Recorder recorder, Forwarder forwarder, Continuations continuations)
{
    public async ValueTask HandleAsync(Incoming call)
    {
        var record = recorder.Begin(call, Draft.MirroredNameOf(call));
        var leg = continuations.Read(call);
        if (Refuse(call, leg) is var (refusal, code, status) && (refusal is not null || (refusal = await listed.RefuseAsync(call).ConfigureAwait(false)) is not null))
        {
            var isMalformed = refusal.Code == RefusalCode.RequestMalformed;
            await recorder.RefuseAsync(isMalformed ? record with { Tool = null } : record, refusal).ConfigureAwait(false);
            await call.JudgedAsync().ConfigureAwait(false);
            var error = (code ?? (isMalformed || refusal.Code == RefusalCode.ToolUnknown ? RpcError.InvalidParams : null)) is { } plain ? RpcWriter.Error(call.RawId, plain, refusal.Text) : Refusals.Method(call, refusal, record.Id);
            await call.Reply.ResponseAsync(error, isMalformed ? StatusCodes.Status400BadRequest : status).ConfigureAwait(false);
            return;
        }

        if (!await Admission.TakeAsync(recorder, call, record).ConfigureAwait(false))
        {
            return;
        }

        var draft = Draft.Of(call, leg.Edits);
        var message = draft.Complete(JudgedMessage.Seal(RpcKind.Request, call.Method, draft.Params));
        var ending = new Ending(response => Finish(call, leg, response, record.Id), late => recorder.CompleteAsync(record, late));
        var end = await forwarder.ForwardAsync(call, message, ending).ConfigureAwait(false);
        await recorder.CompleteAsync(record, end).ConfigureAwait(false);
        if (end.Fault is { } fault)
        {
            await Refusals.AnswerFailedAsync(call, fault, record.Id).ConfigureAwait(false);
        }
    }

    /// <summary>The refusal, the plain JSON-RPC code where the method simply does not exist, and the status.</summary>
    private static (Refusal? Refusal, int? Code, int Status) Refuse(Incoming call, Leg leg)
    {
        var missing = new Refusal(RefusalCode.MethodDenied, "(unknown)", "Method not found");
        switch (Vocabulary.Judge(call))
        {
            case MethodStanding.Unknown:
                return (missing, RpcError.MethodNotFound, call.Modern ? StatusCodes.Status404NotFound : StatusCodes.Status200OK);
            case MethodStanding.NotOpened:
                return (new Refusal(RefusalCode.MethodDenied, "/methods/allow", $"`{Recorder.Bounded(call.Method)}` is not opened by the policy of this grant"), null, StatusCodes.Status200OK);
        }

        // Some servers end at a method they do not know, so only announced features are asked for.
        if (call.Session is { UpstreamCapabilities.ValueKind: JsonValueKind.Object } session
            && Vocabulary.Find(call.Method, call.Modern)?.Capability is { } capability && !session.UpstreamCapabilities.TryGetProperty(capability, out _))
        {
            return (missing with { Rule = "(capabilities)" }, RpcError.MethodNotFound, StatusCodes.Status200OK);
        }

        return leg.Fault is { } fault
            ? (new Refusal(RefusalCode.RequestMalformed, "(request)", fault), RpcError.InvalidParams, StatusCodes.Status400BadRequest)
            : (null, null, StatusCodes.Status200OK);
    }

    private Finished Finish(Incoming call, Leg leg, RpcMessage response, string reference)
    {
        if (string.Equals(call.Method, "server/discover", StringComparison.Ordinal))
        {
            return HopErrors.Of(call, response) is { } refusal
                ? Finished.Refused(call, refusal, reference)
                : new Finished(Introduction.Of(call, response, pins));
        }

        if (Listing.Of(call.Method) is { } listing)
        {
            return listed.Reduce(call, listing, response, reference);
        }

        return continuations.Finish(call, leg, response, reference);
    }
}
