using System.Text.RegularExpressions;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>The source tree these tests read: every file a clone has, without what building leaves behind.</summary>
internal static partial class SourceTree
{
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal)
    {
        ".git", "artifacts", ".tools", ".demo", "node_modules", "bin", "obj", ".vs", ".idea", "TestResults",
    };

    public static string Root { get; } = FindRoot();

    /// <summary>Paths relative to the root, with forward slashes, in ordinal order.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(static path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    /// <summary>The rooms of Gateway: its folders that hold code.</summary>
    public static IReadOnlyList<string> Rooms { get; } =
    [
        .. CodeUnder("src/Gateway/")
            .Select(static path => path.Split('/'))
            .Where(static parts => parts.Length > 3)
            .Select(static parts => parts[2])
            .Distinct(StringComparer.Ordinal),
    ];

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static bool Exists(string path) => File.Exists(Path.Combine(Root, path)) || Directory.Exists(Path.Combine(Root, path));

    public static IEnumerable<string> CodeUnder(string folder) =>
        Files.Where(path => path.StartsWith(folder, StringComparison.Ordinal) && path.EndsWith(".cs", StringComparison.Ordinal));

    /// <summary>The components of pages.</summary>
    public static IEnumerable<string> MarkupUnder(string folder) =>
        Files.Where(path => path.StartsWith(folder, StringComparison.Ordinal) && path.EndsWith(".razor", StringComparison.Ordinal));

    /// <summary>Names of the types a source text declares, nested ones too.</summary>
    public static IEnumerable<string> DeclaredTypes(string source) =>
        TypeDeclaration().Matches(SourceText.Mask(source)).Select(static match => match.Groups["name"].Value);

    [GeneratedRegex(@"\b(?:(?:class|struct|interface|enum|record(?:\s+(?:class|struct))?)\s+|delegate\s+[\w<>?,\[\]. ]+?\s)(?<name>[A-Z]\w*)")]
    private static partial Regex TypeDeclaration();

    private static IEnumerable<string> Walk(string folder) =>
        Directory.EnumerateFiles(folder)
            .Where(static file => !string.Equals(Path.GetFileName(file), ".git", StringComparison.Ordinal))
            .Concat(Directory.EnumerateDirectories(folder).Where(static path => !Ignored.Contains(Path.GetFileName(path))).SelectMany(Walk));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Callgate.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("no folder above the tests holds Callgate.slnx");
    }
}
