using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Callgate.Policy.Binding;

/// <summary>
/// Which entry applies to a name (policy language, Which entry applies): the exact name, else the matching glob with the
/// most literal code points. Allocates nothing to look up.
/// </summary>
internal sealed class PatternIndex<T>
    where T : class
{
    private readonly FrozenDictionary<string, T> names;
    private readonly ImmutableArray<(string Pattern, T Value)> globs;

    public PatternIndex(IReadOnlyCollection<(GlobPattern Pattern, T Value)> entries)
    {
        names = entries
            .Where(entry => entry.Pattern.ExactName is not null)
            .DistinctBy(entry => entry.Pattern.ExactName, StringComparer.Ordinal)
            .ToFrozenDictionary(entry => entry.Pattern.ExactName!, entry => entry.Value, StringComparer.Ordinal);
        globs =
        [
            .. entries
                .Where(entry => entry.Pattern.ExactName is null)
                .OrderByDescending(entry => entry.Pattern.LiteralCount)
                .Select(entry => (entry.Pattern.Text, entry.Value)),
        ];
    }

    public T? FindExact(string name) => names.GetValueOrDefault(name);

    public T? FindGlob(string name)
    {
        foreach (var (pattern, value) in globs)
        {
            if (Glob.Matches(pattern, name))
            {
                return value;
            }
        }

        return null;
    }
}
