using System.CommandLine;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary><c>callgate policy schema</c>: the JSON Schema of the language, for editors.</summary>
internal static class PolicySchemaCommand
{
    public static Command Make()
    {
        var command = new Command("schema", "Prints the JSON Schema (2020-12) of the policy language, for editors.");
        command.Add(new Option<bool>("--json") { Description = "The schema is JSON in any case." });
        command.SetAction(static parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(PolicySchema.Text);
            return ExitCode.Fine;
        });
        return command;
    }
}
