using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary>Why a call is refused.</summary>
/// <param name="Text">May reach the client: the reason and what to do about it.</param>
/// <param name="Detail">For the record and the log only.</param>
public sealed record Refusal(string Code, string Rule, string Text, int? RetryAfterSeconds = null, string? Detail = null)
{
    /// <summary>What stands in the way goes by itself, as the text says, though nobody knows when.</summary>
    public bool IsPassing { get; init; }

    public static Refusal Of(Decision decision, string tool) => decision.Code switch
    {
        RefusalCode.NoPolicy => new(decision.Code, decision.Rule, "no policy is attached to this grant for this server, so every call is refused; ask the operator to attach one"),
        RefusalCode.DefaultDeny => new(decision.Code, decision.Rule, $"`{tool}` is not allowed by the policy of this grant"),
        RefusalCode.Drifted => new(decision.Code, decision.Rule, $"the definition of `{tool}` has changed since it was reviewed; an operator must accept it first"),
        RefusalCode.UpstreamUnavailable => new(decision.Code, decision.Rule, "the tools of this server could not be listed yet; try again later"),
        _ => new(decision.Code!, decision.Rule, decision.Reason ?? $"`{tool}` is refused by the policy of this grant"),
    };

    public static Refusal Of(Reservation reservation, string tool) => (reservation.Outcome, reservation.Refusing) switch
    {
        (ReservationOutcome.Exceeded, { } limit) => Exceeded(limit, reservation, tool),
        (ReservationOutcome.Full, { } full) => Waiting(full, reservation, $"a limit on `{tool}` counts apart as many values or calls as it can"),
        (ReservationOutcome.Unjudgeable, { } unjudged) => new(RefusalCode.Unjudgeable, unjudged.Rule, $"a limit on `{tool}` cannot be counted for this call; ask the operator"),
        _ => new(RefusalCode.QuotaUnavailable, "(quota)", "limits cannot be counted right now; try again later"),
    };

    public static Refusal Stopped { get; } = new(RefusalCode.Stopped, "(stopped)", "an operator has stopped this; ask before you try again");

    public static Refusal Stale { get; } = new(RefusalCode.ConfigurationUnavailable, "(configuration)", "the gate cannot confirm its configuration, so nothing is allowed; try again later");

    public static Refusal NotRecorded(string? detail) => new(RefusalCode.RecordUnavailable, "(record)", "the call cannot be recorded right now, so it is not made; try again later", Detail: detail);

    /// <summary>What a client is told when its upstream failed. No address and no text of the upstream is in it.</summary>
    public static Refusal Of(UpstreamFault fault) => new(
        fault.Kind switch
        {
            UpstreamFaultKind.Timeout => RefusalCode.UpstreamTimeout,
            UpstreamFaultKind.Invalid => RefusalCode.UpstreamInvalid,
            _ => RefusalCode.UpstreamUnavailable,
        },
        "(upstream)",
        fault.Message,
        Detail: fault.Detail);

    private static Refusal Exceeded(Limit limit, Reservation reservation, string tool)
    {
        var ofValue = limit.Per is null ? "" : " for this value";
        if (limit.Concurrent is { } most)
        {
            var busy = $"as many calls of `{tool}` as its limit of {most}{ofValue} allows are under way";
            return reservation.WaitSeconds > 0
                ? Waiting(limit, reservation, busy)
                : new(RefusalCode.LimitExceeded, limit.Rule, $"{busy}; wait until one has ended") { IsPassing = true };
        }

        var max = $"{limit.Max.ToString(CultureInfo.InvariantCulture)} {Per(limit)}{ofValue}";
        return limit.Amount > limit.Max
            ? new(RefusalCode.LimitExceeded, limit.Rule, $"one call of `{tool}` counts {limit.Amount.ToString(CultureInfo.InvariantCulture)}, which is more than its limit of {max}")
            : Waiting(limit, reservation, $"`{tool}` has reached its limit of {max}");
    }

    private static Refusal Waiting(Limit limit, Reservation reservation, string why)
    {
        var seconds = (int)Math.Clamp(reservation.WaitSeconds, 1, int.MaxValue);
        return new(RefusalCode.LimitExceeded, limit.Rule, $"{why}; try again in {seconds} s", seconds);
    }

    private static string Per(Limit limit) => limit.Sliding
        ? string.Create(CultureInfo.InvariantCulture, $"in any {limit.Window.Seconds} s")
        : Per(limit.Window);

    private static string Per(LimitWindow window) => window switch
    {
        _ when window == LimitWindow.Second => "a second",
        _ when window == LimitWindow.Minute => "a minute",
        _ when window == LimitWindow.Hour => "an hour",
        _ when window == LimitWindow.Day => "a day",
        _ when window == LimitWindow.IsoWeek => "a week",
        _ when window == LimitWindow.Month => "a month",
        _ => string.Create(CultureInfo.InvariantCulture, $"in {window.Seconds} s"),
    };
}

/// <summary>Turns refusals into messages: the one place that knows how each looks on the wire.</summary>
public static class Refusals
{
    /// <summary>Hidden, unreviewed and never listed tools are answered here, by the same line, in the same bytes.</summary>
    public static ReadOnlyMemory<byte> UnknownTool(ReadOnlyMemory<byte> rawId, string tool) =>
        RpcWriter.Error(rawId, RpcError.InvalidParams, "Unknown tool: " + tool);

    /// <summary>A tool the client can see: a result the model reads, not an exception in its client.</summary>
    public static ReadOnlyMemory<byte> Tool(Incoming call, Refusal refusal, string reference)
    {
        var denied = refusal.Code.StartsWith("upstream.", StringComparison.Ordinal) ? "Not answered: " : "Denied by policy: ";
        var text = $"{denied}{refusal.Text.TrimEnd('.', ' ')}. Do not retry unchanged{(refusal.RetryAfterSeconds is null && !refusal.IsPassing ? "" : " before that")}. ref {reference}";
        return ErrorResult(call, text, writer => WriteDenial(writer, refusal, reference));
    }

    /// <summary>The call waits for a person, and its client will not wait longer: the same call again finds the same request.</summary>
    public static ReadOnlyMemory<byte> Pending(Incoming call, Approval approval, CallRecord record, Uri? page)
    {
        var until = approval.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var why = approval.Reason is { } reason ? $" ({reason.TrimEnd('.', ' ')})" : "";
        var text = $"Approval pending: `{approval.Tool}` needs the approval of a person{why}. Nothing was done. Repeat exactly the same call later to get its result; the request is open until {until}. approval {approval.Id}, ref {record.Id}";
        return ErrorResult(call, text, writer =>
        {
            WriteDenial(writer, new Refusal(RefusalCode.ApprovalRequired, approval.Rule, ""), record.Id);
            writer.WriteStartObject("callgate/approval"u8);
            writer.WriteString("id"u8, approval.Id);
            writer.WriteString("expires"u8, until);
            if (page is not null)
            {
                writer.WriteString("url"u8, page.AbsoluteUri);
            }

            writer.WriteEndObject();
        });
    }

    private static ReadOnlyMemory<byte> ErrorResult(Incoming call, string text, Action<Utf8JsonWriter> writeDenial) => RpcWriter.Result(call.RawId, writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("content"u8);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        writer.WriteString("text"u8, text);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteBoolean("isError"u8, true);
        if (call.Modern)
        {
            writer.WriteString("resultType"u8, "complete"u8);
        }

        writer.WriteStartObject("_meta"u8);
        writer.WritePropertyName("callgate/denial"u8);
        writeDenial(writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    /// <summary>Anything but a tool call.</summary>
    public static ReadOnlyMemory<byte> Method(Incoming call, Refusal refusal, string reference) =>
        RpcWriter.Error(call.RawId, RpcCodeOf(refusal.Code), $"{refusal.Text} (ref {reference})", writer => WriteDenial(writer, refusal, reference));

    /// <summary>
    /// Answers a request whose upstream failed. A session that the upstream no longer knows is answered 404, upon which a
    /// client starts a new one; everything else as a refusal.
    /// </summary>
    public static ValueTask AnswerFailedAsync(Incoming call, UpstreamFault fault, string reference)
    {
        if (fault.Kind == UpstreamFaultKind.SessionGone)
        {
            return call.Reply.ResponseAsync(RpcWriter.Error(call.RawId, RpcError.SessionGone, fault.Message), StatusCodes.Status404NotFound);
        }

        var refusal = Refusal.Of(fault);
        return call.Reply.ResponseAsync(string.Equals(call.Method, "tools/call", StringComparison.Ordinal) ? Tool(call, refusal, reference) : Method(call, refusal, reference));
    }

    private static void WriteDenial(Utf8JsonWriter writer, Refusal refusal, string reference)
    {
        writer.WriteStartObject();
        writer.WriteString("code"u8, refusal.Code);
        writer.WriteString("rule"u8, refusal.Rule);
        writer.WriteString("ref"u8, reference);
        if (refusal.RetryAfterSeconds is { } seconds)
        {
            writer.WriteNumber("retry_after_seconds"u8, seconds);
        }

        writer.WriteEndObject();
    }

    private static int RpcCodeOf(string code) => code switch
    {
        RefusalCode.RecordUnavailable or RefusalCode.QuotaUnavailable or RefusalCode.ConfigurationUnavailable => RpcError.Unavailable,
        RefusalCode.UpstreamUnavailable or RefusalCode.UpstreamTimeout or RefusalCode.UpstreamInvalid => RpcError.Upstream,
        RefusalCode.RequestMalformed => RpcError.InvalidParams,
        _ => RpcError.Denied,
    };
}
