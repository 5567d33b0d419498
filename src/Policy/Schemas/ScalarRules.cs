using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Schemas;

/// <summary>The schema <c>false</c>.</summary>
internal sealed class NothingRule() : SchemaRule(ValueKinds.Any)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run) =>
        run.Trail?.Refuse(value, FindingRank.Other, "no value here") ?? false;
}

/// <summary><c>type</c>.</summary>
internal sealed class TypeRule(ValueKinds kinds) : SchemaRule(ValueKinds.Any)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var kind = ValueKindWords.Of(value);
        if ((kinds & kind) != 0)
        {
            return true;
        }

        if (kind == ValueKinds.Number && kinds.HasFlag(ValueKinds.Integer))
        {
            if (!ExactNumber.TryRead(JsonText.Number(value), out var number))
            {
                return run.StopAtInexact(value);
            }

            if (number.IsInteger)
            {
                return true;
            }
        }

        return run.Trail?.Refuse(value, FindingRank.Kind, ValueKindWords.Phrase(kinds)) ?? false;
    }
}

/// <summary><c>multipleOf</c> and the bounds of numbers.</summary>
internal sealed class NumberRule : SchemaRule
{
    public NumberRule()
        : base(ValueKinds.Number)
    {
    }

    public ExactNumber? MultipleOf { get; init; }

    public ExactNumber? Maximum { get; init; }

    public ExactNumber? ExclusiveMaximum { get; init; }

    public ExactNumber? Minimum { get; init; }

    public ExactNumber? ExclusiveMinimum { get; init; }

    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        if (!ExactNumber.TryRead(JsonText.Number(value), out var number))
        {
            return run.StopAtInexact(value);
        }

        var fits = !(number > Maximum) && !(number >= ExclusiveMaximum) && !(number < Minimum) && !(number <= ExclusiveMinimum)
            && (MultipleOf is not { } divisor || number.IsMultipleOf(divisor));
        return fits || (run.Trail?.Refuse(value, FindingRank.Value, Expected(number)) ?? false);
    }

    private string Expected(ExactNumber number) => number switch
    {
        _ when number > Maximum => $"a number of at most {Maximum}",
        _ when number >= ExclusiveMaximum => $"a number below {ExclusiveMaximum}",
        _ when number < Minimum => $"a number of at least {Minimum}",
        _ when number <= ExclusiveMinimum => $"a number above {ExclusiveMinimum}",
        _ => $"a multiple of {MultipleOf}",
    };
}

/// <summary><c>minLength</c> and <c>maxLength</c>, in code points.</summary>
internal sealed class LengthRule(long least, long most) : SchemaRule(ValueKinds.String)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var text = JsonText.Utf8(value);
        if (!run.SpendText(value, text.Length))
        {
            return false;
        }

        var length = JsonText.CodePoints(text);
        if (length >= least && length <= most)
        {
            return true;
        }

        var (bound, word) = length < least ? (least, "least") : (most, "most");
        return run.Trail?.Refuse(value, FindingRank.Value, $"a string of at {word} {Shown.Count(bound, "character")}") ?? false;
    }
}

/// <summary><c>pattern</c>.</summary>
internal sealed class PatternRule(string source, LinearPattern pattern) : SchemaRule(ValueKinds.String)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run) =>
        TextMatch.Holds(pattern, JsonText.Utf8(value), value, ref run)
        || (!run.IsStopped && (run.Trail?.Refuse(value, FindingRank.Value, $"a string that matches {Quote.User(source)}") ?? false));
}

/// <summary>A pattern on text that is in memory as UTF-8.</summary>
internal static class TextMatch
{
    private const int MostUnits = 65_536; // UTF-16; policy language, Conditions
    private const int OnStack = 256;
    private const int WorkPerStep = 16; // words of an automaton that take as long as a step

    public static bool Holds(LinearPattern pattern, ReadOnlySpan<byte> utf8, JsonElement value, ref Evaluation run)
    {
        if (!run.SpendText(value, utf8.Length))
        {
            return false;
        }

        // A character is at most three bytes for each of its units.
        if (utf8.Length > 3 * MostUnits)
        {
            return run.Stop(value, "a string of at most 65,536 characters where a pattern judges it");
        }

        var rented = utf8.Length > OnStack ? ArrayPool<char>.Shared.Rent(utf8.Length) : null;
        var units = rented ?? stackalloc char[OnStack];
        var text = units[..Encoding.UTF8.GetChars(utf8, units)];
        var holds = text.Length <= MostUnits
            ? Spend(pattern, text, value, ref run)
            : run.Stop(value, "a string of at most 65,536 characters where a pattern judges it");
        if (rented is not null)
        {
            ArrayPool<char>.Shared.Return(rented, clearArray: true);
        }

        return holds;
    }

    private static bool Spend(LinearPattern pattern, ReadOnlySpan<char> text, JsonElement value, ref Evaluation run)
    {
        var before = Math.Max(0, run.Left) * WorkPerStep;
        var work = before;
        var matches = pattern.Matches(text, ref work);
        return run.Spend(value, 1 + ((before - work) / WorkPerStep)) && matches;
    }
}

/// <summary><c>enum</c>, and <c>const</c> as an <c>enum</c> of one.</summary>
internal sealed class OneOfValuesRule : SchemaRule
{
    private const int MostShown = 10;

    private readonly JsonElement[] values;
    private readonly NameTable strings;
    private readonly ExactNumber[] numbers;
    private readonly JsonElement[] composed;
    private readonly bool hasTrue;
    private readonly bool hasFalse;
    private readonly bool hasNull;

    /// <param name="values">The values; their numbers are exact.</param>
    public OneOfValuesRule(JsonElement[] values)
        : base(ValueKinds.Any)
    {
        this.values = values;
        strings = new NameTable(values.Where(one => one.ValueKind == JsonValueKind.String).Select(one => one.GetString() ?? ""));
        numbers = [.. values.Where(one => one.ValueKind == JsonValueKind.Number).Select(one => ExactNumber.TryRead(one.GetRawText(), out var number) ? number : default)];
        composed = [.. values.Where(one => one.ValueKind is JsonValueKind.Array or JsonValueKind.Object)];
        hasTrue = Array.Exists(values, one => one.ValueKind == JsonValueKind.True);
        hasFalse = Array.Exists(values, one => one.ValueKind == JsonValueKind.False);
        hasNull = Array.Exists(values, one => one.ValueKind == JsonValueKind.Null);
    }

    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run) =>
        Has(value, ref run) || (!run.IsStopped && (run.Trail?.Refuse(value, FindingRank.Value, Expected()) ?? false));

    private bool Has(JsonElement value, ref Evaluation run)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.String:
                var text = JsonText.Utf8(value);
                return run.SpendText(value, text.Length) && strings.Find(text) >= 0;
            case JsonValueKind.Number when !ExactNumber.TryRead(JsonText.Number(value), out _):
                return run.StopAtInexact(value);
            case JsonValueKind.Number:
                ExactNumber.TryRead(JsonText.Number(value), out var number);
                return run.Spend(value, numbers.Length / MostShown) && Array.IndexOf(numbers, number) >= 0;
            case JsonValueKind.True:
                return hasTrue;
            case JsonValueKind.False:
                return hasFalse;
            case JsonValueKind.Null:
                return hasNull;
            default:
                foreach (var one in composed)
                {
                    if (JsonEquality.Same(value, one, ref run))
                    {
                        return true;
                    }
                }

                return false;
        }
    }

    private string Expected()
    {
        var shown = string.Join(", ", values.Take(MostShown).Select(Shown.Constant));
        return values.Length switch
        {
            0 => "no value here",
            1 => shown,
            <= MostShown => $"one of {shown}",
            _ => string.Create(CultureInfo.InvariantCulture, $"one of {values.Length} values: {shown}, …"),
        };
    }
}
