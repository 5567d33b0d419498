using System.CommandLine;
using System.Globalization;
using Callgate.Attacks.Gates;
using Callgate.Attacks.Reporting;
using Callgate.Attacks.Running;
using Callgate.Attacks.Scenarios;

namespace Callgate.Cli;

/// <summary><c>callgate attack --self</c> and <c>callgate attack URL</c>: runs the scenarios and says what held.</summary>
internal sealed class AttackRunCommand(GateOptions gate)
{
    private readonly Argument<string?> url = new("url") { Description = "The endpoint of MCP to attack, with --token of a grant. Only gates of your own.", HelpName = "URL", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<bool> self = new("--self") { Description = "Attack a fresh gate of this version, in a folder of its own on loopback." };
    private readonly Option<string?> tool = new("--tool") { Description = "With URL: a harmless tool that may be called; without it, attacks that need a call that passes are inconclusive.", HelpName = "NAME" };
    private readonly Option<string> arguments = new("--args") { Description = "With URL: the arguments of that tool.", HelpName = "JSON", DefaultValueFactory = static _ => "{}" };
    private readonly Option<string[]> only = new("--only") { Description = "Only this attack; may be given again.", HelpName = "ID" };
    private readonly Option<int> seed = new("--seed") { Description = "The order in which attacks meet each other.", HelpName = "N", DefaultValueFactory = static _ => 1 };
    private readonly Option<string?> sarif = new("--sarif") { Description = "Also write the findings as SARIF 2.1.0.", HelpName = "FILE" };
    private readonly Option<string?> html = new("--html") { Description = "Also write the report as one page.", HelpName = "FILE" };

    /// <summary>How this executable was started: its path, or `dotnet` and the path of its assembly.</summary>
    private static IReadOnlyList<string> Executable { get; } =
        Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? [Environment.ProcessPath!, Path.Combine(AppContext.BaseDirectory, "callgate.dll")] : [Environment.ProcessPath!];

    public void AddTo(Command command)
    {
        command.Add(url);
        foreach (var option in new Option[] { self, tool, arguments, only, seed, sarif, html })
        {
            command.Add(option);
        }
    }

    public bool IsAsked(ParseResult parsed) => parsed.GetValue(self) || parsed.GetValue(url) is not null;

    public async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (output, progress) = (parsed.InvocationConfiguration.Output, gate.Json(parsed) ? parsed.InvocationConfiguration.Error : parsed.InvocationConfiguration.Output);
        var scenarios = Chosen(parsed.GetValue(only) ?? [], parsed.GetValue(seed));
        var address = Address(parsed);
        var suite = new Suite(Maker(parsed, address), Executable) { Ended = result => progress.WriteLine(TextReport.Line(result)) };
        var results = await suite.RunAsync(scenarios, cancellationToken);
        var report = new Report(address?.ToString() ?? "a fresh gate", parsed.GetValue(seed), [.. results.OrderBy(static result => result.Scenario.Id, StringComparer.Ordinal)]);
        await output.WriteLineAsync(gate.Json(parsed) ? JsonReport.Of(report) : TextReport.Of(report));
        await WriteAsync(parsed.GetValue(sarif), static one => SarifReport.Of(one), report, cancellationToken);
        await WriteAsync(parsed.GetValue(html), static one => HtmlReport.Of(one), report, cancellationToken);
        return report.IsAsExpected ? ExitCode.Fine : ExitCode.Failed;
    }

    private Uri? Address(ParseResult parsed)
    {
        var given = parsed.GetValue(url);
        if (given is null != parsed.GetValue(self))
        {
            throw new CommandFault(ExitCode.Usage, "callgate: name the URL of a gate of your own, or say --self; one of the two");
        }

        return given is null ? null
            : Uri.TryCreate(given, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
            : throw new CommandFault(ExitCode.Usage, $"callgate: `{Printer.Plain(given)}` is no address of a gate");
    }

    private GateMaker Maker(ParseResult parsed, Uri? address)
    {
        if (address is null)
        {
            return static async (configuration, onSmallDisk) => await ServedGate.StartAsync(Executable, configuration, onSmallDisk);
        }

        var token = gate.Token(parsed) ?? throw new CommandFault(ExitCode.Usage, "callgate: a gate at a URL needs --token, that of a grant made for this");
        var outside = new OutsideGate(address, token, parsed.GetValue(tool), parsed.GetValue(arguments)!);
        return (_, _) => Task.FromResult<Gate>(outside);
    }

    private static Scenario[] Chosen(string[] only, int seed)
    {
        var all = ScenarioReader.Shipped();
        if (only.FirstOrDefault(id => !all.Any(scenario => scenario.Id == id)) is { } unknown)
        {
            throw new CommandFault(ExitCode.Usage, string.Create(CultureInfo.InvariantCulture, $"callgate: there is no attack `{Printer.Plain(unknown)}` among {all.Count}"));
        }

        var chosen = all.Where(scenario => only.Length == 0 || only.Contains(scenario.Id, StringComparer.Ordinal)).ToArray();
        new Random(seed).Shuffle(chosen);
        return chosen;
    }

    private static async Task WriteAsync(string? file, Func<Report, string> render, Report report, CancellationToken cancellationToken)
    {
        if (file is not null)
        {
            await File.WriteAllTextAsync(file, render(report), cancellationToken);
        }
    }
}
