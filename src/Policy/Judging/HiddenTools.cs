using System.Collections.Frozen;
using System.Collections.Immutable;
using Callgate.Policy.Binding;

namespace Callgate.Policy.Judging;

/// <summary>What <c>hide</c> names. The first element in document order that matches a name is the one a record names.</summary>
internal sealed class HiddenTools
{
    private readonly Decision? all;
    private readonly FrozenDictionary<string, Decision> names;
    private readonly ImmutableArray<(string Pattern, Decision Decision)> globs;

    public HiddenTools(PolicyModel model)
    {
        all = model.HideAll is { } node ? Hide(node.Pointer) : null;
        var patterns = model.Hidden.Select(hidden => (hidden.Pattern, Decision: Hide(hidden.Node.Pointer))).ToList();

        // A glob that stands before a name and matches it comes first, so the answer is settled here and not per call.
        names = patterns
            .Select(hidden => hidden.Pattern.ExactName)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .ToFrozenDictionary(name => name, name => patterns.First(hidden => hidden.Pattern.Matches(name)).Decision, StringComparer.Ordinal);
        globs = [.. patterns.Where(hidden => hidden.Pattern.ExactName is null).Select(hidden => (hidden.Pattern.Text, hidden.Decision))];
    }

    public Decision? Find(string tool)
    {
        if (all is not null)
        {
            return all;
        }

        if (names.TryGetValue(tool, out var named))
        {
            return named;
        }

        foreach (var (pattern, decision) in globs)
        {
            if (Glob.Matches(pattern, tool))
            {
                return decision;
            }
        }

        return null;
    }

    private static Decision Hide(string rule) => new(Effect.Hide, DecisionCodes.ToolHidden, rule, null, []);
}
