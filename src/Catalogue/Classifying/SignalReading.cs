using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Callgate.Catalogue.Classifying;

/// <summary>Finds the risk signals of a tool, each by the first thing that shows it.</summary>
internal sealed class SignalReading
{
    private const int ManyParameters = 10;

    private static readonly FrozenSet<string> Paths = Set("path paths file files filename filepath filenames dir directory folder cwd workdir");
    private static readonly FrozenSet<string> Code = Set("code query sql script command commands cmd expression statement javascript python jq xpath graphql cypher jql soql kql promql dql");
    private static readonly FrozenSet<string> Html = Set("html markup");
    private static readonly FrozenSet<string> Urls = Set("url urls uri uris href link webhook endpoint callback address_url domain host hostname");
    private static readonly FrozenSet<string> Secrets = Set("password passwd passphrase secret secrets token apikey credential credentials pin otp mnemonic seed privatekey pwd");
    private static readonly FrozenSet<string> Keys = Set("key keys");
    private static readonly FrozenSet<string> KeyKinds = Set("api access private secret signing encryption auth service ssh");
    private static readonly FrozenSet<string> Bulk = Set("bulk batch mass multiple many everything recursive recursively");
    private static readonly FrozenSet<string> Ending = Set("cancel terminate abort kill stop interrupt halt shutdown restart");
    private static readonly FrozenSet<string> Running = Set("run job task process session execution build pipeline workflow deployment container service server instance cluster query transfer training operation call download upload worker");
    private static readonly FrozenSet<string> Sending = Set("send post publish tweet email mail message notify reply share broadcast sms forward upload invite dial telephone push");
    private static readonly FrozenSet<string> Outside = Set("web page pages website websites internet site url email emails mail mails inbox message messages issue issues comment comments ticket tickets tweet tweets post posts search feed rss transcript transcripts review reviews pull");
    private static readonly FrozenSet<string> Private = Set("email emails mail mails inbox message messages contact contacts calendar secret secrets credential credentials password passwords token file files notebook document documents patient patients medical bank balance salary customer customers profile conversation transcript dm location");

    private readonly ImmutableArray<RiskSignal>.Builder found = ImmutableArray.CreateBuilder<RiskSignal>();
    private readonly ToolText tool;
    private readonly RuleReading rules;

    private SignalReading(ToolText tool, RuleReading rules)
    {
        this.tool = tool;
        this.rules = rules;
    }

    public static ImmutableArray<RiskSignal> Of(ToolText tool, RuleReading rules)
    {
        var reading = new SignalReading(tool, rules);
        reading.ByArguments();
        reading.ByWords();
        reading.found.Sort(static (one, other) => one.Kind.CompareTo(other.Kind));
        return reading.found.ToImmutable();
    }

    private void ByArguments()
    {
        foreach (var argument in tool.Schema.Arguments)
        {
            OneArgument(argument);
        }

        if (tool.Schema.Count > ManyParameters)
        {
            Add(RiskSignalKind.ManyParameters, new ClassificationEvidence($"{tool.Schema.Count}", "inputSchema/properties", "so many arguments"));
        }
    }

    private void OneArgument(Argument argument)
    {
        foreach (var (kind, says) in ShownBy(argument))
        {
            Add(kind, SchemaReading.Evidence(argument, says));
        }
    }

    /// <summary>The arguments of a tool that show a signal, each under its own name or that of the argument it is a part of.</summary>
    public static IEnumerable<SignalledArgument> ArgumentsOf(ToolText tool)
    {
        const string Top = "inputSchema/properties/";
        var (reading, top) = (new SignalReading(tool, RuleReading.Of(tool)), "");
        foreach (var argument in tool.Schema.Arguments)
        {
            top = argument.Path.Length == Top.Length + argument.Name.Length && argument.Path.StartsWith(Top, StringComparison.Ordinal) ? argument.Name : top;
            foreach (var (kind, _) in reading.ShownBy(argument))
            {
                yield return new SignalledArgument(top, kind);
            }
        }
    }

    private IEnumerable<(RiskSignalKind Kind, string Says)> ShownBy(Argument argument)
    {
        if (argument is { IsText: false, IsList: false })
        {
            yield break;
        }

        var head = argument.Head;
        var isFree = argument.Choices.Length == 0;
        var words = argument.Words.All;
        if (isFree && Paths.Contains(head))
        {
            yield return (RiskSignalKind.FilePath, "takes a path");
        }

        if (isFree && Code.Contains(head) && !(head == "code" && words.Length > 1 && !IsSource(words[^2].Text)))
        {
            yield return (RiskSignalKind.CodeOrQuery, "takes code or a query");
        }

        if (words.Any(static word => Html.Contains(word.Text)))
        {
            yield return (RiskSignalKind.RawHtml, "takes HTML");
        }

        if (isFree && Urls.Contains(head))
        {
            yield return (RiskSignalKind.Url, "takes an address");
        }

        if (isFree && IsSecret(head, words))
        {
            yield return (RiskSignalKind.Secret, "takes a secret");
        }

        if (argument.IsTop && (words.Any(static word => Bulk.Contains(word.Text)) || (argument.IsList && (head is "ids" or "items" or "records" or "rows"))))
        {
            yield return (RiskSignalKind.Bulk, "works on many things");
        }

        if (argument is { IsTop: true, IsText: true, IsBound: false } && (head is "id" or "uuid" or "guid" or "slug" or "ref"))
        {
            yield return (RiskSignalKind.LooseIdentifier, "names one thing, in any text");
        }
    }

    private bool IsSecret(string head, ImmutableArray<Word> words) =>
        !IsPage(words)
        && (Secrets.Contains(head)
            || (head is "value" && tool.NameWords.All.Any(static word => Secrets.Contains(word.Text)))
            || (Keys.Contains(head) && words.Length > 1 && KeyKinds.Contains(words[^2].Text)));

    private static bool IsSource(string word) => word is "source" or "python" or "js" or "java" or "program" or "shell";

    /// <summary>A token that turns pages is no secret.</summary>
    private static bool IsPage(ImmutableArray<Word> words) => words.Any(static word => word.Text is "page" or "next" or "continuation" or "max" or "sync" or "mint" or "cursor");

    private void ByWords()
    {
        var name = tool.NameWords.All;
        var first = FirstSentence();
        Add(RiskSignalKind.Bulk, name, "name", Bulk, "works on many things");
        Add(RiskSignalKind.Bulk, first, "description", Bulk, "works on many things");
        if (Verb(Ending) is { } ending && name.Concat(first).Any(static word => Running.Contains(word.Singular)))
        {
            Add(RiskSignalKind.AbortsRunningWork, ending with { Says = "ends something in progress" });
        }

        if (Verb(Sending) is { } sending && rules.Category != RiskCategory.Read)
        {
            Add(RiskSignalKind.SendsOut, sending with { Says = "sends something out" });
        }

        if (rules.Category != RiskCategory.Read)
        {
            return;
        }

        Add(RiskSignalKind.ReadsUntrustedContent, name, "name", Outside, "returns what others wrote");
        Add(RiskSignalKind.ReadsUntrustedContent, first, "description", Outside, "returns what others wrote");
        if (tool.IsOpenWorld)
        {
            Add(RiskSignalKind.ReadsUntrustedContent, new ClassificationEvidence("true", "annotations/openWorldHint", "the server says that it reaches outside"));
        }

        Add(RiskSignalKind.ReadsPrivateData, name, "name", Private, "returns what belongs to somebody");
        Add(RiskSignalKind.ReadsPrivateData, first, "description", Private, "returns what belongs to somebody");
    }

    private ImmutableArray<Word> FirstSentence()
    {
        var words = tool.DescriptionWords.All;
        var to = 1;
        while (to < words.Length && words[to].Before != Gap.Sentence)
        {
            to++;
        }

        return words.Length == 0 ? [] : words[..to];
    }

    /// <summary>A verb of the set in the name, or one that begins the description.</summary>
    private ClassificationEvidence? Verb(FrozenSet<string> verbs)
    {
        foreach (var word in tool.NameWords.All)
        {
            if (verbs.Contains(word.Text))
            {
                return Quotation.Between(tool.Name, "name", word, word, "");
            }
        }

        foreach (var word in FirstSentence().Take(4))
        {
            if (word.Sense is { Form: not WordForm.Participle } sense && verbs.Contains(sense.Verb))
            {
                return Quotation.Between(tool.Description, "description", word, word, "");
            }
        }

        return null;
    }

    private void Add(RiskSignalKind kind, ImmutableArray<Word> words, string place, FrozenSet<string> of, string says)
    {
        foreach (var word in words)
        {
            if (of.Contains(word.Text))
            {
                Add(kind, Quotation.Between(place == "name" ? tool.Name : tool.Description, place, word, word, says));
                return;
            }
        }
    }

    private void Add(RiskSignalKind kind, ClassificationEvidence evidence)
    {
        if (!found.Any(signal => signal.Kind == kind))
        {
            found.Add(new RiskSignal(kind, evidence));
        }
    }

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
