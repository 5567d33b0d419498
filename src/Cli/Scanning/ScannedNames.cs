using System.Collections.Immutable;
using Callgate.Catalogue;

namespace Callgate.Cli.Scanning;

/// <summary>Tools of different servers that a person, or a model, takes for each other.</summary>
internal static class ScannedNames
{
    private const int MostFindings = 16;

    /// <summary>The servers with what their tools can be taken for. A server that several clients have under one name is one server.</summary>
    public static ImmutableArray<ScannedServer> Told(ImmutableArray<ScannedServer> servers)
    {
        var index = NameIndex.Of(servers.SelectMany(static server => (server.Asked?.Tools ?? []).Select(tool => ListedName.Of(server.Entry.Name, tool.Name))));
        return [.. servers.Select(server => server with { Findings = [.. server.Findings, .. Of(server, index)] })];
    }

    private static IEnumerable<Finding> Of(ScannedServer server, NameIndex index)
    {
        var alike = (server.Asked?.Tools ?? []).Select(tool => (tool.Name, Others: index.Of(server.Entry.Name, tool.Name))).Where(static pair => pair.Others.Count > 0).ToList();
        foreach (var (name, others) in alike.Where(static pair => !pair.Others[0].IsSame).Take(MostFindings))
        {
            yield return new Finding(Severity.Medium, "look_alike_tool", "", $"tool {name} looks like {others[0].Tool} of {ShownServer.Word(others[0].Server)}");
        }

        if (alike.Where(static pair => pair.Others[^1].IsSame).ToList() is [var (same, of), ..] shared)
        {
            yield return new Finding(Severity.Low, "same_tool_name", "", $"{shared.Count} tools have the name of a tool of another server, such as {same} of {ShownServer.Word(of[^1].Server)}");
        }
    }
}
