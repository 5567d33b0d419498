using System.Buffers;
using System.Text.Json;

namespace Callgate.Catalogue;

/// <summary>One difference between two definitions.</summary>
/// <param name="Place">Where, as a JSON Pointer; empty for the whole.</param>
/// <param name="Before">What stood there; null where there was nothing.</param>
/// <param name="After">What stands there now; null where there is nothing any more.</param>
public sealed record DefinitionChange(string Place, JsonElement? Before, JsonElement? After);

/// <summary>What differs between the reviewed definition of a tool and another one, for people who have to accept it.</summary>
public static class DefinitionDiff
{
    /// <summary>
    /// The differences in the order of the documents, those of <paramref name="before"/> first. Empty exactly when both have
    /// the same <see cref="Fingerprint"/>.
    /// </summary>
    /// <param name="before">The reviewed definition.</param>
    /// <param name="after">The other one.</param>
    public static IReadOnlyList<DefinitionChange> Compare(JsonElement before, JsonElement after)
    {
        var changes = new List<DefinitionChange>();
        Compare("", before, after, changes);
        return changes;
    }

    private static void Compare(string place, JsonElement before, JsonElement after, List<DefinitionChange> changes)
    {
        if (IsSame(before, after))
        {
            return;
        }

        switch (before.ValueKind, after.ValueKind)
        {
            case (JsonValueKind.Object, JsonValueKind.Object):
                Members(place, before, after, changes);
                break;
            case (JsonValueKind.Array, JsonValueKind.Array) when AreWords(before) && AreWords(after):
                Words(place, before, after, changes);
                break;
            case (JsonValueKind.Array, JsonValueKind.Array):
                Items(place, before, after, changes);
                break;
            default:
                changes.Add(new DefinitionChange(place, before, after));
                break;
        }
    }

    private static void Members(string place, JsonElement before, JsonElement after, List<DefinitionChange> changes)
    {
        var now = after.EnumerateObject().ToDictionary(static member => member.Name, static member => member.Value, StringComparer.Ordinal);
        foreach (var member in before.EnumerateObject())
        {
            if (now.Remove(member.Name, out var value))
            {
                Compare(Below(place, member.Name), member.Value, value, changes);
            }
            else
            {
                changes.Add(new DefinitionChange(Below(place, member.Name), member.Value, null));
            }
        }

        changes.AddRange(after.EnumerateObject().Where(member => now.ContainsKey(member.Name)).Select(member => new DefinitionChange(Below(place, member.Name), null, member.Value)));
    }

    /// <summary>Lists of names, such as <c>required</c> and <c>enum</c>: what is in them says more than where.</summary>
    private static void Words(string place, JsonElement before, JsonElement after, List<DefinitionChange> changes)
    {
        var (old, young) = (Set(before), Set(after));
        if (old.SetEquals(young))
        {
            changes.Add(new DefinitionChange(place, before, after));
            return;
        }

        changes.AddRange(before.EnumerateArray().Where(word => !young.Contains(word.GetString()!)).Select(word => new DefinitionChange(place, word, null)));
        changes.AddRange(after.EnumerateArray().Where(word => !old.Contains(word.GetString()!)).Select(word => new DefinitionChange(place, null, word)));
    }

    private static void Items(string place, JsonElement before, JsonElement after, List<DefinitionChange> changes)
    {
        var (old, young) = (before.EnumerateArray().ToList(), after.EnumerateArray().ToList());
        for (var at = 0; at < Math.Max(old.Count, young.Count); at++)
        {
            var below = Below(place, at.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (at >= old.Count)
            {
                changes.Add(new DefinitionChange(below, null, young[at]));
            }
            else if (at >= young.Count)
            {
                changes.Add(new DefinitionChange(below, old[at], null));
            }
            else
            {
                Compare(below, old[at], young[at], changes);
            }
        }
    }

    /// <summary>As fingerprints compare: by canonical form.</summary>
    private static bool IsSame(JsonElement one, JsonElement other)
    {
        var (left, right) = (new ArrayBufferWriter<byte>(256), new ArrayBufferWriter<byte>(256));
        CanonicalJson.Write(one, left);
        CanonicalJson.Write(other, right);
        return left.WrittenSpan.SequenceEqual(right.WrittenSpan);
    }

    /// <summary>Words that differ from each other.</summary>
    private static bool AreWords(JsonElement array) =>
        array.EnumerateArray().All(static item => item.ValueKind == JsonValueKind.String) && Set(array).Count == array.GetArrayLength();

    private static HashSet<string> Set(JsonElement array) => array.EnumerateArray().Select(static item => item.GetString()!).ToHashSet(StringComparer.Ordinal);

    private static string Below(string place, string name) => $"{place}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}";
}
