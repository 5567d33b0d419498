using System.Collections.Immutable;

namespace Callgate.Gateway.Clients;

/// <summary>A server as a client's configuration names it, in whichever of the spellings of the clients.</summary>
public sealed class ServerEntry
{
    private static readonly string[] Addresses = ["httpUrl", "serverUrl", "url"];
    private static readonly string[] HeaderMembers = ["headers", "http_headers"];

    public ServerEntry(string name, string scope, ConfigNode node)
    {
        (Name, Scope, Node) = (name, scope, node);

        // Zed once wrote the command as an object of its own.
        var command = node.Find("command");
        var holder = command is { Kind: NodeKind.Map } ? command : node;
        var words = command is { Kind: NodeKind.Array } ? Words(command) : [];
        Command = holder == command ? command.TextOf("path") : words.FirstOrDefault() ?? command?.Text;
        Arguments = [.. words.Skip(1), .. Words(holder.Find("args"))];
        Environment = Pairs(holder.Find("env"));
        Folder = node.TextOf("cwd");
        Url = Addresses.Select(node.TextOf).FirstOrDefault(static url => url is not null);
        Headers = HeaderMembers.Select(node.Find).Aggregate(Pairs(null), static (all, some) => all.SetItems(Pairs(some)));
        Transport = TransportOf(node);
    }

    public string Name { get; }

    /// <summary>The way to the object it stands in, as <c>mcpServers</c>.</summary>
    public string Scope { get; }

    public ConfigNode Node { get; }

    public string? Command { get; }

    public ImmutableArray<string> Arguments { get; }

    public ImmutableSortedDictionary<string, string> Environment { get; }

    /// <summary>Where it is to be started.</summary>
    public string? Folder { get; }

    public string? Url { get; }

    public ImmutableSortedDictionary<string, string> Headers { get; }

    /// <summary><c>stdio</c>, <c>http</c>, <c>sse</c>, or <c>other</c> for what the client alone knows how to start.</summary>
    public string Transport { get; }

    /// <summary>All servers of a document; a fault for each holder that is no object.</summary>
    public static (IReadOnlyList<ServerEntry> Entries, IReadOnlyList<string> Faults) In(ConfigNode root, IReadOnlyList<string[]> ways)
    {
        var (entries, faults) = (new List<ServerEntry>(), new List<string>());
        foreach (var (scope, holder) in ways.SelectMany(way => Holders(root, way, "")))
        {
            if (holder.Kind != NodeKind.Map)
            {
                faults.Add($"`{scope}` is no object of servers");
                continue;
            }

            faults.AddRange(holder.Repeated().Select(name => $"`{name}` stands more than once in `{scope}`; clients take the last"));
            entries.AddRange(holder.Members.Where(static member => member.Value.Kind == NodeKind.Map).Select(member => new ServerEntry(member.Name, scope, member.Value)));
        }

        return (entries, faults);
    }

    private static IEnumerable<(string Scope, ConfigNode Node)> Holders(ConfigNode node, ReadOnlyMemory<string> way, string scope)
    {
        if (way.IsEmpty)
        {
            return [(scope, node)];
        }

        var name = way.Span[0];
        return node.Members.Where(member => name == "*" || member.Name == name)
            .SelectMany(member => Holders(member.Value, way[1..], scope.Length == 0 ? member.Name : $"{scope}.{member.Name}"));
    }

    private static string TransportOf(ConfigNode node)
    {
        if (node.Find("command") is not null)
        {
            return "stdio";
        }

        var type = node.TextOf("type") ?? node.TextOf("transport") ?? node.TextOf("transportType");
        return Addresses.All(name => node.Find(name) is null) ? "other" : type == "sse" ? "sse" : "http";
    }

    private static IEnumerable<string> Words(ConfigNode? array) => array?.Items.Select(static item => item.Text ?? "") ?? [];

    private static ImmutableSortedDictionary<string, string> Pairs(ConfigNode? node) =>
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).SetItems(node?.Texts() ?? []);
}
