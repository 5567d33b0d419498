using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary><c>prefixItems</c> and <c>items</c>, or their draft-07 forms.</summary>
internal sealed class ItemsRule(SchemaNode[] first, SchemaNode? rest) : SchemaRule(ValueKinds.Array)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var schema = index < first.Length ? first[index] : rest;
            if (schema is null)
            {
                return true;
            }

            run.Trail?.Push(index);
            if (!run.Spend(item, 1) || !schema.Check(item, null, ref run))
            {
                return false;
            }

            run.Trail?.Pop();
            if (marks is not null)
            {
                marks[index] = true;
            }

            index++;
        }

        return true;
    }
}

/// <summary><c>minItems</c>, <c>maxItems</c> and <c>uniqueItems</c>.</summary>
internal sealed class ArraySizeRule(long least, long most, bool unique) : SchemaRule(ValueKinds.Array)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var length = value.GetArrayLength();
        if (length < least)
        {
            return run.Trail?.Refuse(value, FindingRank.Value, $"an array of at least {Shown.Count(least, "item")}") ?? false;
        }

        if (length > most)
        {
            return run.Trail?.Refuse(value, FindingRank.Value, $"an array of at most {Shown.Count(most, "item")}") ?? false;
        }

        if (!unique || length < 2 || JsonEquality.AllDiffer(value, ref run))
        {
            return true;
        }

        return !run.IsStopped && (run.Trail?.Refuse(value, FindingRank.Value, "an array without two equal items") ?? false);
    }
}

/// <summary><c>contains</c> with <c>minContains</c> and <c>maxContains</c>.</summary>
internal sealed class ContainsRule(SchemaNode schema, long least, long most) : SchemaRule(ValueKinds.Array)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var (index, count) = (0, 0L);
        foreach (var item in value.EnumerateArray())
        {
            var fits = run.Spend(item, 1) && Branch.Holds(schema, item, null, ref run, null);
            if (run.IsStopped)
            {
                return false;
            }

            count += fits ? 1 : 0;
            if (fits && marks is not null)
            {
                marks[index] = true;
            }

            index++;
        }

        if (count >= least && count <= most)
        {
            return true;
        }

        var (bound, word) = count < least ? (least, "least") : (most, "most");
        return run.Trail?.Refuse(value, FindingRank.Value, $"an array with at {word} {Shown.Count(bound, "item")} of the kind that `contains` asks for") ?? false;
    }
}

/// <summary><c>unevaluatedItems</c>: what every other rule left over.</summary>
internal sealed class RestOfItemsRule(SchemaNode schema) : SchemaRule(ValueKinds.Array)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (marks is null || !marks[index])
            {
                run.Trail?.Push(index);
                if (!run.Spend(item, 1) || !schema.Check(item, null, ref run))
                {
                    return false;
                }

                run.Trail?.Pop();
            }

            index++;
        }

        marks?.AsSpan().Fill(true);
        return true;
    }
}
