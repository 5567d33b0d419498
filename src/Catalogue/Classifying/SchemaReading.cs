using System.Collections.Frozen;

namespace Callgate.Catalogue.Classifying;

/// <summary>What the arguments say about the category: choices of an action, code to run, another tool to call, money.</summary>
internal static class SchemaReading
{
    private static readonly FrozenSet<string> Actions = Set("action actions operation operations op verb subcommand task_type");

    private static readonly FrozenSet<string> Code = Set("command commands cmd script javascript python shell bash expression code statement sql argv");

    private static readonly FrozenSet<string> Amounts = Set("amount sum price qty quantity notional lamports satoshis sats wei");

    private static readonly FrozenSet<string> Currencies = Set("currency recipient wallet mint token payee iban account beneficiary destination");

    private static readonly FrozenSet<string> Trading = Set("side symbol ticker instrument leverage stoploss takeprofit");

    private static readonly FrozenSet<string> ToolNames = Set("tool toolname function method endpoint");

    private static readonly FrozenSet<string> HandedOn = Set("arguments args params parameters payload input inputs body kwargs calls requests steps");

    /// <summary>The worst action among the choices of an argument such as <c>action</c>.</summary>
    public static Finding Choices(SchemaText schema)
    {
        var worst = Finding.Nothing;
        foreach (var argument in schema.Arguments)
        {
            if (!argument.IsTop || argument.Choices.Length == 0 || !Actions.Contains(argument.Name.ToLowerInvariant()))
            {
                continue;
            }

            foreach (var choice in argument.Choices)
            {
                var read = NameReading.Of(choice, Words.OfName(choice), argument.Path + "/enum");
                worst = worst.Worse(read.Strength >= 2 ? read : Finding.Nothing);
            }
        }

        return worst;
    }

    /// <summary>Whether another tool is named and given its arguments.</summary>
    public static ClassificationEvidence? Dispatch(SchemaText schema)
    {
        Argument? named = null, handed = null;
        foreach (var argument in schema.Arguments)
        {
            named ??= argument.IsTop && argument is { IsText: true, IsBound: false } && ToolNames.Contains(First(argument)) ? argument : null;
            handed ??= argument.IsTop && HandedOn.Contains(argument.Name.ToLowerInvariant()) ? argument : null;
        }

        return named is not null && handed is not null ? Evidence(named, "names what else to call, with arguments for it") : null;
    }

    /// <summary>An argument that is code, a command or SQL in free text.</summary>
    public static (ClassificationEvidence Evidence, bool IsCommand)? CodeIn(SchemaText schema)
    {
        foreach (var argument in schema.Arguments)
        {
            if (argument is { IsTop: true, IsText: true, IsBound: false } && Code.Contains(argument.Head) && !IsCodeOfSomething(argument))
            {
                return (Evidence(argument, "takes what is to be run, in free text"), argument.Head is "command" or "commands" or "cmd" or "shell" or "bash" or "argv");
            }
        }

        return null;
    }

    /// <summary>An amount beside a currency or somebody to receive it, or the terms of a trade.</summary>
    public static ClassificationEvidence? MoneyIn(SchemaText schema)
    {
        Argument? amount = null, other = null;
        foreach (var argument in schema.Arguments)
        {
            amount ??= Amounts.Contains(argument.Head) ? argument : null;
            other ??= Currencies.Contains(argument.Head) || Trading.Contains(argument.Head) ? argument : null;
        }

        if (amount is null || other is null)
        {
            return null;
        }

        var isPlain = amount.Head is "qty" or "quantity" or "price" or "sum" && !Trading.Contains(other.Head) && other.Head != "currency";
        return isPlain ? null : Evidence(amount, $"an amount, beside `{other.Name.Replace('`', '\'')}`");
    }

    public static ClassificationEvidence Evidence(Argument argument, string says) =>
        new(Quotation.Of(argument.Name, 0, argument.Name.Length), Quotation.Of(argument.Path, 0, argument.Path.Length), says);

    /// <summary><c>country_code</c>, <c>status_code</c>, <c>promo_code</c> are no code.</summary>
    private static bool IsCodeOfSomething(Argument argument) =>
        argument.Head == "code" && argument.Words.All.Length > 1 && argument.Words.All[0].Text is not ("source" or "python" or "js" or "javascript" or "ts" or "java" or "shell" or "program" or "r" or "sql");

    private static string First(Argument argument) => argument.Words.All.Length == 0 ? "" : argument.Words.All[0].Text;

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
