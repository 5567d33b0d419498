using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>
/// One check on its way: what may still be spent, how deep it is, and, when a mismatch is to be told, the trail to it.
/// Bounds count steps and never time, so that equal arguments give equal answers.
/// </summary>
internal struct Evaluation(Trail? trail)
{
    /// <summary>A member, an item, a schema applied to a value, or some text looked at is a step each.</summary>
    public const long MostSteps = 1_000_000;

    /// <summary>Schemas applied within each other.</summary>
    public const int MostDepth = 256;

    private long left = MostSteps;
    private int depth;

    /// <summary>Null while the check only answers yes or no.</summary>
    public readonly Trail? Trail => trail;

    /// <summary>Whether the answer cannot be known. Then no branch can save it: the value is refused.</summary>
    public bool IsStopped { get; private set; }

    public readonly long Left => left;

    public bool Spend(JsonElement value, long steps)
    {
        left -= steps;
        return left >= 0 || Stop(value, "a value that can be checked within bounds");
    }

    /// <summary>For text that a rule looks through, which a repeated rule would look through as often.</summary>
    /// <param name="value">What the text belongs to.</param>
    /// <param name="bytes">Its length in UTF-8.</param>
    public bool SpendText(JsonElement value, long bytes)
    {
        const int BytesPerStep = 256;
        return bytes < BytesPerStep || Spend(value, bytes / BytesPerStep);
    }

    public bool Enter(JsonElement value)
    {
        depth++;
        return Spend(value, 1) && (depth <= MostDepth || Stop(value, "a value that can be checked within bounds"));
    }

    public void Leave() => depth--;

    /// <summary>Always false: for the statement that ends a rule.</summary>
    public bool Stop(JsonElement value, string expected)
    {
        if (!IsStopped)
        {
            IsStopped = true;
            trail?.Tell(value, FindingRank.Other, expected);
        }

        return false;
    }

    /// <summary>Always false. A number beyond the exact ones has no place among the numbers of a schema.</summary>
    public bool StopAtInexact(JsonElement value) =>
        Stop(value, "a number of at most 28 significant digits with an exponent within ±28");
}
