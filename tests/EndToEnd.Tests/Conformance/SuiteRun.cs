using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.EndToEnd.Tests.Peers;

namespace Callgate.EndToEnd.Tests.Conformance;

/// <summary>One check of the suite and how it ended: SUCCESS, FAILURE, WARNING, SKIPPED or INFO.</summary>
public sealed record SuiteCheck(string Id, string Name, string Status, string? Error);

/// <summary>A run of the official conformance suite against one address.</summary>
/// <param name="Scenarios">The checks of each scenario that ran.</param>
/// <param name="Peer">What the process said.</param>
public sealed partial record SuiteRun(IReadOnlyDictionary<string, IReadOnlyList<SuiteCheck>> Scenarios, PeerRun Peer)
{
    private static readonly string Preload = NodePeer.Script("bearer.mjs");

    public IEnumerable<SuiteCheck> Checks => Scenarios.Values.SelectMany(static checks => checks);

    /// <summary>Runs what <paramref name="selection"/> selects, with the token on every request, or without one.</summary>
    public static async Task<SuiteRun> AgainstAsync(Uri server, string? token, params string[] selection)
    {
        using var folder = new TemporaryFolder();
        string[] preload = token is null ? [] : ["--import", Preload];
        string[] command = [.. preload, NodePeer.File("@modelcontextprotocol/conformance/dist/index.js"), "server", "--url", server.AbsoluteUri, "--output-dir", folder.Root, .. selection];
        var environment = new Dictionary<string, string> { ["CALLGATE_HOST"] = server.Authority, ["CALLGATE_TOKEN"] = token ?? "" };
        var peer = await NodePeer.RunAsync(command[0], command[1..], environment);
        return new SuiteRun(Directory.EnumerateDirectories(folder.Root).ToDictionary(ScenarioOf, ChecksIn, StringComparer.Ordinal), peer);
    }

    /// <summary>The scenarios that a revision demands of a server, from the suite's own file.</summary>
    public static IReadOnlyList<string> Scored(string revision) =>
    [
        .. File.ReadLines(NodePeer.File($"@modelcontextprotocol/conformance/requirements/{revision}.yaml"))
            .SkipWhile(static line => line != "server:").Skip(1)
            .TakeWhile(static line => line.StartsWith("  - ", StringComparison.Ordinal))
            .Select(static line => line[4..].Trim()),
    ];

    /// <summary>The same run with one scenario as it ended in another.</summary>
    public SuiteRun With(string scenario, SuiteRun again)
    {
        var scenarios = new Dictionary<string, IReadOnlyList<SuiteCheck>>(Scenarios, StringComparer.Ordinal) { [scenario] = again.Of(scenario) };
        return this with { Scenarios = scenarios };
    }

    /// <summary>The checks of one scenario, none when it did not run.</summary>
    public IReadOnlyList<SuiteCheck> Of(string scenario) => Scenarios.TryGetValue(scenario, out var checks) ? checks : [];

    private static string ScenarioOf(string folder) => FolderName().Match(Path.GetFileName(folder)) is { Success: true } name
        ? name.Groups[1].Value
        : throw new InvalidOperationException($"the suite names its results differently now: `{Path.GetFileName(folder)}`");

    private static IReadOnlyList<SuiteCheck> ChecksIn(string folder)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "checks.json")));
        return [.. document.RootElement.EnumerateArray().Select(static check => new SuiteCheck(
            check.GetProperty("id").GetString()!,
            check.GetProperty("name").GetString()!,
            check.GetProperty("status").GetString()!,
            check.TryGetProperty("errorMessage", out var error) ? error.GetString() : null))];
    }

    /// <summary>The scenario, and when it ran.</summary>
    [GeneratedRegex(@"^server-(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$")]
    private static partial Regex FolderName();
}
