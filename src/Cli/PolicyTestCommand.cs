using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Policies;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary><c>callgate policy test</c>: runs files of cases without a gate.</summary>
internal static class PolicyTestCommand
{
    public static Command Make()
    {
        var files = new Argument<string[]>("file") { Description = "Files of cases; patterns such as `cases/*.yaml` too.", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "Print JSON for scripts." };
        var command = new Command("test", "Runs files of cases: calls, and what each must meet under a policy.") { files, json };
        command.SetAction(parsed =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var runs = PolicyFiles.Expand(parsed.GetRequiredValue(files)).Select(Run).ToList();
            foreach (var run in runs)
            {
                Print(output, run, parsed.GetValue(json));
            }

            if (!parsed.GetValue(json))
            {
                var results = runs.SelectMany(static run => run.Results).ToList();
                var broken = runs.Count(static run => run.Faults.Count > 0);
                output.WriteLine($"{results.Count} cases, {results.Count(static result => !result.Passed)} failed{(broken > 0 ? $"; {broken} files could not be read" : string.Empty)}");
            }

            return runs.All(static run => run.Faults.Count == 0 && run.Results.All(static result => result.Passed)) ? ExitCode.Fine : ExitCode.Failed;
        });
        return command;
    }

    private static FileRun Run(string file)
    {
        var (bytes, fault) = BoundedFile.Read(file);
        if (bytes is null)
        {
            return new FileRun(file, [$"{file}: the file {fault}"], []);
        }

        var folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        var reading = CaseFile.Read(bytes, PolicySyntax.OfFileName(file), path => BoundedFile.Read(Path.Combine(folder, path)).Bytes);
        if (reading.Cases is { } cases)
        {
            return new FileRun(file, [], cases.Run());
        }

        var policy = reading.PolicyPath is { } named ? Path.Combine(Path.GetDirectoryName(file)!, named) : file;
        return new FileRun(
            file,
            [.. reading.Diagnostics.Select(found => $"{file}:{PolicyFiles.Place(found)}"), .. reading.PolicyDiagnostics.Select(found => $"{policy}:{PolicyFiles.Place(found)}")],
            []);
    }

    private static void Print(TextWriter output, FileRun run, bool json)
    {
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new
            {
                file = run.File,
                passed = run.Faults.Count == 0 && run.Results.All(static result => result.Passed),
                faults = run.Faults,
                cases = run.Results.Select(static result => new
                {
                    name = result.Name,
                    line = result.Line,
                    passed = result.Passed,
                    decision = TraceReply.WordOf(result.Decision.Effect),
                    code = result.Decision.Code,
                    rule = result.Decision.Rule,
                    differences = result.Differences,
                }),
            }));
            return;
        }

        foreach (var fault in run.Faults)
        {
            output.WriteLine(Printer.Plain(fault));
        }

        foreach (var failed in run.Results.Where(static result => !result.Passed))
        {
            output.WriteLine(Printer.Plain($"{run.File}:{failed.Line}: failed: {failed.Name}"));
            foreach (var difference in failed.Differences)
            {
                output.WriteLine(Printer.Plain($"  {difference}"));
            }
        }
    }

    private sealed record FileRun(string File, IReadOnlyList<string> Faults, IReadOnlyList<CaseResult> Results);
}
