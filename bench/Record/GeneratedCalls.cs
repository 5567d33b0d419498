using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Callgate.Bench.Record;

/// <summary>
/// Entries as a busy gate of a company would write them: few tools make most calls, most are allowed and answered, some texts
/// are rare, ids are unique, and once the clock is set back.
/// </summary>
internal sealed class GeneratedCalls(int seed, long records)
{
    public static readonly DateTimeOffset Begin = new(2027, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static readonly TimeSpan Length = TimeSpan.FromDays(400);

    private const int Grants = 200;
    private const int Servers = 12;
    private const int Tools = 40;

    private static readonly string[] Codes = ["policy.denied", "policy.default_deny", "limit.exceeded", "policy.condition", "arguments.invalid", "definition.drifted"];

    private readonly Random random = new(seed);
    private long seq;

    public string AnyGrant() => Grant(random.Next(Grants));

    public string AnyIdentity() => Identity(random.Next(Grants));

    public string AnyServer() => Server(random.Next(Servers));

    public string AnyTool() => Tool(random.Next(Servers), random.Next(Tools));

    public string AnyCode() => Codes[random.Next(Codes.Length)];

    public string AnyRule() => Rule(random.Next(40));

    public DateTimeOffset AnyTime() => Begin + (Length * random.NextDouble());

    public long AnySeq() => random.NextInt64(1, records);

    public List<JsonElement> Take(int count)
    {
        var entries = new List<JsonElement>(count);
        while (entries.Count < count && seq < records)
        {
            entries.Add(JsonElement.Parse(Encoding.UTF8.GetBytes(Entry(++seq))));
        }

        return entries;
    }

    public long Seq => seq;

    private static string Grant(int number) => string.Create(CultureInfo.InvariantCulture, $"grant-{number:D3}");

    private static string Identity(int number) => string.Create(CultureInfo.InvariantCulture, $"person{number / 2}@example.com");

    private static string Server(int number) => string.Create(CultureInfo.InvariantCulture, $"server{number}");

    private static string Tool(int server, int number) => string.Create(CultureInfo.InvariantCulture, $"{(number % 3 == 0 ? "list" : number % 3 == 1 ? "update" : "delete")}_{server}_{number}");

    private static string Rule(int number) => string.Create(CultureInfo.InvariantCulture, $"/tools/pattern{number}/require/{number % 4}");

    /// <summary>Small numbers often.</summary>
    private int Often(int below) => (int)(below * Math.Pow(random.NextDouble(), 3));

    private string Entry(long number)
    {
        // In the middle the clock is set back by six hours.
        var at = Begin + (Length * ((double)number / records)) + TimeSpan.FromMilliseconds(random.Next(2_000)) - (number > records / 2 ? TimeSpan.FromHours(6) : TimeSpan.Zero);
        var time = at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var id = string.Create(CultureInfo.InvariantCulture, $"{number:x10}{random.NextInt64():x16}");
        if (number % 5_000 == 0)
        {
            return $$"""{"seq":{{number}},"kind":"call","id":"{{id}}","time":"{{time}}","grant":null,"identity":"administrator","server":"{{AnyServer()}}","method":"operator/policy-put","tool":null,"decision":"allow","code":null,"rule":null,"policy":"p3","revision":null,"outcome":"answered","argument_names":[],"arguments_digest":null,"client":"callgate-cli","request_id":null,"shadow":false,"approval":null,"charges":[]}""";
        }

        if (number % 200 == 0)
        {
            return $$"""{"seq":{{number}},"kind":"call","id":"{{id}}","time":"{{time}}","grant":null,"identity":null,"server":"{{AnyServer()}}","method":null,"tool":null,"decision":"deny","code":"grant.unknown","rule":null,"policy":null,"revision":null,"outcome":"refused","argument_names":[],"arguments_digest":null,"client":"scanner {{random.Next()}}","request_id":null,"shadow":false,"approval":null,"charges":[]}""";
        }

        var grant = Often(Grants);
        var server = Often(Servers);
        var tool = Often(Tools);
        var isDenied = random.Next(12) == 0;

        // A rule stands in one policy and refuses for one reason.
        var ruleNumber = (grant % 20 * 2) + random.Next(2);
        var rule = isDenied ? $"\"{Rule(ruleNumber)}\"" : "null";
        var outcome = isDenied ? "refused" : random.Next(60) == 0 ? "failed" : "answered";
        var rare = number % 1_000_003 == 0 ? ",\"needle\"" : "";
        return $$"""{"seq":{{number}},"kind":"call","id":"{{id}}","time":"{{time}}","grant":"{{Grant(grant)}}","identity":"{{Identity(grant)}}","server":"{{Server(server)}}","method":"tools/call","tool":"{{Tool(server, tool)}}","decision":"{{(isDenied ? "deny" : "allow")}}","code":{{(isDenied ? $"\"{Codes[ruleNumber % Codes.Length]}\"" : "null")}},"rule":{{rule}},"policy":"p{{grant % 20}}","revision":{{1 + (number * 5 / records)}},"outcome":"{{outcome}}","argument_names":["run_id","job{{tool % 4}}"{{rare}}],"arguments_digest":"{{random.NextInt64():x16}}{{random.NextInt64():x16}}","client":"agent{{grant % 7}} 1.{{grant % 3}}","request_id":"{{number % 1000}}","shadow":false,"approval":null,"charges":[{"policy":"p{{grant % 20}}","counter":"runs","scope":"grant","scope_id":"{{Grant(grant)}}","server":"{{Server(server)}}","window":"day","window_start":"{{time}}","amount":1}]}""";
    }
}
