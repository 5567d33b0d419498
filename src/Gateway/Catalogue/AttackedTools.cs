using Callgate.Catalogue;
using Callgate.Catalogue.Attacks;

namespace Callgate.Gateway.Catalogue;

/// <summary>Finds tools of the catalogue that an attack is made on. Few of them: the page leads to the search for the rest.</summary>
public static class AttackedTools
{
    public const int Most = 12;

    private const int MostLooked = 24;

    /// <summary>A word that finds tools which may show the signal; whether they do is then seen by their definitions.</summary>
    public static string WordOf(RiskSignalKind kind) => kind switch
    {
        RiskSignalKind.FilePath => "file",
        RiskSignalKind.CodeOrQuery => "query",
        RiskSignalKind.RawHtml => "html",
        RiskSignalKind.Url => "url",
        RiskSignalKind.Secret => "password",
        RiskSignalKind.ManyParameters => "create",
        RiskSignalKind.Bulk => "bulk",
        RiskSignalKind.AbortsRunningWork => "cancel",
        RiskSignalKind.LooseIdentifier => "get",
        RiskSignalKind.SendsOut => "send",
        RiskSignalKind.ReadsUntrustedContent => "search",
        _ => "email",
    };

    public static async Task<IReadOnlyList<ListedTool>> OfAsync(AttackEntry attack, CatalogueStore store, CatalogueScope scope, CancellationToken cancellationToken)
    {
        var tools = attack.AppliesTo.Tools;
        var kinds = tools.Categories.Count + tools.Signals.Count;
        if (kinds == 0)
        {
            return [];
        }

        var (found, each, looked) = (new List<ListedTool>(), Math.Max(2, Most / kinds), 0);
        foreach (var category in tools.Categories)
        {
            found.AddRange((await store.SearchAsync(scope, new CatalogueQuery("", category.ToString()), cancellationToken)).Tools.Take(each));
        }

        foreach (var signal in tools.Signals)
        {
            var shown = 0;
            foreach (var tool in (await store.SearchAsync(scope, new CatalogueQuery(WordOf(signal)), cancellationToken)).Tools.TakeWhile(_ => shown < each && looked < MostLooked))
            {
                looked++;
                if (await store.FindAsync(scope, tool.Server, tool.Name, cancellationToken) is { } whole && Shows(whole, signal))
                {
                    found.Add(tool);
                    shown++;
                }
            }
        }

        return [.. found.DistinctBy(static tool => (tool.Server, tool.Name)).Take(Most)];
    }

    private static bool Shows(FoundTool tool, RiskSignalKind kind) =>
        ToolClassifier.Shipped.Classify(tool.Definition, tool.Listed.ReviewedAs).Signals.Any(signal => signal.Kind == kind);
}
