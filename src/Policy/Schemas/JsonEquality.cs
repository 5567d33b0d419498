using System.Text.Json;
using Callgate.Policy.Judging;

namespace Callgate.Policy.Schemas;

/// <summary>
/// Equality of JSON values: numbers by exact value, strings by code points, arrays in order, objects in any order. A number
/// that is not exact equals nothing and nothing differs from it: it stops the check.
/// </summary>
internal static class JsonEquality
{
    public static bool Same(JsonElement left, JsonElement right, ref Evaluation run)
    {
        var same = run.Enter(left) && left.ValueKind == right.ValueKind && left.ValueKind switch
        {
            JsonValueKind.String => SameText(left, right, ref run),
            JsonValueKind.Number => SameNumber(left, right, ref run),
            JsonValueKind.Array => SameItems(left, right, ref run),
            JsonValueKind.Object => SameMembers(left, right, ref run),
            _ => true,
        };
        run.Leave();
        return same;
    }

    /// <summary>Whether no two items are the same value. Alike items are found by their hash, so that long lists end.</summary>
    public static bool AllDiffer(JsonElement array, ref Evaluation run)
    {
        var items = new JsonElement[array.GetArrayLength()];
        var hashes = new ulong[items.Length];
        var count = 0;
        foreach (var item in array.EnumerateArray())
        {
            items[count] = item;
            hashes[count++] = Hash(item, ref run);
            if (run.IsStopped)
            {
                return false;
            }
        }

        Array.Sort(hashes, items);
        for (var i = 0; i < count; i++)
        {
            for (var j = i + 1; j < count && hashes[j] == hashes[i]; j++)
            {
                if (Same(items[i], items[j], ref run) || run.IsStopped)
                {
                    return false;
                }
            }
        }

        return true;
    }

    private static bool SameText(JsonElement left, JsonElement right, ref Evaluation run)
    {
        var (length, other) = (JsonText.Length(left), JsonText.Length(right));
        return run.SpendText(left, length + other) && JsonText.Utf8(left).SequenceEqual(JsonText.Utf8(right));
    }

    private static bool SameNumber(JsonElement left, JsonElement right, ref Evaluation run)
    {
        var exact = ExactNumber.TryRead(JsonText.Number(left), out var one) & ExactNumber.TryRead(JsonText.Number(right), out var other);
        return exact ? one == other : run.StopAtInexact(left);
    }

    private static bool SameItems(JsonElement left, JsonElement right, ref Evaluation run)
    {
        if (left.GetArrayLength() != right.GetArrayLength())
        {
            return false;
        }

        using var others = right.EnumerateArray();
        foreach (var item in left.EnumerateArray())
        {
            if (!others.MoveNext() || !Same(item, others.Current, ref run))
            {
                return false;
            }
        }

        return true;
    }

    private static bool SameMembers(JsonElement left, JsonElement right, ref Evaluation run)
    {
        if (left.GetPropertyCount() != right.GetPropertyCount())
        {
            return false;
        }

        var look = JsonText.Length(right);

        foreach (var member in left.EnumerateObject())
        {
            if (!run.SpendText(left, look) || !right.TryGetProperty(JsonText.Name(member), out var other) || !Same(member.Value, other, ref run))
            {
                return false;
            }
        }

        return true;
    }

    private static ulong Hash(JsonElement value, ref Evaluation run)
    {
        var hash = run.Enter(value) && run.SpendText(value, JsonText.Length(value)) ? (ulong)value.ValueKind : 0;
        if (!run.IsStopped)
        {
            hash = value.ValueKind switch
            {
                JsonValueKind.String => Hash(JsonText.Utf8(value)),
                JsonValueKind.Number => HashNumber(value, ref run),
                JsonValueKind.Array => HashItems(value, ref run),
                JsonValueKind.Object => HashMembers(value, ref run),
                _ => hash,
            };
        }

        run.Leave();
        return hash;
    }

    private static ulong HashNumber(JsonElement value, ref Evaluation run)
    {
        if (ExactNumber.TryRead(JsonText.Number(value), out var number))
        {
            return (uint)number.GetHashCode();
        }

        run.StopAtInexact(value);
        return 0;
    }

    private static ulong HashItems(JsonElement array, ref Evaluation run)
    {
        const ulong Spread = 0x9E37_79B9_7F4A_7C15;
        var hash = (ulong)JsonValueKind.Array;
        foreach (var item in array.EnumerateArray())
        {
            hash = (hash * Spread) + Hash(item, ref run);
            if (run.IsStopped)
            {
                break;
            }
        }

        return hash;
    }

    private static ulong HashMembers(JsonElement value, ref Evaluation run)
    {
        var hash = (ulong)JsonValueKind.Object;
        foreach (var member in value.EnumerateObject())
        {
            hash += Hash(JsonText.Name(member)) * (Hash(member.Value, ref run) | 1);
            if (run.IsStopped)
            {
                break;
            }
        }

        return hash;
    }

    // FNV-1a: seeded hashes would differ from process to process, and with them the steps of a check.
    private static ulong Hash(ReadOnlySpan<byte> text)
    {
        var hash = 14_695_981_039_346_656_037UL;
        foreach (var unit in text)
        {
            hash = (hash ^ unit) * 1_099_511_628_211UL;
        }

        return hash;
    }
}
