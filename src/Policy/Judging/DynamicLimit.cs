namespace Callgate.Policy.Judging;

/// <summary>A limit whose amount or value counted apart is read from the call.</summary>
/// <param name="Static">What the document says.</param>
/// <param name="Per">Null without <c>per</c>.</param>
/// <param name="Amount">Null without <c>amount</c>.</param>
internal sealed record DynamicLimit(Limit Static, FactPath? Per, FactPath? Amount)
{
    /// <summary>UTF-16 units; a value is part of the key of a counter, which the record spells out.</summary>
    private const int LongestValue = 256;

    public bool IsDynamic => Per is not null || Amount is not null;

    /// <summary>The limit as it meets this call; null when the call does not say what it would count.</summary>
    public Limit? Resolve(in CallFacts facts, out string why)
    {
        var limit = Static;
        why = "";
        if (Per is not null)
        {
            if (Canonical(Per.Read(facts)) is not { } value)
            {
                why = $"`{Per.Text}` is missing or no text, number or boolean, and calls are counted by it";
                return null;
            }

            limit = limit with { Per = value };
        }

        if (Amount is not null)
        {
            if (!Amount.Read(facts).TryNumber(out var number) || !number.TryToDecimal(out var amount) || amount <= 0)
            {
                why = $"`{Amount.Text}` must be a number above 0, since it is what the call is charged";
                return null;
            }

            limit = limit with { Amount = amount };
        }

        return limit;
    }

    /// <summary>One text for all spellings of one scalar, and another for the same characters of another type.</summary>
    private static string? Canonical(in Fact value) => value.Kind switch
    {
        FactKind.Text when value.Text.Length <= LongestValue => $"\"{value.Text}\"",
        FactKind.Number when value.TryNumber(out var number) => number.ToString(),
        FactKind.Boolean => value.IsTrue ? "true" : "false",
        _ => null,
    };
}
