using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Upstreams;
using Callgate.Policy;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Bench.Catalogue;

/// <summary>A gate as a company may have one: 200 servers with 25 reviewed tools each, grants, a policy, and a long record written by the journal itself.</summary>
internal static class DashboardBench
{
    private const int Servers = 200;
    private const int ToolsEach = 25;
    private const int Grants = 200;

    private static readonly string[] Verbs = ["list", "get", "create", "update", "delete"];

    /// <summary>The pages that people open first, as they are with so much behind them.</summary>
    public static IEnumerable<(string What, List<string> Paths)> Pages()
    {
        const int Times = 40;
        yield return ("the overview, which opens first", [.. Enumerable.Repeat("/", Times)]);
        yield return ("servers", [.. Enumerable.Repeat("/servers", Times)]);
        yield return ("a server", [.. Enumerable.Range(0, Times).Select(static i => $"/servers/{Server(i)}")]);
        yield return ("policies", [.. Enumerable.Repeat("/policies", Times)]);
        yield return ("the policy builder", [.. Enumerable.Range(0, Times).Select(static i => $"/policies/p/edit?server={Server(i)}")]);
        yield return ("grants", [.. Enumerable.Repeat("/grants", Times)]);
        yield return ("a grant", [.. Enumerable.Range(0, Times).Select(static i => $"/grants/{Grant(i)}")]);
        yield return ("the record", [.. Enumerable.Repeat("/audit", Times)]);
        yield return ("the record of a tool", [.. Enumerable.Range(0, Times).Select(static i => $"/audit?server={Server(i)}&tool={Tool(i)}")]);
        yield return ("approvals", [.. Enumerable.Repeat("/approvals", Times)]);
        yield return ("the stack", [.. Enumerable.Repeat("/stack", Times)]);
    }

    public static async Task FillAsync(string folder, int records)
    {
        using (var data = DataDirectory.Open(folder))
        {
            await using var store = await SqliteConfigStore.OpenAsync(data.ConfigurationFile, Keyring.Open(folder), TimeProvider.System);
            await store.SavePolicyAsync("p", """{"version":"1","default":"deny","tools":{"list_*":{},"get_*":{}},"categories":{"Write":{"rate_limit":{"max":30,"window":60}}}}"""u8.ToArray(), "bench", null);
            for (var i = 0; i < Servers; i++)
            {
                await store.SaveServerAsync(new ServerDefinition { Name = Server(i), Transport = TransportKind.Http, Url = new Uri("http://127.0.0.1:9/mcp") });
                await store.SavePinsAsync(new PinnedServer(Server(i), Enumerable.Range(0, ToolsEach).Select(Pinned).ToFrozenDictionary(static tool => tool.Name), FrozenDictionary<string, PinnedTool>.Empty, null, TimeProvider.System.GetUtcNow()));
            }

            for (var i = 0; i < Grants; i++)
            {
                await store.SaveGrantAsync(new Grant { Id = Grant(i), Label = $"agent {i}", TokenHash = i.ToString("x64", CultureInfo.InvariantCulture), Servers = ImmutableSortedDictionary<string, string?>.Empty.Add(Server(i), "p") });
            }
        }

        await using var journal = await Journal.OpenAsync(new JournalOptions(Path.Combine(folder, "journal")), TimeProvider.System, NullLogger.Instance);
        var (random, now) = (new Random(20261130), TimeProvider.System.GetUtcNow());
        for (var i = 0; i < records; i++)
        {
            var (server, tool) = (random.Next(Servers), random.Next(ToolsEach));
            var (id, time, allowed) = ($"call-{i:D12}", now.AddSeconds(-(records - i) / 20.0), tool % 5 < 3);
            await journal.AppendAsync(
                new CallRecord
                {
                    Id = id, Time = time, Method = "tools/call", Decision = allowed ? "allow" : "deny", Code = allowed ? null : "policy.default_deny", Rule = allowed ? null : "/default", Outcome = allowed ? null : "refused",
                    Grant = Grant(server), Server = Server(server), Tool = Tool(tool), Policy = "p", Revision = 1, ArgumentNames = ["id"], Client = "agent 1.0", RequestId = "7",
                },
                Durability.Process,
                CancellationToken.None);
            if (allowed)
            {
                journal.Complete(new OutcomeRecord(id, time, "answered", 200, random.Next(1, 400)));
            }

            if (i % 100_000 == 0)
            {
                await Console.Error.WriteLineAsync($"{i} of {records} calls recorded");
            }
        }
    }

    private static string Server(int number) => string.Create(CultureInfo.InvariantCulture, $"server{number:D3}");

    private static string Grant(int number) => string.Create(CultureInfo.InvariantCulture, $"grant-{number:D3}");

    private static string Tool(int number) => string.Create(CultureInfo.InvariantCulture, $"{Verbs[number % Verbs.Length]}_thing_{number % ToolsEach}");

    private static PinnedTool Pinned(int number)
    {
        var definition = Encoding.UTF8.GetBytes($$$"""{"name":"{{{Tool(number)}}}","description":"Works on things of kind {{{number}}}.","inputSchema":{"type":"object","properties":{"id":{"type":"integer"},"name":{"type":"string"},"when":{"type":"string","format":"date"} } } }""");
        return new PinnedTool(Tool(number), definition, Fingerprint.Of(JsonElement.Parse(definition)), number % 5 < 2 ? ToolCategory.Read : number % 5 < 4 ? ToolCategory.Write : ToolCategory.Destructive);
    }
}
