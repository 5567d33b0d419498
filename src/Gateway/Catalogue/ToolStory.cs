using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Catalogue;
using Callgate.Catalogue.Attacks;
using Callgate.Policy;

namespace Callgate.Gateway.Catalogue;

/// <summary>
/// What a page says about a tool: sentences of ours made from facts. A page and its Markdown twin say the same, because both
/// are made from this.
/// </summary>
public sealed class ToolStory
{
    /// <summary>A rule of thumb for what a model reads: four bytes of JSON are about one token.</summary>
    private const int BytesPerToken = 4;

    private const int LongestQuote = 300;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, IndentSize = 2, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private ToolStory(FoundTool found, ToolClassification classified) => (Found, Classified, Findings) = (found, classified, DefinitionScan.Of(found.Definition));

    public FoundTool Found { get; }

    public ToolClassification Classified { get; }

    /// <summary>What stands out in the definition.</summary>
    public IReadOnlyList<DefinitionFinding> Findings { get; }

    public string Name => Found.Listed.Name;

    public string Server => Found.Listed.ServerTitle;

    public string Category => Found.Listed.Category?.ToString() ?? "Unclassified";

    public RiskLevel Risk => Found.Listed.Risk;

    /// <summary>About how many tokens a model reads for the definition, each time the tools are listed to it.</summary>
    public int Tokens => (System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(Found.Definition).Length + BytesPerToken - 1) / BytesPerToken;

    /// <summary>What the category means for a call.</summary>
    public string Does => Found.Listed.Category switch
    {
        RiskCategory.Read => "It returns or works out something. Nothing is changed by calling it.",
        RiskCategory.Write => "It creates or changes something that can be changed back.",
        RiskCategory.Execute => "It runs something, or sets something off outside; what that does depends on the arguments.",
        RiskCategory.Destructive => "What it does cannot be undone.",
        RiskCategory.Financial => "It moves money, promises it, or is one step from that.",
        RiskCategory.Other => "It neither reads nor changes anything of the server's.",
        _ => "Its definition does not say clearly enough what it does.",
    };

    public string WhyAPolicy => Found.Listed.Category switch
    {
        RiskCategory.Read => "Reading harms no data, but what comes back may be private, and it may have been written by somebody who wants the agent to do something. Allow it by name, so that a tool that appears later is not allowed with it.",
        RiskCategory.Write => "One wrong change is put right again; a loop, or an instruction hidden in what the agent read, makes hundreds. A limit keeps a mistake small.",
        RiskCategory.Execute => "The tool is as dangerous as the worst argument it takes. A limit keeps a mistake small, and rules about arguments keep out what it must never be told.",
        RiskCategory.Destructive => "An agent that is wrong, or that was talked into it, has no second try: nothing brings back what is gone. What nobody needs an agent for is better not seen by it.",
        RiskCategory.Financial => "A payment that was made by mistake is a loss, or a negotiation. A person who sees the amount and the receiver stops it for the price of a minute.",
        RiskCategory.Other => "Little can happen; a limit keeps a loop from going on for ever.",
        _ => "Until somebody has looked at it, it is treated like the most dangerous ones: a person is asked about each call.",
    };

    /// <summary>What the recommended rule changes.</summary>
    public Prose Effect => Found.Listed.Category switch
    {
        RiskCategory.Read => Prose.Of($"Calls of {Prose.Name(Name)} pass. Every tool that is not named stays denied."),
        RiskCategory.Write => Prose.Of($"Calls of {Prose.Name(Name)} pass, at most 30 a minute of each grant. Every tool that is not named stays denied."),
        RiskCategory.Execute => Prose.Of($"Calls of {Prose.Name(Name)} pass, at most 10 a minute of each grant. Every tool that is not named stays denied."),
        RiskCategory.Other => Prose.Of($"Calls of {Prose.Name(Name)} pass, at most 60 a minute of each grant. Every tool that is not named stays denied."),
        RiskCategory.Destructive => Prose.Of($"{Prose.Name(Name)} is in no list that an agent sees, and a call of it is answered as if there were no such tool."),
        _ => Prose.Of($"A call of {Prose.Name(Name)} waits until a person has seen its arguments and approved it, for this once."),
    };

    /// <summary>A policy for this tool alone, ready to be saved.</summary>
    public string Policy => Encoding.UTF8.GetString(PolicyRecommendation.Write([Offered(Found)])).TrimEnd('\n');

    /// <summary>How many attacks a page names.</summary>
    public const int MostAttacks = 8;

    /// <summary>Attacks on tools that can do what this one can, those that are not stopped first.</summary>
    public IReadOnlyList<AttackEntry> Attacks => field ??= AttackPack.Database.Against(Found.Listed.Category, Classified.Signals);

    /// <summary>How many are made on any tool at all.</summary>
    public static int AttacksOnAnyTool => AttackPack.Database.Entries.Count(static entry => entry.AppliesTo.IsAnyTool);

    /// <summary>What the tool can do, as attacks name it. One that is not classified may do the worst.</summary>
    public IEnumerable<string> Capabilities =>
        (Found.Listed.Category is { } category ? [category.ToString()] : Enum.GetNames<RiskCategory>()).Concat(Classified.Signals.Select(static signal => signal.Id));

    /// <summary>What people ask, and the answers.</summary>
    public IEnumerable<(Prose Question, Prose Answer)> Questions()
    {
        var asks = Found.Listed.Category is null or RiskCategory.Financial;
        var (name, server) = (Prose.Name(Name), Prose.Name(Server));
        var said = Found.Listed.Description.Length > 0 ? Prose.Of($"{Prose.Quote(CatalogueText.Cut(Found.Listed.Description, LongestQuote))} ") : Prose.OfText("");
        yield return (Prose.Of($"What does {name} do?"), Prose.Of($"{said}It counts as {Category}: {Lower(Does)}"));
        yield return (Prose.Of($"How dangerous is {name}?"), Prose.Of($"{Risk.ToString()} risk. The level follows from the category alone, {Category}."));
        yield return (Prose.Of($"How is a rule for {name} enforced?"), Prose.Of($"Register {server} in Callgate, save the policy above, and give the agent a grant for the server. Each call is judged before a byte of it reaches the server."));
        yield return (Prose.Of($"Can {name} be limited in number?"), Prose.OfText("Yes: `rate_limit` in its entry, such as `{ \"max\": 10, \"window\": \"minute\" }`, counted for each grant. Longer windows, amounts and counters that several tools share are written as `limits`."));
        yield return (Prose.Of($"How is {name} blocked completely?"), Prose.OfText("Put its name into `hide`, and agents do not learn that it exists; or give its entry `\"action\": \"deny\"` with a `reason`, which the agent is told."));
        yield return (Prose.Of($"Who provides {name}?"), Prose.Of($"The MCP server {server}.{(asks ? " A person approves each call under the policy above." : "")}"));
    }

    public static ToolStory Of(FoundTool found) => new(found, ToolClassifier.Shipped.Classify(found.Definition, found.Listed.ReviewedAs));

    /// <summary>What a policy is recommended by: the definition under the category that the catalogue holds.</summary>
    public static OfferedTool Offered(FoundTool found) => OfferedTool.Of(found.Definition, found.Listed.Category?.ToString())!;

    /// <summary>Facts for search engines, as schema.org names them (a page about a piece of software, with questions and answers).</summary>
    public string StructuredData(string address)
    {
        var questions = Questions().Select(static one => (JsonNode)new JsonObject
        {
            ["@type"] = "Question",
            ["name"] = one.Question.Plain,
            ["acceptedAnswer"] = new JsonObject { ["@type"] = "Answer", ["text"] = one.Answer.Plain },
        });
        var data = new JsonObject { ["@context"] = "https://schema.org", ["@type"] = "FAQPage", ["url"] = address, ["name"] = $"{CatalogueText.Name(Name)} of {Server}", ["mainEntity"] = new JsonArray([.. questions]) };

        // The default encoder escapes what could end the element it stands in.
        return data.ToJsonString();
    }

    public string Definition => JsonSerializer.Serialize(Found.Definition, Indented);

    public string ConfidenceText => Classified.OverrideReason is not null ? "reviewed by a person" : string.Create(CultureInfo.InvariantCulture, $"confidence {Classified.Confidence:0.00}");

    private static string Lower(string sentence) => char.ToLowerInvariant(sentence[0]) + sentence[1..];
}
