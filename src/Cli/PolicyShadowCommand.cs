using System.CommandLine;
using System.Globalization;

namespace Callgate.Cli;

/// <summary><c>callgate policy shadow</c>.</summary>
internal static class PolicyShadowCommand
{
    public static Command Make()
    {
        var name = new Argument<string>("name") { Description = "The policy, whose document says \"mode\": \"shadow\"." };
        var until = new Option<string?>("--until") { Description = "When it is enforced again, such as 2027-01-31T00:00:00Z; at most 90 days ahead.", HelpName = "TIME" };
        var end = new Option<bool>("--end") { Description = "Enforce it from now on." };
        return GateOptions.Command("shadow", "Lets a policy in shadow mode only watch for a time.", [name, until, end], async call =>
        {
            var text = call.Parsed.GetValue(until);
            if ((text is null) != call.Parsed.GetValue(end))
            {
                throw new CommandFault(ExitCode.Usage, "callgate: give one of --until and --end");
            }

            var path = $"policies/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(name))}/shadow";
            if (text is null)
            {
                return call.Print.Answer(await call.Gate.DeleteAsync(path, call.Cancel), ended => call.Print.Line($"policy {Printer.Text(ended, "policy")} is enforced"));
            }

            if (!DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            {
                throw new CommandFault(ExitCode.Usage, "callgate: --until needs a time such as 2027-01-31T00:00:00Z");
            }

            var answer = await call.Gate.PutAsync(path, new { until = time }, call.Cancel);
            return call.Print.Answer(answer, set => call.Print.Line($"policy {Printer.Text(set, "policy")} only watches until {Printer.Text(set, "until")}"));
        });
    }
}
