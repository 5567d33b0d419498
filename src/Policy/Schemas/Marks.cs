using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>Which members or items of one value were judged: one mark each, in document order.</summary>
internal static class Marks
{
    /// <summary>None set; null for a value that has no parts.</summary>
    public static bool[]? For(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => new bool[value.GetPropertyCount()],
        JsonValueKind.Array => new bool[value.GetArrayLength()],
        _ => null,
    };

    /// <summary>For a branch, whose marks count only when it holds.</summary>
    public static bool[]? Branch(bool[]? marks, JsonElement value, ref Evaluation run)
    {
        if (marks is null)
        {
            return null;
        }

        run.Spend(value, marks.Length);
        return new bool[marks.Length];
    }

    public static void Merge(bool[]? from, bool[]? into)
    {
        if (from is null || into is null)
        {
            return;
        }

        for (var i = 0; i < from.Length; i++)
        {
            into[i] |= from[i];
        }
    }
}
