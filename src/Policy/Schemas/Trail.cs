using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>How far a value got: a wrong kind says less than a wrong value, and both less than a branch that was entered.</summary>
internal enum FindingRank
{
    Kind,
    Value,
    Other,
}

/// <summary>What did not fit, and where.</summary>
internal readonly record struct Finding(int Depth, FindingRank Rank, string Argument, string Expected, string Came);

/// <summary>The way from the arguments to the value at hand, and the last thing found not to fit.</summary>
internal sealed class Trail
{
    private const int MostAlternatives = 4;
    private const int MostPath = 200;
    private const int MostTold = 10_000; // past them no branch can tell more, and texts cost more than steps

    private static readonly Finding Untold = new(0, FindingRank.Other, "args", "a value that the schema accepts", "one that fits no branch of it");

    private readonly List<(string Step, bool IsSecret)> parts = [];
    private int told;

    public Finding? Found { get; private set; }

    private string Here
    {
        get
        {
            var path = "args" + string.Concat(parts.Select(part => part.Step));
            return path.Length <= MostPath ? path : string.Concat(path.AsSpan(0, MostPath), "…");
        }
    }

    public int Depth => parts.Count;

    public void Push(ReadOnlySpan<byte> name)
    {
        var text = Encoding.UTF8.GetString(name);
        parts.Add((Shown.Step(text), Shown.IsSecret(text)));
    }

    public void Push(int index) => parts.Add((string.Create(CultureInfo.InvariantCulture, $"[{index}]"), false));

    /// <summary>Back to where a branch began: a rule that fails leaves the trail where it is.</summary>
    public void Return(int depth) => parts.RemoveRange(depth, parts.Count - depth);

    public void Pop() => parts.RemoveAt(parts.Count - 1);

    /// <summary>Always false: for the statement that ends a rule.</summary>
    public bool Refuse(JsonElement value, FindingRank rank, string expected, string? came = null)
    {
        if (++told > MostTold)
        {
            Found = Untold;
            return false;
        }

        Tell(value, rank, expected, came);
        return false;
    }

    /// <summary>As <see cref="Refuse"/>, and however much was told before: for what ends the check.</summary>
    public void Tell(JsonElement value, FindingRank rank, string expected, string? came = null) =>
        Found = new Finding(parts.Count, rank, Here, expected, came ?? Shown.Value(value, parts.Exists(part => part.IsSecret)));

    /// <summary>For a member that is not there, or should not be.</summary>
    public bool RefuseMember(ReadOnlySpan<byte> name, string expected, string? came, JsonElement value = default)
    {
        Push(name);
        Refuse(value, FindingRank.Other, expected, came);
        Pop();
        return false;
    }

    public Finding? Take()
    {
        var found = Found;
        Found = null;
        return found;
    }

    /// <summary>Always false. Names the branch the value got furthest in, or what the branches want between them.</summary>
    public bool RefuseBranches(JsonElement value, List<Finding> findings)
    {
        var furthest = findings.Select(one => (one.Depth, one.Rank)).DefaultIfEmpty().Max();
        var top = findings.Where(one => (one.Depth, one.Rank) == furthest).ToList();
        var wanted = top.Select(one => one.Expected).Distinct(StringComparer.Ordinal).ToList();
        var arguments = top.Select(one => one.Argument).Distinct(StringComparer.Ordinal).Count();
        if (arguments == 1 && wanted.Count <= MostAlternatives)
        {
            Found = top[0] with { Expected = string.Join(" or ", wanted) };
            return false;
        }

        return Refuse(value, FindingRank.Value, $"a value that fits one of {findings.Count} alternatives");
    }
}
