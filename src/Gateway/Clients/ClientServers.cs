using System.Text;

namespace Callgate.Gateway.Clients;

/// <summary>The servers in a configuration that somebody gives us, of whichever client.</summary>
public static class ClientServers
{
    private static readonly string[][] AnyHolder =
        [.. ClientBook.All.Where(static client => client.Format != ConfigFormat.Toml).SelectMany(static client => client.Holders).DistinctBy(static way => string.Join('/', way))];

    private static readonly string[][] TomlHolders = [["mcp_servers"]];

    /// <param name="text">JSON, with comments or without, or TOML.</param>
    /// <returns>The servers, or why there are none. The reason quotes nothing of the text.</returns>
    public static (IReadOnlyList<ServerEntry> Entries, string? Fault) Read(string text)
    {
        // A comment of JSON begins with a slash; nothing of TOML does.
        var isJson = text.AsSpan().TrimStart("\uFEFF \t\r\n") is ['{' or '/', ..];
        var holders = isJson ? AnyHolder : TomlHolders;
        var (document, fault) = ConfigFile.Parse(Encoding.UTF8.GetBytes(text), isJson ? ConfigFormat.CommentedJson : ConfigFormat.Toml, holders);
        if (document is null)
        {
            return ([], $"the text {fault}");
        }

        var (entries, faults) = ServerEntry.In(document.Root, holders);
        return entries.Count > 0 ? ([.. entries.GroupBy(static entry => entry.Name, StringComparer.Ordinal).Select(static group => group.Last())], null)
            : ([], faults.Count > 0 ? faults[0] : "no server is named in it: they stand under `mcpServers`, `servers`, `context_servers` or `[mcp_servers]`");
    }
}
