using System.Collections.Immutable;
using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>One schema, ready to judge. Schemas may refer to each other in circles, so its rules come after it is made.</summary>
internal sealed class SchemaNode
{
    private ImmutableArray<SchemaRule> rules = [];
    private bool marksOwn;

    /// <summary>Whether every value fits.</summary>
    public bool AcceptsAll => rules.IsEmpty;

    /// <summary>Whether no value fits, by its being <c>false</c>.</summary>
    public bool AcceptsNone => rules is [NothingRule];

    /// <param name="ordered">The rules in the order they are judged.</param>
    /// <param name="asksForRest">Whether the last of them judges what the others left over.</param>
    public void Complete(ImmutableArray<SchemaRule> ordered, bool asksForRest)
    {
        rules = ordered;
        marksOwn = asksForRest;
    }

    public bool Check(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        if (rules.IsEmpty)
        {
            return true;
        }

        var holds = run.Enter(value) && Judge(value, marks, ref run);
        run.Leave();
        return holds;
    }

    private bool Judge(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        // What stands beside or around this schema does not count as judged in it (2020-12 core, 11).
        var own = marksOwn ? Marks.For(value) : marks;
        if (marksOwn && own is not null && !run.Spend(value, own.Length))
        {
            return false;
        }

        var kind = ValueKindWords.Of(value);
        foreach (var rule in rules)
        {
            if ((rule.AppliesTo & kind) != 0 && !rule.Holds(value, own, ref run))
            {
                return false;
            }
        }

        if (marksOwn)
        {
            Marks.Merge(own, marks);
        }

        return true;
    }
}
