using Callgate.Gateway.Approvals;

namespace Callgate.Gateway.Tests.Webhooks;

/// <summary>Approvals with a canary in every place that no receiver may see.</summary>
internal static class SampleApproval
{
    public const string Value = "canary-of-an-argument";

    public const string Secret = "canary-secret-0123456789abcdef0123456789abcdef";

    public static readonly DateTimeOffset Asked = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    public static Approval Of(string id, string tool = "add") => new()
    {
        Id = id,
        Subject = "canary-subject-" + id,
        Grant = "laptop",
        GrantLabel = "Ann's laptop",
        Identity = "ann@example.com",
        Client = "agent 1.0",
        Server = "up",
        PinKey = "up",
        Tool = tool,
        Category = "Write",
        Definition = "f",
        Policy = "p",
        Revision = 1,
        Form = "{}",
        Rule = "/tools/add/action",
        Reason = "adding is serious",
        Data = $$$"""{"arguments":{"a":"{{{Value}}}","b":{"inner":"{{{Value}}}"} },"inputResponses":{"q":"{{{Value}}}"} }""",
        Approvers = 1,
        NotRequester = false,
        Asked = Asked,
        Expires = Asked + TimeSpan.FromHours(1),
        Since = 0,
    };

    public static Approval Approved(Approval approval) => approval.With(new ApprovalVote("ada", true, "canary-reason", Asked));

    public static Approval Spent(Approval approval) => Approved(approval).Ended(ApprovalState.Spent, Asked, "record");
}
