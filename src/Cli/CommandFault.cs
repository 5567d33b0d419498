namespace Callgate.Cli;

/// <summary>Ends a command with a code and what to print on stderr.</summary>
internal sealed class CommandFault : Exception
{
    public CommandFault()
        : this(ExitCode.Failed, "callgate: the command failed")
    {
    }

    public CommandFault(string message)
        : this(ExitCode.Failed, message)
    {
    }

    public CommandFault(string message, Exception inner)
        : base(message, inner) => (Code, Lines) = (ExitCode.Failed, [message]);

    public CommandFault(int code, params IReadOnlyList<string> lines)
        : base(lines.Count > 0 ? lines[0] : string.Empty) => (Code, Lines) = (code, lines);

    public int Code { get; }

    /// <summary>The gate's own code, where it refused; null otherwise.</summary>
    public string? Refusal { get; init; }

    public IReadOnlyList<string> Lines { get; }
}
