using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;

namespace Callgate.Bench.Catalogue;

/// <summary>
/// Servers as registries hold them: a few verbs and nouns make most names of tools, so that `search` and `list_issues` are on
/// thousands of servers; 4 to 16 tools each; descriptions of a sentence or some; schemas of up to eight members.
/// </summary>
internal sealed class GeneratedServers(int seed)
{
    private const int SampleSize = 400;

    private static readonly string[] Types = ["string", "string", "string", "integer", "boolean", "number", "array"];

    private static readonly Words Verbs = Words.Of(
        "get", "list", "search", "create", "update", "delete", "find", "add", "set", "send", "read", "query", "fetch", "run", "execute", "remove", "check", "analyze", "generate", "describe", "export", "import", "validate", "upload",
        "download", "start", "stop", "move", "copy", "convert", "compare", "deploy", "cancel", "approve", "assign", "archive", "refund", "pay", "transfer", "purge", "merge", "publish", "subscribe", "sync", "translate");

    private static readonly Words Nouns = Words.Of(
        "issues", "files", "users", "projects", "records", "messages", "documents", "data", "tasks", "events", "pages", "comments", "repositories", "customers", "orders", "invoices", "tables", "channels", "tickets", "products",
        "contacts", "images", "branches", "logs", "metrics", "alerts", "deployments", "containers", "clusters", "jobs", "workflows", "emails", "calendars", "payments", "accounts", "notes", "tags", "teams", "reports", "models",
        "datasets", "queries", "schemas", "webhooks", "secrets", "policies", "dashboards", "wallets", "balances", "transactions", "subscriptions", "campaigns", "leads", "deals", "videos", "transcripts", "embeddings", "nodes", "pods", "volumes");

    private readonly Random random = new(seed);
    private readonly Words texts = Words.OfTexts(new Random(seed + 1), 30_000);
    private readonly Words names = Words.OfNames(new Random(seed + 2), 12_000);
    private int made;

    public long Tools { get; private set; }

    /// <summary>Some of the servers, by chance: what is looked up and searched for.</summary>
    public List<ServerEntry> Sample { get; } = [];

    public List<CatalogueItem> Take(int count) => [.. Enumerable.Range(0, count).Select(_ => new CatalogueItem(Next(), CatalogueSource.Added, IsPublic: random.Next(10) < 7))];

    private ServerEntry Next()
    {
        var (maker, thing) = (names.Any(random), names.Any(random));
        var title = $"{Capital(thing)} {Capital(texts.Any(random))} MCP Server";
        var own = Enumerable.Range(0, 3).Select(_ => names.Any(random)).ToList();
        var tools = new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        for (var wanted = random.Next(4, 17); tools.Count < wanted;)
        {
            var name = ToolName(own);
            tools.TryAdd(name, Tool(name));
        }

        var number = made++;
        Tools += tools.Count;
        var entry = new ServerEntry(string.Create(CultureInfo.InvariantCulture, $"io.github.{maker}/{thing}-{number}"))
        {
            Title = title,
            Description = Sentence(random.Next(6, 20)),
            Version = $"1.{random.Next(20)}.{random.Next(10)}",
            Tools = [.. tools.Values],
            Manifest = JsonElement.Parse(new JsonObject { ["name"] = $"io.github.{maker}/{thing}", ["description"] = title, ["packages"] = new JsonArray(new JsonObject { ["identifier"] = thing, ["transport"] = new JsonObject { ["type"] = "stdio" } }) }.ToJsonString()),
        };
        Remember(entry, number);
        return entry;
    }

    private void Remember(ServerEntry entry, int number)
    {
        if (Sample.Count < SampleSize)
        {
            Sample.Add(entry);
        }
        else if (random.Next(number + 1) is var at && at < SampleSize)
        {
            Sample[at] = entry;
        }
    }

    private string ToolName(List<string> own)
    {
        var (verb, noun) = (Verbs.Any(random), Nouns.Any(random));
        string[] words = random.Next(4) switch
        {
            0 => [verb, noun],
            1 => [verb, own[random.Next(own.Count)], noun],
            2 => [verb, noun, "by", Nouns.Any(random)],
            _ => [own[0], verb, noun],
        };
        return random.Next(5) switch
        {
            0 => words[0] + string.Concat(words.Skip(1).Select(Capital)),
            1 => string.Join('-', words),
            _ => string.Join('_', words),
        };
    }

    private JsonElement Tool(string name)
    {
        var members = new JsonObject();
        for (var count = random.Next(9); count > 0; count--)
        {
            var member = new JsonObject { ["type"] = Types[random.Next(Types.Length)] };
            if (random.Next(4) > 0)
            {
                member["description"] = Sentence(random.Next(3, 12));
            }

            members[texts.Any(random) + "_" + texts.Any(random)] = member;
        }

        var tool = new JsonObject
        {
            ["name"] = name,
            ["description"] = Sentence(random.Next(5, 45)),
            ["inputSchema"] = new JsonObject { ["type"] = "object", ["properties"] = members, ["required"] = new JsonArray([.. members.Take(2).Select(static member => (JsonNode)member.Key)]) },
        };
        if (random.Next(3) == 0)
        {
            tool["annotations"] = new JsonObject { ["readOnlyHint"] = random.Next(2) == 0 };
        }

        return JsonElement.Parse(tool.ToJsonString());
    }

    private string Sentence(int length)
    {
        var sentence = new StringBuilder(length * 7);
        for (var at = 0; at < length; at++)
        {
            sentence.Append(at == 0 ? Capital(texts.Any(random)) : " " + texts.Any(random));
        }

        return sentence.Append('.').ToString();
    }

    private static string Capital(string word) => char.ToUpperInvariant(word[0]) + word[1..];
}
