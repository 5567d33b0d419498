using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Gateway.Catalogue;

/// <summary>The servers that ship with the product: <c>catalogue/pack.jsonl</c>, one a line, inside the program.</summary>
public static class CataloguePack
{
    public static IReadOnlyList<CatalogueItem> Read()
    {
        using var resource = typeof(CataloguePack).Assembly.GetManifestResourceStream("pack.jsonl")!;
        using var reader = new StreamReader(resource);
        var items = new List<CatalogueItem>();
        while (reader.ReadLine() is { } line)
        {
            if (line.Length > 0)
            {
                var entry = ServerEntry.Read(JsonElement.Parse(line), out var fault) ?? throw new InvalidOperationException($"the pack cannot be read: {fault}");
                items.Add(new CatalogueItem(entry, CatalogueSource.Pack, IsPublic: true));
            }
        }

        return items;
    }
}
