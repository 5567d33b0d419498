using System.CommandLine;
using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Cli;

/// <summary><c>callgate classify</c>: what the tools of a list can do, and what in their definitions says so.</summary>
internal static class ClassifyCommand
{
    public static Command Make()
    {
        var gate = new GateOptions();
        var from = new Argument<string>("from") { Description = "A file with an answer to tools/list, or the name of a server behind the gate.", HelpName = "FILE|SERVER" };
        var name = new Option<string?>("--name") { Description = "The server's name in the catalogue, by which reviewed exceptions are found; only for a server you know.", HelpName = "NAME" };
        var command = new Command("classify", "Says what each tool can do and how dangerous it is, with the words that decided.") { from, name };
        gate.AddTo(command).SetAction(async (parsed, ct) =>
        {
            var tools = await ToolsAsync(parsed, gate, parsed.GetRequiredValue(from), ct);
            var classified = tools.Select(tool => Classified.Of(tool, parsed.GetValue(name))).ToList();
            new Printer(parsed.InvocationConfiguration.Output, gate.Json(parsed)).Answer(
                JsonSerializer.SerializeToElement(new { tools = classified }, JsonSerializerOptions.Web),
                _ => new Printer(parsed.InvocationConfiguration.Output, false).Table(
                    ["TOOL", "CATEGORY", "RISK", "CONFIDENCE", "BECAUSE OF", "SIGNALS"], classified.Select(static one => one.Row()), "there are no tools in it"));
            return ExitCode.Fine;
        });
        return command;
    }

    private static async Task<IReadOnlyList<JsonElement>> ToolsAsync(ParseResult parsed, GateOptions gate, string from, CancellationToken ct)
    {
        if (File.Exists(from) || Directory.Exists(from))
        {
            return ServerEntry.ReadTools(PolicyFiles.Json(PolicyFiles.Bytes(from), $"`{from}`"), out var fault)
                ?? throw new CommandFault(ExitCode.Failed, $"callgate: `{from}` is no list of tools: {fault}");
        }

        using var client = gate.Connect(parsed);
        var answer = await client.GetAsync($"servers/{Uri.EscapeDataString(from)}/tools", ct);
        return [.. answer.GetProperty("tools").EnumerateArray().Select(static tool => tool.GetProperty("definition")).Where(static definition => definition.ValueKind == JsonValueKind.Object)];
    }

    /// <summary>A tool with what it was taken for.</summary>
    private sealed record Classified(string Name, string Category, string Risk, double Confidence, IReadOnlyList<ClassificationEvidence> Evidence, IReadOnlyList<Signal> Signals)
    {
        public static Classified Of(JsonElement tool, string? server)
        {
            var found = ToolClassifier.Shipped.Classify(tool, server);
            return new Classified(
                tool.GetProperty("name").GetString()!, found.Settled?.ToString() ?? "Unclassified", found.Risk.ToString(), Math.Round(found.Confidence, 2), found.Evidence,
                [.. found.Signals.Select(static signal => new Signal(signal.Id, signal.Evidence))]);
        }

        public IReadOnlyList<string> Row() =>
        [
            Name, Category, Risk, Confidence.ToString("0.00", System.Globalization.CultureInfo.InvariantCulture),
            Evidence is [var first, ..] ? $"{first.Text} ({first.Place})" : "-", Signals.Count == 0 ? "-" : string.Join(' ', Signals.Select(static signal => signal.Id)),
        ];
    }

    private sealed record Signal(string Id, ClassificationEvidence Evidence);
}
