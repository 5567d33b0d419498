namespace Callgate.Gateway.Policies;

/// <summary>
/// Until when a policy in shadow mode only watches. It is said of one revision: the next is enforced until an end is set for
/// it, so that no document written later opens a gate by a decision that was made before.
/// </summary>
public sealed record ShadowEnd(long Revision, DateTimeOffset Until)
{
    public bool Holds(PolicyRevision policy, DateTimeOffset at) => policy.Policy.IsShadow && policy.Revision == Revision && at < Until;
}
