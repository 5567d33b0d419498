using System.CommandLine;
using System.Text;
using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary><c>callgate policy import</c>: from the YAML of the older open proxy.</summary>
internal static class PolicyImportCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "A policy of Intercept, in YAML." };
        var json = new Option<bool>("--json") { Description = "Print one JSON object: the document, and what was found." };
        var command = new Command("import", "Writes a policy of the older open proxy (Intercept) as ours to stdout, and to stderr what it could not carry over. Exits with 1 when there was any.") { file, json };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(file);
            var import = PolicyImport.Read(PolicyFiles.Bytes(path), path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? PolicySyntax.Json : PolicySyntax.Yaml);
            var errors = import.Document is null ? [] : PolicyCompiler.Compile(import.Document).Diagnostics;
            var (output, error) = (parsed.InvocationConfiguration.Output, parsed.InvocationConfiguration.Error);
            if (parsed.GetValue(json))
            {
                output.WriteLine(JsonSerializer.Serialize(new
                {
                    document = import.Document is null ? null : (JsonElement?)JsonElement.Parse(import.Document),
                    lost = import.Lost.Select(Shape),
                    notes = import.Notes.Select(Shape),
                    errors = errors.Select(Shape),
                }));
            }
            else
            {
                output.Write(import.Document is null ? string.Empty : Encoding.UTF8.GetString(import.Document));
                foreach (var (found, kind) in import.Lost.Select(static one => (one, import: "lost")).Concat(import.Notes.Select(static one => (one, import: "note"))))
                {
                    error.WriteLine(Printer.Plain($"{path}:{PolicyFiles.Place(found, kind)}"));
                }

                foreach (var found in errors)
                {
                    error.WriteLine(Printer.Plain($"{path}: error: the document that comes out of it has an error at {found.Pointer}: {found.Message}{Diagnostics.Advice(found.Suggestion)}"));
                }
            }

            return import.Document is not null && import.Lost.IsEmpty && errors.IsEmpty ? ExitCode.Fine : ExitCode.Failed;
        });
        return command;
    }

    private static object Shape(PolicyDiagnostic found) => new { pointer = found.Pointer, line = found.Line, column = found.Column, message = found.Message, suggestion = found.Suggestion };
}
