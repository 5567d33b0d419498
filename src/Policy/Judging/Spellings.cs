using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Judging;

/// <summary>
/// Whether the names of a call's arguments differ in more than case: found once for a judgement, since most conditions read a
/// name that is there. A judgement runs on one thread to its end, so what was found is kept there.
/// </summary>
internal static class Spellings
{
    private const int MostCompared = 64;

    [ThreadStatic]
    private static bool? distinct;

    public static void Begin() => distinct = null;

    /// <summary>False also where it would take long to tell.</summary>
    public static bool AreDistinct(JsonElement arguments) => distinct ??= Find(arguments);

    private static bool Find(JsonElement arguments)
    {
        Span<ulong> seen = stackalloc ulong[MostCompared];
        var count = 0;
        foreach (var property in arguments.EnumerateObject())
        {
            var name = JsonMarshal.GetRawUtf8PropertyName(property);
            if (count == MostCompared || !Ascii.IsValid(name) || name.Contains((byte)'\\'))
            {
                return false;
            }

            var hash = Hash(name);
            if (seen[..count].Contains(hash))
            {
                return false;
            }

            seen[count++] = hash;
        }

        return true;
    }

    /// <summary>Equal for names that differ in case alone; that two others share one costs time and nothing else.</summary>
    private static ulong Hash(ReadOnlySpan<byte> name)
    {
        var hash = 14_695_981_039_346_656_037;
        foreach (var unit in name)
        {
            hash = (hash ^ (uint)(unit | 0x20)) * 1_099_511_628_211;
        }

        return hash;
    }
}
