using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Tests;

/// <summary>Documents for tests: from text, and from the case files beside the test assembly.</summary>
internal static class Texts
{
    public static PolicyCompilation Compile(string document) => PolicyCompiler.Compile(Encoding.UTF8.GetBytes(document));

    public static CompiledPolicy Policy(string document)
    {
        var compilation = Compile(document);
        Assert.Empty(compilation.Diagnostics);
        return compilation.Policy!;
    }

    public static Decision Decide(this CompiledPolicy policy, string tool, ToolStanding standing = ToolStanding.Reviewed) =>
        policy.Decide(new CallFacts(tool, standing));

    public static string Path(string relative) => System.IO.Path.Combine(AppContext.BaseDirectory, relative);

    public static IEnumerable<string> CaseFiles(string folder)
    {
        var files = Directory.GetFiles(Path(System.IO.Path.Combine("Cases", folder)), "*.json");
        Assert.NotEmpty(files);
        return files.Select(file => System.IO.Path.GetFileNameWithoutExtension(file)).Order(StringComparer.Ordinal);
    }

    public static JsonElement CaseFile(string folder, string name) =>
        JsonElement.Parse(File.ReadAllBytes(Path(System.IO.Path.Combine("Cases", folder, name + ".json"))));

    public static string? Text(this JsonElement element, string member) =>
        element.TryGetProperty(member, out var value) ? value.GetString() : null;
}
