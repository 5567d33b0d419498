using System.CommandLine;

namespace Callgate.Cli;

/// <summary><c>callgate catalogue</c>: what is known about tools.</summary>
internal static class CatalogueCommands
{
    private const string NoCategory = "none";

    public static Command Make() => new("catalogue", "Says what tools can do.") { Override() };

    private static Command Override()
    {
        var server = new Option<string>("--server") { Description = "The server.", HelpName = "NAME", Required = true };
        var tool = new Option<string>("--tool") { Description = "The exact name of the tool.", HelpName = "NAME", Required = true };
        var category = new Option<string>("--category")
        {
            Description = $"Read, Write, Execute, Destructive, Financial, Other, or `{NoCategory}` to take it away.",
            HelpName = "CATEGORY",
            Required = true,
        };
        return GateOptions.Command("override", "Gives a tool a category, which rules under `categories` go by.", [server, tool, category], async call =>
        {
            var word = call.Parsed.GetValue(category);
            var (name, of) = (call.Parsed.GetValue(tool)!, call.Parsed.GetValue(server)!);
            var answer = await call.Gate.PutAsync(
                $"servers/{Uri.EscapeDataString(of)}/categories", new { tool = name, category = word == NoCategory ? null : word }, call.Cancel);
            return call.Print.Answer(answer, _ => call.Print.Line($"tool {Printer.Cell(name)} of {Printer.Cell(of)}: {Printer.Cell(word!)}"));
        });
    }
}
