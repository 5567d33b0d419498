using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Judging;

/// <summary>Where a fact comes from.</summary>
internal enum FactRoot
{
    Arguments,
    GrantLabel,
    GrantIdentity,
    GrantAttributes,
    ServerName,
    ToolName,
    ToolCategory,
    ClientName,
    Hour,
    Weekday,
}

/// <summary>One step of a path: a name, an index, or every element.</summary>
/// <param name="Name">Null for an index and for <c>[*]</c>.</param>
/// <param name="Index">-1 for <c>[*]</c>.</param>
internal sealed record PathStep(string? Name, int Index)
{
    public static PathStep Each { get; } = new(null, -1);

    public byte[] Utf8Name { get; } = Encoding.UTF8.GetBytes(Name ?? "");

    public bool IsEach => Name is null && Index < 0;

    // The bytes are the name again, and no two arrays are equal.
    public bool Equals(PathStep? other) => other is not null && Index == other.Index && string.Equals(Name, other.Name, StringComparison.Ordinal);

    public override int GetHashCode() => HashCode.Combine(Name, Index);
}

/// <summary>A path of the language: <c>args.items[*].id</c>.</summary>
internal sealed record FactPath(FactRoot Root, ImmutableArray<PathStep> Steps, string Text)
{
    public const int LongestPath = 1_024;

    private static readonly ImmutableArray<string> Weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    private static readonly ImmutableArray<(string Name, FactRoot Root)> Roots =
    [
        ("args", FactRoot.Arguments), ("grant.label", FactRoot.GrantLabel), ("grant.identity", FactRoot.GrantIdentity),
        ("grant.attributes", FactRoot.GrantAttributes), ("server.name", FactRoot.ServerName), ("tool.name", FactRoot.ToolName),
        ("tool.category", FactRoot.ToolCategory), ("client.name", FactRoot.ClientName), ("time.hour", FactRoot.Hour),
        ("time.weekday", FactRoot.Weekday),
    ];

    public bool HasEach => Steps.Any(step => step.IsEach);

    public static IEnumerable<string> RootNames => Roots.Select(root => root.Name);

    /// <summary>The name of the argument it reads, where it reads one by name; null otherwise.</summary>
    public string? Argument => Root == FactRoot.Arguments && Steps is [{ Name: { } name }, ..] ? name : null;

    /// <summary>Null with a fault for what is no path.</summary>
    public static FactPath? Parse(string text, out string fault)
    {
        fault = "";
        if (text.Length > LongestPath)
        {
            fault = $"is longer than {LongestPath} characters";
            return null;
        }

        foreach (var (name, root) in Roots)
        {
            if (text.StartsWith(name, StringComparison.Ordinal) && (text.Length == name.Length || text[name.Length] is '.' or '['))
            {
                return ParseSteps(text, name.Length, out fault) is { } steps ? new FactPath(root, steps, text) : null;
            }
        }

        fault = "does not begin with " + string.Join(", ", Roots.Select(root => $"`{root.Name}`"));
        return null;
    }

    public Fact Start(in CallFacts facts) => Root switch
    {
        FactRoot.Arguments => facts.Arguments.ValueKind == JsonValueKind.Undefined ? new Fact(NoArguments) : Fact.OfArguments(facts.Arguments),
        FactRoot.GrantLabel => new Fact(facts.Caller?.GrantLabel),
        FactRoot.GrantIdentity => new Fact(facts.Caller?.Identity),
        FactRoot.GrantAttributes => new Fact(facts.Caller?.Attributes),
        FactRoot.ServerName => new Fact(facts.Caller?.Server),
        FactRoot.ToolName => new Fact(facts.Tool),
        FactRoot.ToolCategory => new Fact(facts.Category is { } category ? NameOf(category) : null),
        FactRoot.ClientName => new Fact(facts.Caller?.Client),
        FactRoot.Hour => new Fact(ExactNumber.FromInt64(facts.Now.UtcDateTime.Hour)),
        _ => new Fact(Weekdays[(int)facts.Now.UtcDateTime.DayOfWeek]),
    };

    /// <summary>The one value a path without <c>[*]</c> leads to.</summary>
    public Fact Read(in CallFacts facts)
    {
        var at = Start(facts);
        foreach (var step in Steps)
        {
            at = Follow(at, step);
        }

        return at;
    }

    public static Fact Follow(in Fact at, PathStep step) => step.Name is { } name ? at.Member(name, step.Utf8Name) : at.Element(step.Index);

    public bool Equals(FactPath? other) => other is not null && Root == other.Root && Steps.AsSpan().SequenceEqual(other.Steps.AsSpan());

    public override int GetHashCode() => HashCode.Combine(Root, Steps.Length);

    private static IReadOnlyDictionary<string, string> NoArguments { get; } = ImmutableDictionary<string, string>.Empty;

    private static string NameOf(ToolCategory category) => category switch
    {
        ToolCategory.Read => nameof(ToolCategory.Read),
        ToolCategory.Write => nameof(ToolCategory.Write),
        ToolCategory.Execute => nameof(ToolCategory.Execute),
        ToolCategory.Destructive => nameof(ToolCategory.Destructive),
        ToolCategory.Financial => nameof(ToolCategory.Financial),
        _ => nameof(ToolCategory.Other),
    };

    private static ImmutableArray<PathStep>? ParseSteps(string text, int at, out string fault)
    {
        var steps = ImmutableArray.CreateBuilder<PathStep>();
        fault = "";
        while (at < text.Length)
        {
            var step = text[at] == '.' ? Name(text, ref at) : Bracket(text, ref at);
            if (step is null)
            {
                fault = $"cannot be read from character {(at + 1).ToString(CultureInfo.InvariantCulture)} on";
                return null;
            }

            steps.Add(step);
        }

        return steps.ToImmutable();
    }

    private static PathStep? Name(string text, ref int at)
    {
        var end = at + 1;
        while (end < text.Length && (char.IsAsciiLetter(text[end]) || text[end] == '_' || (end > at + 1 && (char.IsAsciiDigit(text[end]) || text[end] == '-'))))
        {
            end++;
        }

        if (end == at + 1)
        {
            return null;
        }

        var name = text[(at + 1)..end];
        at = end;
        return end == text.Length || text[end] is '.' or '[' ? new PathStep(name, 0) : null;
    }

    private static PathStep? Bracket(string text, ref int at)
    {
        if (text[at] != '[')
        {
            return null;
        }

        if (at + 1 < text.Length && text[at + 1] == '"')
        {
            return Quoted(text, ref at);
        }

        var end = text.IndexOf(']', at);
        if (end < 0)
        {
            return null;
        }

        var inside = text.AsSpan(at + 1, end - at - 1);
        var isIndex = int.TryParse(inside, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && (inside.Length == 1 || inside[0] != '0');
        if (!isIndex && inside is not "*")
        {
            return null;
        }

        at = end + 1;
        return isIndex ? new PathStep(null, index) : PathStep.Each;
    }

    private static PathStep? Quoted(string text, ref int at)
    {
        var end = at + 2;
        while (end < text.Length && text[end] != '"')
        {
            end += text[end] == '\\' ? 2 : 1;
        }

        if (end + 1 >= text.Length || text[end + 1] != ']')
        {
            return null;
        }

        try
        {
            var name = JsonSerializer.Deserialize(text.AsSpan(at + 1, end - at), PathNames.Default.String)!;
            at = end + 2;
            return new PathStep(name, 0);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return null;
        }
    }
}

/// <summary>Reads the JSON strings in paths.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class PathNames : System.Text.Json.Serialization.JsonSerializerContext;
