using System.CommandLine;
using System.CommandLine.Help;
using Callgate.Cli.Connecting;
using Callgate.Cli.Scanning;

namespace Callgate.Cli;

/// <summary>The one executable: its verbs, and what their exit codes mean.</summary>
public static class CommandLine
{
    /// <param name="args">The verb and its arguments.</param>
    /// <param name="output">For answers.</param>
    /// <param name="error">For what is wrong.</param>
    /// <param name="cancellationToken">Ends `serve` like a signal.</param>
    /// <param name="input">Where a password is read; null for the console.</param>
    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter error, CancellationToken cancellationToken, TextReader? input = null)
    {
        // `@scope/package` is an argument of a server's command, not the name of a file with more arguments.
        var parsed = Root(input).Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
        if (parsed.Errors.Count > 0 && parsed.Action is not HelpAction)
        {
            foreach (var fault in parsed.Errors)
            {
                await error.WriteLineAsync($"callgate: {Plain(fault.Message)}");
            }

            await error.WriteLineAsync($"usage: {Usage(parsed.CommandResult)} --help");
            return ExitCode.Usage;
        }

        // Signals are taken by the verbs that have something to finish; the library would end the process after two seconds.
        var configuration = new InvocationConfiguration { Output = output, Error = error, EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
        try
        {
            return await parsed.InvokeAsync(configuration, cancellationToken);
        }
        catch (CommandFault fault)
        {
            foreach (var line in fault.Lines)
            {
                await error.WriteLineAsync(line);
            }

            return fault.Code;
        }
    }

    internal static RootCommand Root(TextReader? input = null) => new("A policy gateway for MCP: every tool call is judged, limited and recorded before it reaches the server.")
    {
        ServeCommand.Make(),
        LoginCommands.MakeLogin(new PasswordSource(input)),
        LoginCommands.MakeLogout(),
        OperatorCommands.Make(input),
        ServerCommands.Make(),
        PolicyCommands.Make(),
        GrantCommands.Make(),
        ApprovalCommands.Make(),
        AuditCommands.Make(),
        CatalogueCommands.Make(),
        ClassifyCommand.Make(),
        StopCommand.Make(),
        ScanCommand.Make(input),
        ConnectCommand.Make(),
        AttackCommand.Make(),
        BackupCommands.MakeBackup(),
        BackupCommands.MakeRestore(),
    };

    private static string Plain(string message) =>
        message.Length == 0 ? message : (char.ToLowerInvariant(message[0]) + message[1..]).TrimEnd('.').Replace('\'', '`');

    private static string Usage(System.CommandLine.Parsing.CommandResult command)
    {
        var names = new List<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = command; at is not null; at = at.Parent)
        {
            if (at is System.CommandLine.Parsing.CommandResult { Command: var one })
            {
                names.Insert(0, one is RootCommand ? "callgate" : one.Name);
            }
        }

        return string.Join(' ', names);
    }
}
