using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Configuration;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary><c>callgate policy check</c>: everything wrong with documents, and everything that is hardly meant.</summary>
internal static class PolicyCheckCommand
{
    public static Command Make()
    {
        var files = new Argument<string[]>("file") { Description = "Documents to check; patterns such as `policies/*.json` too.", Arity = ArgumentArity.OneOrMore };
        var strict = new Option<bool>("--strict") { Description = "Fail on warnings too." };
        var (gate, source) = (new GateOptions(), new ToolSource());
        var command = new Command("check", "Compiles documents without a gate and lists everything wrong with them.") { files, strict };
        source.AddTo(command);
        gate.AddTo(command).SetAction(async (parsed, ct) =>
        {
            var tools = await source.ReadAsync(parsed, gate, ct);
            var results = PolicyFiles.Expand(parsed.GetRequiredValue(files)).Select(file => (File: file, Found: Compile(file, tools))).ToList();
            var output = parsed.InvocationConfiguration.Output;
            foreach (var (file, found) in results)
            {
                Print(output, file, found, gate.Json(parsed));
            }

            if (!gate.Json(parsed) && (results.Count > 1 || results[0].Found.Any))
            {
                output.WriteLine(Summary([.. results.Select(static result => result.Found)]));
            }

            var fails = results.Any(result => !result.Found.Valid || (parsed.GetValue(strict) && result.Found.Warnings.Count > 0));
            return fails ? ExitCode.Failed : ExitCode.Fine;
        });
        return command;
    }

    private static void Print(TextWriter output, string file, Findings found, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(
                new { file, valid = found.Valid, diagnostics = Shapes(found.Errors), warnings = Shapes(found.Warnings), notes = Shapes(found.Notes) }));
            return;
        }

        var lines = found.Errors.Select(static one => (One: one, Kind: "error"))
            .Concat(found.Warnings.Select(static one => (One: one, Kind: "warning")))
            .Concat(found.Notes.Select(static one => (One: one, Kind: "note")));
        foreach (var (one, kind) in lines)
        {
            output.WriteLine(Printer.Plain($"{file}:{PolicyFiles.Place(one, kind)}"));
        }

        if (found.Valid)
        {
            output.WriteLine($"{file}: fine");
        }
    }

    private static string Summary(IReadOnlyList<Findings> found)
    {
        static string Count(int count, string what) => $"{count} {what}{(count == 1 ? string.Empty : "s")}";
        return $"{Count(found.Count, "file")}: {Count(found.Sum(static one => one.Errors.Count), "error")}, "
            + $"{Count(found.Sum(static one => one.Warnings.Count), "warning")}, {Count(found.Sum(static one => one.Notes.Count), "note")}";
    }

    private static Findings Compile(string file, IReadOnlyList<OfferedTool>? tools)
    {
        var (bytes, fault) = BoundedFile.Read(file);
        if (bytes is null)
        {
            return new Findings(false, [new PolicyDiagnostic(string.Empty, 0, 0, $"the file {fault}", null)], [], []);
        }

        var compilation = PolicyCompiler.Compile(bytes, PolicySyntax.OfFileName(file), null, tools);
        return new Findings(compilation.Policy is not null, compilation.Diagnostics, compilation.Warnings, compilation.Notes);
    }

    private static IEnumerable<object> Shapes(IReadOnlyList<PolicyDiagnostic> findings) =>
        findings.Select(static finding => new { pointer = finding.Pointer, line = finding.Line, column = finding.Column, message = finding.Message, suggestion = finding.Suggestion });

    private sealed record Findings(bool Valid, IReadOnlyList<PolicyDiagnostic> Errors, IReadOnlyList<PolicyDiagnostic> Warnings, IReadOnlyList<PolicyDiagnostic> Notes)
    {
        public bool Any => Errors.Count + Warnings.Count + Notes.Count > 0;
    }
}
