using System.Runtime.CompilerServices;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// The path of one <c>tools/call</c>. Nothing that decides happens anywhere else:
/// (1) one snapshot (2) find the tool (3) decide (4) approval (5) reserve quota (6) write the record (7) seal and forward
/// (8) result rules (9) settle quota (10) complete the record.
/// </summary>
public sealed class ToolsCall(PinBook pins, Counters counters, Recorder recorder, Forwarder forwarder, Continuations continuations, People people)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask HandleAsync(Incoming call)
    {
        var (name, arguments, shapeFault) = Shape(call);
        var record = recorder.Begin(call, name, arguments);                         // (1) call.Now was taken once, by the endpoint
        var leg = continuations.Read(call);
        if (shapeFault is not null || leg.Fault is not null)
        {
            await MalformedAsync(call, record, RpcError.InvalidParams, shapeFault ?? leg.Fault!).ConfigureAwait(false);
            return;
        }

        var (tool, standing) = await pins.FindAsync(call.PinKey, call.Server, call.Now, name!).ConfigureAwait(false);       // (2)
        var facts = Facts(call, name!, arguments, tool, call.InForce(standing, call.Started));
        var decision = call.Policy?.Policy.Decide(facts) ?? Decision.NoPolicy;     // (3) pure
        var shadow = call.IsShadowed(call.Started);                                 // the policy only watches
        var judged = new Judged(name!, arguments, tool, record, leg, decision, shadow);
        if (call.Halted is not null || decision.Effect != Effect.Approve || shadow)
        {
            await PassAsync(call, judged, null).ConfigureAwait(false);
            return;
        }

        var consent = await people.AskAsync(call, record, leg, tool!, decision).ConfigureAwait(false);                  // (4)
        using var ticket = consent.Ticket;                                          // given back unless it is spent
        if (ticket is not null)
        {
            var approved = judged with { Record = record with { Approval = ticket.Id }, Decision = call.Policy!.Policy.Decide(facts with { IsApproved = true }) };
            await PassAsync(call, approved, ticket).ConfigureAwait(false);
        }
        else if (consent.Again is { } again)
        {
            await HandleAsync(again).ConfigureAwait(false);
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask PassAsync(Incoming call, Judged judged, ApprovalTicket? ticket)
    {
        var (name, arguments, tool, record, leg, decision, shadow) = judged;
        if (call.Halted is not null || (decision.Effect != Effect.Allow && !(shadow && decision.IsOfARule)))
        {
            await RefuseAsync(call, record, name, decision).ConfigureAwait(false);
            return;
        }

        var (headers, headerFault) = MirroredParameters.Check(call, tool!, arguments);
        if (headerFault is not null)
        {
            await MalformedAsync(call, record, RpcError.HeaderMismatch, headerFault).ConfigureAwait(false);
            return;
        }

        var hold = counters.Reserve(record.Policy!, decision.Limits, OwnerOf(call), shadow);    // (5) all or none
        using var place = hold.Place;                                                           // among the calls in flight
        if (hold.Outcome != ReservationOutcome.Granted && !shadow)
        {
            await RefuseAsync(call, record, Refusal.Of(hold, name)).ConfigureAwait(false);
            return;
        }

        record = shadow ? Watched(record, decision, hold, name) : record;

        var written = await recorder.AllowAsync(record, hold.Charges, decision.PowerDurable).ConfigureAwait(false);     // (6)
        if (!written.Written)
        {
            GiveBack(hold);
            await AnswerAsync(call, Refusal.NotRecorded(written.Detail), record.Id).ConfigureAwait(false);
            return;
        }

        ticket?.Spend(record.Id);                                                   // the entry just written is what spends it
        var draft = Draft.Of(call, leg.Edits) with { ParameterHeaders = headers };
        var message = draft.Complete(JudgedMessage.Seal(RpcKind.Request, call.Method, draft.Params));           // (7)
        var ending = EndingOf(call, leg, record, place);
        var end = await forwarder.ForwardAsync(call, message, ending).ConfigureAwait(false);  // (8)
        var nothingSent = Settle(hold, end);                                        // (9) given back only when no byte went up

        if (end.Fault is not { } fault)
        {
            recorder.Complete(record, end);                                         // (10)
            return;
        }

        await recorder.CompleteAsync(record, end, nothingSent).ConfigureAwait(false);           // (10)
        await Refusals.AnswerFailedAsync(call, fault, record.Id).ConfigureAwait(false);
    }

    /// <summary>A call with what was found out about it.</summary>
    private readonly record struct Judged(string Name, JsonElement Arguments, PinnedTool? Tool, CallRecord Record, Leg Leg, Decision Decision, bool Shadow);

    /// <summary>The response frees the call's place before it goes out: a client that makes its calls in turn meets no call of its own.</summary>
    private Ending EndingOf(Incoming call, Leg leg, CallRecord record, Place? place) => new(
        response =>
        {
            place?.Free();
            return continuations.Finish(call, leg, response, record.Id);
        },
        late =>
        {
            place?.Free();
            return recorder.CompleteAsync(record, late);
        });

    /// <summary>Says whether nothing was sent. A call whose answer is fetched later is in flight until its late ending.</summary>
    private bool Settle(Reservation hold, RelayEnd end)
    {
        var nothingSent = end.Fault is { NothingSent: true };
        if (nothingSent)
        {
            GiveBack(hold);
        }
        else if (ReferenceEquals(end, RelayEnd.Parked))
        {
            hold.Place?.Leave();
        }
        else
        {
            hold.Place?.Free();
        }

        return nothingSent;
    }

    private void GiveBack(Reservation hold)
    {
        counters.Release(hold.Charges);
        hold.Place?.Free();
    }

    /// <summary>A name and an object of arguments, or the reason why this is no call.</summary>
    private static (string? Name, JsonElement Arguments, string? Fault) Shape(Incoming call)
    {
        var parameters = call.Message.Params;
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("name"u8, out var name) || name.ValueKind != JsonValueKind.String)
        {
            return (null, default, "`params.name` must be a string");
        }

        if (parameters.TryGetProperty("task"u8, out _))
        {
            return (name.GetString(), default, "calls that run as tasks are not served; leave out `params.task`");
        }

        return parameters.TryGetProperty("arguments"u8, out var arguments) && arguments.ValueKind != JsonValueKind.Object
            ? (name.GetString(), default, "`params.arguments` must be an object")
            : (name.GetString(), arguments, null);
    }

    /// <summary>What would have been decided, in the record of a call that passes all the same.</summary>
    private static CallRecord Watched(CallRecord record, Decision decision, Reservation hold, string name)
    {
        var refusal = decision.Effect != Effect.Allow ? Refusal.Of(decision, name) : hold.Outcome != ReservationOutcome.Granted ? Refusal.Of(hold, name) : null;
        return record with { Shadow = true, Decision = refusal is null ? record.Decision : "deny", Code = refusal?.Code, Rule = refusal?.Rule };
    }

    private static CallFacts Facts(Incoming call, string name, JsonElement arguments, PinnedTool? tool, ToolStanding standing) => new(name, standing)
    {
        Arguments = arguments,
        Schema = tool?.Schema,
        Category = tool?.Category,
        ShownCategory = standing == ToolStanding.DriftedAsked ? tool?.Shown?.Category : null,
        Caller = new CallerFacts(call.Grant.Label, call.Grant.Identity, call.Grant.Attributes, call.Server.Name, call.Client),
        Now = call.Started,
    };

    private static CounterOwner OwnerOf(Incoming call) =>
        new(call.Grant.Id, call.Grant.Identity, call.Session?.LocalId, call.Server.Name);

    private async ValueTask MalformedAsync(Incoming call, CallRecord record, int code, string why)
    {
        var refusal = new Refusal(RefusalCode.RequestMalformed, "(request)", why);
        await recorder.RefuseAsync(record with { Tool = null }, refusal).ConfigureAwait(false);
        await call.JudgedAsync().ConfigureAwait(false);
        await call.Reply.ResponseAsync(RpcWriter.Error(call.RawId, code, why), StatusCodes.Status400BadRequest).ConfigureAwait(false);
    }

    /// <summary>Refuses by decision. What does not exist for this caller is unknown, whatever else holds.</summary>
    private async ValueTask RefuseAsync(Incoming call, CallRecord record, string name, Decision decision)
    {
        if (decision.Effect != Effect.Hide)
        {
            await RefuseAsync(call, record, call.Halted ?? Refusal.Of(decision, name)).ConfigureAwait(false);
            return;
        }

        // Hidden and unknown differ in the record alone; the answer is made by one line, whatever the journal says.
        await recorder.RefuseAsync(record, Refusal.Of(decision, name), "hide").ConfigureAwait(false);
        await call.JudgedAsync().ConfigureAwait(false);
        await call.Reply.ResponseAsync(Refusals.UnknownTool(call.RawId, name)).ConfigureAwait(false);
    }

    private async ValueTask RefuseAsync(Incoming call, CallRecord record, Refusal refusal)
    {
        await recorder.RefuseAsync(record, refusal).ConfigureAwait(false);
        await AnswerAsync(call, refusal, record.Id).ConfigureAwait(false);
    }

    private static async ValueTask AnswerAsync(Incoming call, Refusal refusal, string reference)
    {
        await call.JudgedAsync().ConfigureAwait(false);
        await call.Reply.ResponseAsync(Refusals.Tool(call, refusal, reference)).ConfigureAwait(false);
    }
}
