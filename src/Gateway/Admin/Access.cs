using System.Collections.Frozen;
using Callgate.Gateway.Operators;

namespace Callgate.Gateway.Admin;

/// <summary>Who may use one endpoint.</summary>
/// <param name="Roles">An operator needs one of these.</param>
/// <param name="Token">Whether the administrator's token will do.</param>
public sealed record Access(Roles Roles, bool Token = true)
{
    /// <summary>Whoever asks: signing in itself.</summary>
    public static Access Open { get; } = new(Roles.None, false);

    private static readonly Access Reading = new(Roles.Any);
    private static readonly Access Policies = new(Roles.ChangesPolicies);
    private static readonly Access Administering = new(Roles.Administrator);

    /// <summary>A person's own answer: the administrator's token is no person.</summary>
    private static readonly Access Approving = new(Roles.Approver, Token: false);

    /// <summary>A session of one's own, which the administrator's token has not.</summary>
    private static readonly Access Own = new(Roles.Any, Token: false);

    /// <summary>Every endpoint of <c>/api/v1</c> by its name. One that is missing here cannot be mapped.</summary>
    private static readonly FrozenDictionary<string, Access> Table = new Dictionary<string, Access>(StringComparer.Ordinal)
    {
        ["approvals.approve"] = Approving,
        ["approvals.deny"] = Approving,
        ["approvals.get"] = Reading,
        ["approvals.list"] = Reading,
        ["approvals.rule"] = Policies,
        ["audit.arguments"] = Administering,
        ["audit.export"] = Reading,
        ["audit.key"] = Reading,
        ["audit.reindex"] = Administering,
        ["audit.search"] = Reading,
        ["audit.verify"] = Reading,
        ["backups.create"] = Administering,
        ["catalogue.add"] = Policies,
        ["catalogue.remove"] = Policies,
        ["catalogue.search"] = Reading,
        ["catalogue.server"] = Reading,
        ["catalogue.servers"] = Reading,
        ["catalogue.tool"] = Reading,
        ["factor.begin"] = Own,
        ["factor.confirm"] = Own,
        ["factor.off"] = Own,
        ["grants.attach"] = Policies,
        ["grants.create"] = Administering,
        ["grants.get"] = Reading,
        ["grants.list"] = Reading,
        ["grants.revoke"] = Administering,
        ["grants.rotate"] = Administering,
        ["operators.add"] = Administering,
        ["operators.change"] = Administering,
        ["operators.invite"] = Administering,
        ["operators.list"] = Reading,
        ["operators.password"] = Reading, // one's own; the endpoint asks for the administrator's role for others
        ["operators.reset_factor"] = Administering,
        ["operators.remove"] = Administering,
        ["operators.unlock"] = Administering,
        ["policies.check"] = Reading,
        ["policies.diff"] = Reading,
        ["policies.enforce"] = Policies,
        ["policies.explain"] = Reading,
        ["policies.get"] = Reading,
        ["policies.list"] = Reading,
        ["policies.put"] = Policies,
        ["policies.recommend"] = Reading,
        ["policies.revisions"] = Reading,
        ["policies.shadow"] = Policies,
        ["policies.simulate"] = Reading,
        ["proposals.accept"] = Policies,
        ["proposals.get"] = Policies, // it repeats values of a call
        ["proposals.list"] = Reading,
        ["proposals.reject"] = Policies,
        ["servers.accept"] = Administering,
        ["servers.add"] = Administering,
        ["servers.categorise"] = Policies,
        ["servers.credentials"] = Administering,
        ["servers.get"] = Reading,
        ["servers.history"] = Reading,
        ["servers.list"] = Reading,
        ["servers.remove"] = Administering,
        ["servers.test"] = Administering,
        ["servers.tools"] = Reading,
        ["sessions.end"] = Reading, // one's own; of others only an administrator sees any
        ["sessions.list"] = Reading,
        ["session.begin"] = Open,
        ["session.end"] = Own,
        ["session.get"] = Own,
        ["status.get"] = Reading,
        ["stops.all"] = Administering,
        ["stops.grant"] = Administering,
        ["stops.list"] = Reading,
        ["stops.release_all"] = Administering,
        ["stops.release_grant"] = Administering,
        ["stops.release_server"] = Administering,
        ["stops.server"] = Administering,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The names in the table, for the test that compares them with what is mapped.</summary>
    public static IReadOnlyCollection<string> Names => Table.Keys;

    public static Access Of(string route) =>
        Table.GetValueOrDefault(route) ?? throw new InvalidOperationException($"`{route}` is not in the table that says who may use it");

    public bool Allows(Actor actor) => actor.IsToken ? Token : actor.HasAny(Roles);

    /// <summary>What to tell whom it does not allow.</summary>
    public string Needs(Actor actor)
    {
        var roles = string.Join(" or ", RoleText.Of(Roles).Select(static role => $"`{role}`"));
        return actor.IsToken
            ? $"the administrator's token may not do this; sign in as an operator with the role {roles}"
            : $"this needs the role {roles}; `{actor.Name}` has {string.Join(", ", RoleText.Of(actor.Roles).Select(static role => $"`{role}`"))}";
    }
}
