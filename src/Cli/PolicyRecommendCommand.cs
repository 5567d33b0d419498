using System.CommandLine;
using System.Text;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary><c>callgate policy recommend</c>: a first policy for the tools of a server.</summary>
internal static class PolicyRecommendCommand
{
    public static Command Make()
    {
        var (gate, source) = (new GateOptions(), new ToolSource());
        var command = new Command("recommend", "Writes a first policy for a server's tools to stdout: reading allowed, writing with plain identifiers, the rest asks a person.");
        source.AddTo(command);
        gate.AddTo(command).SetAction(async (parsed, ct) =>
        {
            var tools = await source.ReadAsync(parsed, gate, ct)
                ?? throw new CommandFault(ExitCode.Usage, "callgate: give --server NAME or --tools FILE");
            var description = parsed.GetValue(source.Server) is { } server ? $"a first policy for {server}; read it before it is used" : "a first policy; read it before it is used";

            // The document is JSON already, for people and scripts alike.
            await parsed.InvocationConfiguration.Output.WriteAsync(Encoding.UTF8.GetString(PolicyRecommendation.Write(tools, description)));
            return ExitCode.Fine;
        });
        return command;
    }
}
