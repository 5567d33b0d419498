using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Catalogue;

namespace Callgate.Cli;

/// <summary><c>callgate catalogue</c>: what is known about servers and tools.</summary>
internal static class CatalogueCommands
{
    private const string NoCategory = "none";

    public static Command Make() => new("catalogue", "Says what servers there are and what their tools can do.")
    {
        CatalogueAddCommand.Make(), Search(), Show(), Remove(), CatalogueReviewCommands.Drift(), CatalogueReviewCommands.Accept(), Override(),
    };

    private static Command Search()
    {
        var words = new Argument<string[]>("words") { Description = "Words of a tool, its description or its server.", Arity = ArgumentArity.ZeroOrMore };
        var category = new Option<string?>("--category") { Description = "Only tools of this category; `Unclassified` for those of none.", HelpName = "CATEGORY" };
        var risk = new Option<string?>("--risk") { Description = "Low, Medium, High or Critical.", HelpName = "RISK" };
        var skip = new Option<int>("--skip") { Description = "Leave out so many hits.", HelpName = "N" };
        return GateOptions.Command("search", "Searches the tools of all known servers.", [words, category, risk, skip], async call =>
        {
            var query = $"catalogue?search={Uri.EscapeDataString(string.Join(' ', call.Parsed.GetValue(words) ?? []))}&skip={call.Parsed.GetValue(skip)}"
                + (call.Parsed.GetValue(category) is { } one ? "&category=" + Uri.EscapeDataString(one) : "")
                + (call.Parsed.GetValue(risk) is { } level ? "&risk=" + Uri.EscapeDataString(level) : "");
            return call.Print.Answer(await call.Gate.GetAsync(query, call.Cancel), answer =>
            {
                Tools(call, answer.GetProperty("tools"), "no tool has these words");
                if (Printer.Text(answer, "next") is not "-" and var next)
                {
                    call.Print.Line($"there are more; go on with --skip {next}");
                }
            });
        });
    }

    private static Command Show()
    {
        var server = new Argument<string>("server") { Description = "The server's name." };
        var tool = new Argument<string?>("tool") { Description = "One of its tools.", Arity = ArgumentArity.ZeroOrOne };
        return GateOptions.Command("show", "Shows a server with its tools, or one tool and what in its definition says what it is.", [server, tool], async call =>
        {
            var path = "catalogue/servers/" + CataloguePath.PartOf(call.Parsed.GetRequiredValue(server));
            return call.Parsed.GetValue(tool) is { } name
                ? call.Print.Answer(await call.Gate.GetAsync($"{path}/tools/{CataloguePath.PartOf(name)}", call.Cancel), answer => Tool(call, answer))
                : call.Print.Answer(await call.Gate.GetAsync(path, call.Cancel), answer => Server(call, answer));
        });
    }

    private static Command Remove()
    {
        var server = new Argument<string>("server") { Description = "The server's name." };
        return GateOptions.Command("remove", "Takes out a server that was added to the catalogue.", [server], async call => call.Print.Answer(
            await call.Gate.DeleteAsync("catalogue/servers/" + CataloguePath.PartOf(call.Parsed.GetRequiredValue(server)), call.Cancel),
            answer => call.Print.Line($"server {Printer.Cell(Printer.Text(answer, "name"))} removed from the catalogue")));
    }

    private static void Server(GateCall call, JsonElement answer)
    {
        var server = answer.GetProperty("server");
        call.Print.Line($"{Printer.Plain(Printer.Text(server, "title"))} ({Printer.Text(server, "source")}{(server.GetProperty("public").GetBoolean() ? ", public" : "")}) {Printer.Plain(Printer.Text(server, "version"))}".TrimEnd());
        if (Printer.Text(server, "description") is { Length: > 1 } description)
        {
            call.Print.Line(Printer.Plain(description));
        }

        Tools(call, answer.GetProperty("tools"), "none of its tools is known");
    }

    private static void Tool(GateCall call, JsonElement answer)
    {
        var tool = answer.GetProperty("tool");
        call.Print.Line($"{Printer.Plain(Printer.Text(tool, "name"))} of {Printer.Plain(Printer.Text(tool, "server"))}: {Category(tool)}, risk {Printer.Text(tool, "risk")}, confidence {answer.GetProperty("confidence").GetDouble():0.00}");
        call.Print.Line(Printer.Plain(Printer.Text(tool, "description")));
        var rows = answer.GetProperty("evidence").EnumerateArray().Select(static one => (IReadOnlyList<string>)["category", Printer.Text(one, "text"), Printer.Text(one, "place"), Printer.Text(one, "says")])
            .Concat(answer.GetProperty("signals").EnumerateArray().Concat(answer.GetProperty("findings").EnumerateArray()).Select(static one => (IReadOnlyList<string>)
                [Printer.Text(one, "id"), Printer.Text(one.GetProperty("evidence"), "text"), Printer.Text(one.GetProperty("evidence"), "place"), Printer.Text(one.GetProperty("evidence"), "says")]));
        call.Print.Table(["FOR", "WORDS", "PLACE", "SAYS"], rows, "nothing in its definition says what it does");
    }

    private static void Tools(GateCall call, JsonElement tools, string whenEmpty) => call.Print.Table(
        ["SERVER", "TOOL", "CATEGORY", "RISK", "DESCRIPTION"],
        tools.EnumerateArray().Select(static tool => (IReadOnlyList<string>)[Printer.Text(tool, "server"), Printer.Text(tool, "name"), Category(tool), Printer.Text(tool, "risk"), Printer.Text(tool, "description")]),
        whenEmpty);

    private static string Category(JsonElement tool) => Printer.Text(tool, "category") is not "-" and var category ? category : "Unclassified";

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
