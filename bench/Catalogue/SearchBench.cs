using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Bench.Catalogue;

/// <summary>Search as you type: each beginning of each query, as a person would send it letter by letter.</summary>
internal static class SearchBench
{
    private const int Queries = 60;

    private const int LongestTyped = 32;

    public static async Task RunAsync(string file, IReadOnlyList<ServerEntry> sample)
    {
        await using var store = new CatalogueStore(file, TimeProvider.System, NullLogger<CatalogueStore>.Instance);
        var typed = sample.Take(Queries).SelectMany(Typed).ToList();
        foreach (var text in typed.Take(200))
        {
            await store.SearchAsync(CatalogueScope.All, new CatalogueQuery(text));
        }

        Console.WriteLine($"### Search as you type\n\n{Figures.Head}");
        foreach (var scope in Enum.GetValues<CatalogueScope>())
        {
            await MeasureAsync(store, scope, "words", typed, static text => new CatalogueQuery(text));
            await MeasureAsync(store, scope, "words, Destructive", typed, static text => new CatalogueQuery(text, Category: "Destructive"));
            await MeasureAsync(store, scope, "words, Read", typed, static text => new CatalogueQuery(text, Category: "Read"));
            await MeasureAsync(store, scope, "words, Critical", typed, static text => new CatalogueQuery(text, Risk: RiskLevel.Critical));
            await MeasureAsync(store, scope, "words, seventh page", typed, static text => new CatalogueQuery(text, From: 300));
        }

        await MeasureAsync(store, CatalogueScope.Public, "a category alone", [.. Enum.GetNames<RiskCategory>()], static name => new CatalogueQuery("", Category: name));
    }

    /// <summary>A tool's name, words of a description, and a name with a word of its server, each letter by letter.</summary>
    private static IEnumerable<string> Typed(ServerEntry server, int number)
    {
        var tool = server.Tools[number % server.Tools.Count];
        var name = tool.GetProperty("name").GetString()!;
        var said = tool.GetProperty("description").GetString()!.TrimEnd('.').Split(' ');
        var query = (number % 4) switch
        {
            0 => name.Replace('_', ' '),
            1 => name,
            2 => string.Join(' ', said.Skip(1).Take(4)),
            _ => $"{server.Title.Split(' ')[0].ToLowerInvariant()} {name.Split('_', '-')[0]} {said[^1]}",
        };
        return Enumerable.Range(1, Math.Min(query.Length, LongestTyped)).Select(length => query[..length]);
    }

    private static async Task MeasureAsync(CatalogueStore store, CatalogueScope scope, string what, List<string> typed, Func<string, CatalogueQuery> make)
    {
        var figures = new Figures($"{what} ({(scope == CatalogueScope.Public ? "public" : "all")})");
        foreach (var text in typed)
        {
            await figures.MeasureAsync($"`{text}`", () => store.SearchAsync(scope, make(text)));
        }

        figures.Print();
    }
}
