using System.Collections.Frozen;

namespace Callgate.Catalogue;

/// <summary>A tool's name on a server, and how it looks.</summary>
/// <param name="Server">The server.</param>
/// <param name="Tool">The name.</param>
/// <param name="Look">Its <see cref="DefinitionScan.Skeleton"/>.</param>
public readonly record struct ListedName(string Server, string Tool, string Look)
{
    /// <summary>The name with its look.</summary>
    /// <param name="server">The server.</param>
    /// <param name="tool">The name.</param>
    public static ListedName Of(string server, string tool) => new(server, tool, DefinitionScan.Skeleton(tool));
}

/// <summary>A tool that another one can be taken for.</summary>
/// <param name="Server">Its server.</param>
/// <param name="Tool">Its name.</param>
/// <param name="IsSame">It has the very same name; else it only looks like it.</param>
public sealed record Namesake(string Server, string Tool, bool IsSame);

/// <summary>
/// Names of the tools of many servers by how they look. To make it costs one step a name, and to ask it one step and a bounded
/// number of others, however many servers there are.
/// </summary>
public sealed class NameIndex
{
    /// <summary>The most names of one look that are kept.</summary>
    public const int MostOfOneLook = 64;

    private readonly FrozenDictionary<string, List<ListedName>> byLook;

    private NameIndex(FrozenDictionary<string, List<ListedName>> byLook) => this.byLook = byLook;

    /// <summary>The index of these names. Of the names of one look the first are kept, each spelling of each server once.</summary>
    /// <param name="names">In an order that is the same each time.</param>
    public static NameIndex Of(IEnumerable<ListedName> names)
    {
        var byLook = new Dictionary<string, List<ListedName>>(StringComparer.Ordinal);
        foreach (var name in names.Where(static name => name.Look.Length > 0))
        {
            if (!byLook.TryGetValue(name.Look, out var alike))
            {
                byLook[name.Look] = alike = [];
            }

            if (alike.Count < MostOfOneLook && !alike.Contains(name))
            {
                alike.Add(name);
            }
        }

        return new NameIndex(byLook.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>What this tool can be taken for: other spellings of its look first, then the same name on other servers.</summary>
    /// <param name="server">The server of the tool.</param>
    /// <param name="tool">Its name.</param>
    public IReadOnlyList<Namesake> Of(string server, string tool) => !byLook.TryGetValue(DefinitionScan.Skeleton(tool), out var alike) ? [] :
    [
        .. alike.Where(other => other.Server != server || other.Tool != tool)
            .Select(other => new Namesake(other.Server, other.Tool, string.Equals(other.Tool, tool, StringComparison.Ordinal))).OrderBy(static other => other.IsSame),
    ];
}
