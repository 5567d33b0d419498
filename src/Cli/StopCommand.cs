using System.CommandLine;

namespace Callgate.Cli;

/// <summary><c>callgate stop</c>: the emergency brake.</summary>
internal static class StopCommand
{
    public static Command Make()
    {
        var server = new Option<string?>("--server") { Description = "Refuse every call to this server.", HelpName = "NAME" };
        var grant = new Option<string?>("--grant") { Description = "Refuse every call of this grant.", HelpName = "ID" };
        var all = new Option<bool>("--all") { Description = "Refuse every call." };
        var release = new Option<bool>("--release") { Description = "Let calls pass again." };
        return GateOptions.Command("stop", "Refuses calls at once, until released.", [server, grant, all, release], async call =>
        {
            var parsed = call.Parsed;
            var targets = new List<string>();
            if (parsed.GetValue(server) is { } name)
            {
                targets.Add($"servers/{Uri.EscapeDataString(name)}");
            }

            if (parsed.GetValue(grant) is { } id)
            {
                targets.Add($"grants/{Uri.EscapeDataString(id)}");
            }

            if (parsed.GetValue(all))
            {
                targets.Add("all");
            }

            if (targets.Count != 1)
            {
                throw new CommandFault(ExitCode.Usage, "callgate: say what to stop with one of --server, --grant and --all");
            }

            var path = $"stops/{targets[0]}";
            var answer = parsed.GetValue(release) ? await call.Gate.DeleteAsync(path, call.Cancel) : await call.Gate.PutAsync(path, null, call.Cancel);
            return call.Print.Answer(answer, stops => call.Print.Line(Printer.Text(stops, "stops") is not "-" and var now ? $"stopped: {now}" : "nothing is stopped"));
        });
    }
}
