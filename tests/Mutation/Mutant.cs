using System.Globalization;
using System.Text.Json;

namespace Callgate.Mutation;

/// <summary>One mutant of Stryker's report: where it is, what it changes, and why it is no part of the score, if it is none.</summary>
internal sealed record Mutant(int Id, string File, int Line, string Kind, string Original, string Replacement)
{
    private const string Root = "src/Policy/";

    /// <summary>Why the mutant is left out, or nothing.</summary>
    public string? LeftOut { get; private init; }

    public string Folder => Path.GetDirectoryName(File) is { Length: > 0 } folder ? folder : "(root)";

    public static IReadOnlyList<Mutant> Read(string report)
    {
        using var stream = System.IO.File.OpenRead(report);
        using var document = JsonDocument.Parse(stream);
        return
        [
            .. from file in document.RootElement.GetProperty("files").EnumerateObject()
               let lines = file.Value.GetProperty("source").GetString()!.Split('\n')
               from told in file.Value.GetProperty("mutants").EnumerateArray()
               let mutant = Read(file.Name.Replace('\\', '/'), lines, told)
               orderby mutant.File, mutant.Id
               select mutant,
        ];
    }

    private static Mutant Read(string path, string[] lines, JsonElement told)
    {
        var start = told.GetProperty("location").GetProperty("start");
        var end = told.GetProperty("location").GetProperty("end");
        var line = start.GetProperty("line").GetInt32();
        var text = lines[line - 1];
        var last = end.GetProperty("line").GetInt32() == line ? end.GetProperty("column").GetInt32() - 1 : text.Length;
        var mutant = new Mutant(
            int.Parse(told.GetProperty("id").GetString()!, CultureInfo.InvariantCulture),
            path[(path.LastIndexOf(Root, StringComparison.Ordinal) + Root.Length)..],
            line,
            told.GetProperty("mutatorName").GetString()!,
            text[Math.Min(start.GetProperty("column").GetInt32() - 1, text.Length)..Math.Min(last, text.Length)],
            told.TryGetProperty("replacement", out var replacement) ? replacement.GetString()! : "");
        return mutant with
        {
            LeftOut = told.GetProperty("status").GetString() switch
            {
                "CompileError" => Reasons.CompileError,
                "Ignored" => told.GetProperty("statusReason").GetString(),
                _ => Reasons.Of(mutant),
            },
        };
    }
}
