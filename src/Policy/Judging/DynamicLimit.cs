namespace Callgate.Policy.Judging;

/// <summary>A limit that may need something of the call: whose it is, its amount, or the value it is counted under.</summary>
/// <param name="Static">What the document says.</param>
/// <param name="Per">Null without <c>per</c>.</param>
/// <param name="Amount">Null without <c>amount</c>.</param>
internal sealed record DynamicLimit(Limit Static, FactPath? Per, FactPath? Amount)
{
    /// <summary>UTF-16 units; a value is part of the key of a counter, which the record spells out.</summary>
    private const int LongestValue = 256;

    /// <summary>It counts over time, and the caller chooses nothing that it is counted under.</summary>
    public bool HoldsEveryCall => Static.Concurrent is null && Static.Scope != LimitScope.Session && Per is null;

    public bool IsDynamic => Per is not null || Amount is not null || Static.Scope == LimitScope.Identity;

    /// <summary>The limit as it meets this call; null when the call does not say what it would count.</summary>
    public Limit? Resolve(in CallFacts facts, out string why)
    {
        var limit = Static;
        why = "";
        if (limit.Scope == LimitScope.Identity && facts.Caller?.Identity is null)
        {
            why = "calls are counted by identity, and this grant has none; ask the operator";
            return null;
        }

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
