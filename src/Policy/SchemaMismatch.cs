namespace Callgate.Policy;

/// <summary>
/// Why arguments do not fit a tool's schema, for whoever sent them to put right. Bounded and on one line; a string is shown
/// only up to 80 characters, and not at all under a name that looks like a secret's.
/// </summary>
/// <param name="Argument">The path of the value (policy language, Paths), such as <c>args.items[2].name</c>; <c>args</c> for the whole.</param>
/// <param name="Expected">What the schema asks for, such as <c>an integer</c>.</param>
/// <param name="Came">What was sent, such as <c>the string "12"</c>; <c>nothing</c> where a value is missing.</param>
public sealed record SchemaMismatch(string Argument, string Expected, string Came)
{
    private const string Root = "args";

    /// <summary>One sentence without a full stop, such as <c>argument `run_id`: expected an integer, got the string "12"</c>.</summary>
    public string Text => $"{Named}: expected {Expected}, got {Came}";

    private string Named => Argument == Root
        ? "the arguments"
        : $"argument `{(Argument.StartsWith(Root + ".", StringComparison.Ordinal) ? Argument[(Root.Length + 1)..] : Argument)}`";
}
