using Callgate.Catalogue;
using Callgate.Catalogue.Attacks;

namespace Callgate.Gateway.Catalogue;

/// <summary>Words about attacks that pages, exports and lists share.</summary>
public static class AttackWords
{
    /// <summary>All capabilities that an attack can be made on, for a choice.</summary>
    public static IReadOnlyList<string> Capabilities { get; } =
        [.. Enum.GetNames<RiskCategory>(), .. RiskSignal.Kinds.Select(RiskSignal.IdOf), AttackScope.AnyTool, AttackScope.Gate];

    public static string Of(AttackActor actor) => actor switch
    {
        AttackActor.Client => "client",
        AttackActor.Server => "server",
        AttackActor.ThirdParty => "third party",
        _ => "operator",
    };

    public static string Of(AttackStatus status) => status switch
    {
        AttackStatus.Verified => "verified",
        AttackStatus.Reported => "reported",
        _ => "theoretical",
    };

    /// <summary>What the status means, in a sentence.</summary>
    public static string Means(AttackStatus status) => status switch
    {
        AttackStatus.Verified => "There is a public case with a date, and a scenario that does it here.",
        AttackStatus.Reported => "Public lists of techniques name it.",
        _ => "It follows from how protocols and parsers work; no public case is known.",
    };

    public static string Of(AttackStop stop) => stop switch
    {
        AttackStop.Yes => "stopped",
        AttackStop.Partly => "stopped in part",
        _ => "not stopped yet",
    };

    /// <summary>Whether it is stopped, and whether that takes a policy.</summary>
    public static string Standing(AttackEntry attack) =>
        attack.Stops != AttackStop.Yes || attack.IsAlwaysStopped ? Of(attack.Stops)
        : attack.AppliesTo.Methods.Count > 0 ? "stopped unless opened"
        : "stopped by a policy";

    public static string Of(AttackRemedy remedy) => remedy switch
    {
        AttackRemedy.Approval => "a person approves each call",
        AttackRemedy.Limit => "a limit counts the calls",
        AttackRemedy.Amount => "a limit counts the amount",
        _ => "a rule of `require` looks at each argument that it is made by",
    };
}
