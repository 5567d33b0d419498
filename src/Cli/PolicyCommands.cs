using System.CommandLine;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary><c>callgate policy …</c>.</summary>
internal static class PolicyCommands
{
    public static Command Make() => new("policy", "Policies: which tools a grant may call, and how often.")
    {
        Add(), List(), Attach(), PolicyShadowCommand.Make(), PolicyCheckCommand.Make(), PolicyTestCommand.Make(), PolicyExplainCommand.Make(), PolicyRecommendCommand.Make(), PolicyDiffCommand.Make(), PolicySchemaCommand.Make(), PolicySimulateCommand.Make(), PolicyImportCommand.Make(), PolicyProposalCommands.MakeList(), PolicyProposalCommands.Make(),
    };

    private static Command Add()
    {
        var name = new Argument<string>("name") { Description = "The policy's name; an existing one gets another revision." };
        var file = new Argument<string>("file") { Description = "The document: YAML where the name ends in .yaml or .yml, else JSON." };
        var note = new Option<string?>("--note") { Description = "Why, for those who read the revisions.", HelpName = "TEXT" };
        return GateOptions.Command("add", "Saves a document as the next revision and puts it in force.", [name, file, note], async call =>
        {
            var bytes = PolicyFiles.Document(call.Parsed.GetRequiredValue(file));
            var query = call.Parsed.GetValue(note) is { } text ? $"?note={Uri.EscapeDataString(text)}" : string.Empty;
            var answer = await call.Gate.PutAsync($"policies/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(name))}{query}", bytes, call.Cancel);
            return call.Print.Answer(answer, saved => call.Print.Line($"policy {Printer.Text(saved, "name")} is in force as revision {Printer.Text(saved, "revision")}"));
        });
    }

    private static Command List() => GateOptions.Command("list", "Lists the policies.", [], async call =>
        call.Print.Answer(await call.Gate.GetAsync("policies", call.Cancel), answer => call.Print.Table(
            ["NAME", "REVISION", "SOURCE", "MODE", "DESCRIPTION"],
            answer.GetProperty("policies").EnumerateArray().Select(static policy => (IReadOnlyList<string>)
                [Printer.Text(policy, "name"), Printer.Text(policy, "revision"), policy.GetProperty("declared").GetBoolean() ? "file" : "store", Mode(policy), Printer.Text(policy, "description")]),
            "no policies; add one with `callgate policy add NAME FILE`")));

    private static string Mode(JsonElement policy) => (Printer.Text(policy, "mode"), Printer.Text(policy, "shadow_until")) switch
    {
        ("shadow", "-") => "enforced (shadow without an end)",
        ("shadow", var until) => $"only watches until {until}",
        _ => "enforced",
    };

    private static Command Attach()
    {
        var name = new Argument<string>("name") { Description = "The policy." };
        var grant = new Option<string>("--grant") { Description = "The grant's id.", HelpName = "ID", Required = true };
        var server = new Option<string>("--server") { Description = "The server.", HelpName = "NAME", Required = true };
        return GateOptions.Command("attach", "Puts a grant under a policy on one server.", [name, grant, server], async call =>
        {
            var path = $"grants/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(grant))}/servers/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(server))}";
            var answer = await call.Gate.PutAsync(path, new { policy = call.Parsed.GetRequiredValue(name) }, call.Cancel);
            return call.Print.Answer(answer, shown => call.Print.Line($"grant {Printer.Text(shown, "id")}: {Printer.Text(shown, "servers")}"));
        });
    }
}
