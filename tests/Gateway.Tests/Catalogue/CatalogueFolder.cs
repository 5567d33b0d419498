using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>A catalogue on disk in a folder of its own.</summary>
internal sealed class CatalogueFolder : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("callgate-catalogue-");

    public CatalogueFolder() => Store = Open();

    public string Path => System.IO.Path.Combine(folder.FullName, "catalogue.db");

    public CatalogueStore Store { get; private set; }

    public static CatalogueItem Server(string name, CatalogueSource source = CatalogueSource.Added, bool isPublic = false, params string[] tools) =>
        new(new ServerEntry(name) { Tools = [.. tools.Select(static tool => Tool(tool))] }, source, isPublic);

    public static JsonElement Tool(string name, string description = "", JsonNode? schema = null) =>
        JsonElement.Parse(new JsonObject { ["name"] = name, ["description"] = description, ["inputSchema"] = schema ?? new JsonObject { ["type"] = "object" } }.ToJsonString());

    /// <summary>Names of the tools that a search finds, as `server/tool`.</summary>
    public async Task<List<string>> SearchAsync(string text, CatalogueScope scope = CatalogueScope.All) =>
        [.. (await Store.SearchAsync(scope, new CatalogueQuery(text))).Tools.Select(static tool => $"{tool.Server}/{tool.Name}")];

    public async Task<List<string>> NamesAsync(CatalogueScope scope = CatalogueScope.All) =>
        [.. (await Store.ServersAsync(scope, "", 100)).Select(static server => server.Name)];

    /// <summary>Closes the store, lets something happen to its file, and opens it again.</summary>
    public async Task AgainAsync(Action<string> between)
    {
        await Store.DisposeAsync();
        between(Path);
        Store = Open();
    }

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        folder.Delete(recursive: true);
    }

    private CatalogueStore Open() => new(Path, TimeProvider.System, NullLogger<CatalogueStore>.Instance);
}
