namespace Callgate.Gateway.Operators;

/// <summary>What an operator may do. Each role reads; none contains another.</summary>
[Flags]
public enum Roles
{
    None = 0,

    /// <summary>Reads.</summary>
    Viewer = 1,

    /// <summary>Answers approvals.</summary>
    Approver = 2,

    /// <summary>Changes policies and what they go by: categories, attachments, shadow mode.</summary>
    PolicyManager = 4,

    /// <summary>Changes everything, but answers no approval.</summary>
    Administrator = 8,

    /// <summary>Who may change policies.</summary>
    ChangesPolicies = PolicyManager | Administrator,

    Any = Viewer | Approver | PolicyManager | Administrator,
}

/// <summary>Roles as text: in the API, the command line, the store and the record.</summary>
public static class RoleText
{
    private static readonly (Roles Role, string Name)[] Names =
    [
        (Roles.Viewer, "viewer"), (Roles.Approver, "approver"), (Roles.PolicyManager, "policy_manager"), (Roles.Administrator, "administrator"),
    ];

    public static IReadOnlyList<string> All { get; } = [.. Names.Select(static role => role.Name)];

    public static IReadOnlyList<string> Of(Roles roles) => [.. Names.Where(role => roles.HasFlag(role.Role)).Select(static role => role.Name)];

    /// <summary>Null when a name is none of a role; <paramref name="unknown"/> is that name.</summary>
    public static Roles? Parse(IEnumerable<string> names, out string? unknown)
    {
        var roles = Roles.None;
        foreach (var name in names)
        {
            var role = Array.Find(Names, role => string.Equals(role.Name, name, StringComparison.Ordinal)).Role;
            if (role == Roles.None)
            {
                unknown = name;
                return null;
            }

            roles |= role;
        }

        unknown = null;
        return roles;
    }
}
