using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary><c>$ref</c>, <c>allOf</c>, and anything else whose schemas all hold for the same value.</summary>
internal sealed class AllOfRule(SchemaNode[] schemas) : SchemaRule(ValueKinds.Any)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        foreach (var schema in schemas)
        {
            if (!schema.Check(value, marks, ref run))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary><c>anyOf</c>.</summary>
internal sealed class AnyOfRule(SchemaNode[] schemas) : SchemaRule(ValueKinds.Any)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var findings = run.Trail is null ? null : new List<Finding>();
        var any = false;
        foreach (var schema in schemas)
        {
            if (Branch.Holds(schema, value, marks, ref run, findings))
            {
                any = true;
            }

            // With marks every branch counts: each that holds judges members of its own.
            if (run.IsStopped || (any && marks is null))
            {
                break;
            }
        }

        return !run.IsStopped && (any || (run.Trail?.RefuseBranches(value, findings!) ?? false));
    }
}

/// <summary><c>oneOf</c>.</summary>
internal sealed class OneOfRule(SchemaNode[] schemas) : SchemaRule(ValueKinds.Any)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var findings = run.Trail is null ? null : new List<Finding>();
        var count = 0;
        foreach (var schema in schemas)
        {
            count += Branch.Holds(schema, value, marks, ref run, findings) ? 1 : 0;
            if (run.IsStopped || count > 1)
            {
                break;
            }
        }

        if (run.IsStopped || count == 1)
        {
            return !run.IsStopped;
        }

        return count == 0
            ? run.Trail?.RefuseBranches(value, findings!) ?? false
            : run.Trail?.Refuse(value, FindingRank.Other, $"a value that fits only one of {schemas.Length} alternatives, not several") ?? false;
    }
}

/// <summary><c>not</c>.</summary>
internal sealed class NotRule(SchemaNode schema) : SchemaRule(ValueKinds.Any)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        // What holds inside judges nothing outside, so it has no marks.
        var held = Branch.Holds(schema, value, null, ref run, null);
        return !run.IsStopped && (!held || (run.Trail?.Refuse(value, FindingRank.Value, "a value that `not` does not rule out") ?? false));
    }
}

/// <summary><c>if</c>, <c>then</c> and <c>else</c>.</summary>
internal sealed class IfRule(SchemaNode condition, SchemaNode? then, SchemaNode? otherwise) : SchemaRule(ValueKinds.Any)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var held = Branch.Holds(condition, value, marks, ref run, null);
        return !run.IsStopped && ((held ? then : otherwise)?.Check(value, marks, ref run) ?? true);
    }
}

/// <summary>A schema that may fail without the whole failing.</summary>
internal static class Branch
{
    public static bool Holds(SchemaNode schema, JsonElement value, bool[]? marks, ref Evaluation run, List<Finding>? findings)
    {
        var own = Marks.Branch(marks, value, ref run);
        var depth = run.Trail?.Depth ?? 0;
        var held = schema.Check(value, own, ref run);
        if (held)
        {
            Marks.Merge(own, marks);
        }
        else if (!run.IsStopped && run.Trail is { } trail)
        {
            trail.Return(depth);
            if (trail.Take() is { } found)
            {
                findings?.Add(found);
            }
        }

        return held;
    }
}
