using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// The register of stable codes: what a refusal carries on the wire and in the record. A code is never renamed and
/// never reused; scripts of others rely on them.
/// </summary>
public static class RefusalCode
{
    public const string ToolUnknown = DecisionCodes.ToolUnknown;
    public const string ToolHidden = DecisionCodes.ToolHidden;
    public const string PolicyDenied = DecisionCodes.Denied;
    public const string DefaultDeny = DecisionCodes.DefaultDeny;
    public const string NoPolicy = DecisionCodes.NoPolicy;
    public const string ArgumentsInvalid = DecisionCodes.ArgumentsInvalid;
    public const string PolicyCondition = DecisionCodes.Condition;
    public const string ApprovalRequired = DecisionCodes.ApprovalRequired;
    public const string ApprovalDenied = "approval.denied";
    public const string ApprovalExpired = "approval.expired";
    public const string ApprovalQueueFull = "approval.queue_full";
    public const string Unjudgeable = DecisionCodes.Unjudgeable;
    public const string Drifted = DecisionCodes.Drifted;
    public const string LimitExceeded = "limit.exceeded";
    public const string MethodDenied = "method.denied";
    public const string Stopped = "gateway.stopped";
    public const string Draining = "gateway.draining";
    public const string GatewayFailed = "gateway.failed";
    public const string RecordUnavailable = "record.unavailable";
    public const string ConfigurationUnavailable = "configuration.unavailable";
    public const string QuotaUnavailable = "quota.unavailable";
    public const string UpstreamUnavailable = DecisionCodes.UpstreamUnavailable;
    public const string UpstreamTimeout = "upstream.timeout";
    public const string UpstreamInvalid = "upstream.invalid";
    public const string RequestMalformed = "request.malformed";
    public const string RequestTooLarge = "request.too_large";
    public const string GrantMissing = "grant.missing";
    public const string GrantUnknown = "grant.unknown";
    public const string GrantRevoked = "grant.revoked";
    public const string GrantExpired = "grant.expired";
    public const string GrantWrongServer = "grant.wrong_server";
}
