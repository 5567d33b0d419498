using System.Text;

namespace Callgate.Bench.Catalogue;

/// <summary>A vocabulary as definitions have one: a few words are in most of them, most words in a few (Zipf's law).</summary>
internal sealed class Words
{
    private static readonly string[] Common =
    [
        "the", "a", "of", "to", "and", "in", "for", "by", "with", "from", "given", "list", "all", "name", "id", "optional", "returns", "user", "project", "data", "file", "search", "query", "results",
        "filter", "status", "details", "specified", "current", "type", "date", "limit", "number", "page", "default", "information", "this", "tool", "use", "is", "when", "that", "be", "or", "as",
        "message", "channel", "issue", "repository", "branch", "record", "table", "database", "workspace", "team", "account", "customer", "invoice", "payment", "order", "product", "task", "event", "calendar",
        "document", "folder", "image", "video", "text", "model", "agent", "memory", "graph", "node", "cluster", "container", "deployment", "log", "metric", "alert", "dashboard", "report", "ticket", "comment",
    ];

    private static readonly string[] Syllables = ["ba", "cor", "den", "fi", "gra", "hul", "jo", "ker", "lin", "mo", "nar", "os", "pra", "qui", "ru", "sel", "ti", "un", "vor", "wex", "ya", "zen"];

    private readonly string[] all;
    private readonly double[] upTo;

    private Words(string[] all)
    {
        this.all = all;
        upTo = new double[all.Length];
        var sum = 0.0;
        for (var rank = 0; rank < all.Length; rank++)
        {
            upTo[rank] = sum += 1.0 / (rank + 3);
        }
    }

    /// <summary>Words of texts: the common ones, and so many that were made up.</summary>
    public static Words OfTexts(Random random, int madeUp) => new([.. Common, .. MadeUp(random, madeUp)]);

    public static Words Of(params string[] words) => new(words);

    /// <summary>Names of things and makers, none of them common.</summary>
    public static Words OfNames(Random random, int count) => new([.. MadeUp(random, count)]);

    public string Any(Random random)
    {
        var at = Array.BinarySearch(upTo, random.NextDouble() * upTo[^1]);
        return all[Math.Min(all.Length - 1, at < 0 ? ~at : at)];
    }

    private static HashSet<string> MadeUp(Random random, int count)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Count < count)
        {
            var word = new StringBuilder();
            for (var syllables = random.Next(2, 5); syllables > 0; syllables--)
            {
                word.Append(Syllables[random.Next(Syllables.Length)]);
            }

            seen.Add(word.ToString());
        }

        return seen;
    }
}
