using System.CommandLine;
using System.Text;

namespace Callgate.Cli;

/// <summary>
/// Where a password comes from: standard input, or a person at the terminal, unseen. Never the command line, which other
/// users of the machine can read.
/// </summary>
/// <param name="input">Null for the console's.</param>
internal sealed class PasswordSource(TextReader? input)
{
    public Option<bool> FromStdin { get; } = new("--password-stdin") { Description = "Read the password from standard input, one line." };

    private bool AtTerminal => input is null && !Console.IsInputRedirected;

    /// <summary>The password that holds; without a terminal it must come from standard input.</summary>
    public string Ask(ParseResult parsed, string question)
    {
        if (!parsed.GetValue(FromStdin) && !AtTerminal)
        {
            throw new CommandFault(ExitCode.Usage, "callgate: there is no terminal to ask for the password; give it with --password-stdin");
        }

        return (parsed.GetValue(FromStdin) ? Line() : Typed(question)) is { Length: > 0 } password
            ? password
            : throw new CommandFault(ExitCode.Usage, "callgate: no password was given");
    }

    /// <summary>A password to set; null when the gate is to make one.</summary>
    public string? AskForNew(ParseResult parsed)
    {
        if (parsed.GetValue(FromStdin))
        {
            return Line() is { Length: > 0 } line ? line : throw new CommandFault(ExitCode.Usage, "callgate: no password was given");
        }

        if (!AtTerminal || Typed("new password (empty: one is made and shown once): ") is not { Length: > 0 } password)
        {
            return null;
        }

        return Typed("the same again: ") == password ? password : throw new CommandFault(ExitCode.Failed, "callgate: the two passwords differ, so nothing was changed");
    }

    /// <summary>The password that holds, where an administrator needs none; null when none is given.</summary>
    public string? AskForCurrent(ParseResult parsed)
    {
        var current = parsed.GetValue(FromStdin) ? Line() : AtTerminal ? Typed("current password (an administrator leaves it empty): ") : null;
        return current is { Length: > 0 } ? current : null;
    }

    /// <summary>The code of a second factor; on standard input the next line.</summary>
    public string AskForCode(ParseResult parsed) => (parsed.GetValue(FromStdin) ? Line() : AtTerminal ? Typed("code of your second factor, or a recovery code: ") : null) is { Length: > 0 } code
        ? code
        : throw new CommandFault(ExitCode.Usage, "callgate: the code of the second factor is needed too; with --password-stdin it is the line behind the password");

    private static string Typed(string question)
    {
        Console.Error.Write(question);
        var text = new StringBuilder();
        while (Console.ReadKey(intercept: true) is var key && key.Key != ConsoleKey.Enter)
        {
            if (key.Key == ConsoleKey.Backspace)
            {
                text.Length = Math.Max(0, text.Length - 1);
            }
            else if (!char.IsControl(key.KeyChar))
            {
                text.Append(key.KeyChar);
            }
        }

        Console.Error.WriteLine();
        return text.ToString();
    }

    private string? Line() => (input ?? Console.In).ReadLine();
}
