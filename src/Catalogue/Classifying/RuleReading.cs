using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Callgate.Catalogue.Classifying;

/// <summary>
/// What the rules make of a definition. The name speaks first, for it is short and chosen; the description where the name
/// says nothing; both can raise what the other says to Destructive or Financial. Arguments and annotations only raise.
/// </summary>
internal sealed class RuleReading
{
    private static readonly FrozenSet<string> Market = Set("trading trade trader broker brokerage exchange market markets stock stocks share shares crypto token tokens defi futures options option forex portfolio mt4 mt5 alpaca binance kraken coinbase swap spot perp perpetual shares side symbol");

    private static readonly FrozenSet<string> Dispatching = Set("call_tool run_tool use_tool execute_tool invoke_tool batch multi_tool dispatch proxy run call execute invoke exec eval shell bash terminal graphql raw_request http_request api_request call_api kubectl helm tofu terraform git docker aws az gcloud psql ssh");

    private static readonly FrozenSet<string> LooksAtCode = Set("analyze analyse lint validate verify explain parse summarize summarise describe classify detect compare diff examine extract suggest recommend review search find list get read");

    private static readonly FrozenSet<string> Ordering = Set("place create submit modify open");

    private readonly ImmutableArray<ClassificationEvidence>.Builder evidence = ImmutableArray.CreateBuilder<ClassificationEvidence>();
    private readonly ToolText tool;

    private RuleReading(ToolText tool)
    {
        this.tool = tool;
        Prose = ProseReading.Of(tool.Description, tool.DescriptionWords);
        Name = NameReading.Of(tool.Name, tool.NameWords, "name");
        Title = NameReading.Of(tool.Title, tool.TitleWords, "title");
    }

    public Finding Name { get; }

    public Finding Title { get; }

    public ProseReading Prose { get; }

    public RiskCategory Category { get; private set; } = RiskCategory.Other;

    /// <summary>0 nothing says anything, 1 a hint, 2 usually, 3 plainly, 4 said by name and description alike.</summary>
    public int Strength { get; private set; }

    /// <summary>What carries the category.</summary>
    public Support Support { get; private set; }

    /// <summary>What the confidence goes by: the reading before an annotation raised it to Write.</summary>
    public (RiskCategory Category, int Strength, Support Support) Counted { get; private set; }

    /// <summary>
    /// Whether nothing but <c>readOnlyHint: false</c> made it a Write. Such a tool is no better known than before: an unclassified
    /// tool stays so, for it may do worse than write.
    /// </summary>
    public bool IsOnlyHinted { get; private set; }

    /// <summary>What decided, in the order of deciding.</summary>
    public ImmutableArray<ClassificationEvidence> Evidence => evidence.ToImmutable();

    public static RuleReading Of(ToolText tool)
    {
        var reading = new RuleReading(tool);
        reading.Start();
        reading.RaiseByText();
        reading.Support = reading.SupportOfText();
        reading.RaiseBySchema();
        reading.Counted = (reading.Category, reading.Strength, reading.Support);
        reading.RaiseByAnnotations();
        return reading;
    }

    private void Start()
    {
        var said = Name.Strength >= 2 ? Name : Prose.First.Strength > 0 ? Prose.First : Name.Strength > 0 ? Name : Title.Strength > 0 ? Title : Prose.Worst;

        // A verb that is a thing as well gives way to a plain one: to any where the name ends in something looked at, else to one that changes things.
        if (Name.Strength == 2 && Prose.First.Strength == 3 && (IsThing() || (Ranking.Of(Prose.First.Category) >= Ranking.Of(RiskCategory.Write) && !Ranking.IsCritical(Name.Category))))
        {
            said = Prose.First;
        }

        Take(said.Category, said.Strength, said.Evidence);
        if (Name.Strength > 0 && Prose.First.Strength > 0 && Name.Category == Prose.First.Category && said.Strength > 0)
        {
            Strength = Math.Min(4, said.Strength + 1);
            Add(Prose.First.Evidence);
        }
    }

    private Support SupportOfText()
    {
        if (Strength == 0)
        {
            return Support.Nothing;
        }

        var isNamed = Name.Strength > 0;
        var isDescribed = Prose.First.Strength > 0;
        return (isNamed, isDescribed) switch
        {
            (true, true) => Name.Category == Prose.First.Category && Name.Category == Category ? Support.Both : Support.Contested,
            (true, false) => Name.Category == Category ? Support.Name : Support.Contested,
            _ => Support.Description,
        };
    }

    /// <summary>Whether the name ends in something that is looked at, so that its verb is a thing: <c>transfer_quote</c>.</summary>
    private bool IsThing() => tool.NameWords.All.Length > 1 && NameReading.IsLookedAt(tool.NameWords.All[^1].Text);

    private void RaiseByText()
    {
        foreach (var other in new[] { Prose.Worst, Title })
        {
            // A list of refunds is no refund: beside a name that plainly reads, only the verb of the first sentence counts.
            var counts = Category != RiskCategory.Read || Name.Strength < 2 || other == Prose.First || other == Title;
            if (other.Strength >= 2 && Ranking.IsCritical(other.Category) && Ranking.Of(other.Category) > Ranking.Of(Category) && counts && !IsReadingThings(other))
            {
                Take(other.Category, other.Strength, other.Evidence);
            }
        }

        if (Prose.Irreversible is { } final && Category is RiskCategory.Write or RiskCategory.Execute)
        {
            Take(RiskCategory.Destructive, 2, final);
        }

        if (Prose.Costly is { } costly && Category is RiskCategory.Write or RiskCategory.Execute)
        {
            Take(RiskCategory.Financial, 2, costly);
        }

        if (Category is RiskCategory.Write or RiskCategory.Execute && OrderInAMarket() is { } order)
        {
            Take(RiskCategory.Financial, 2, order);
        }
    }

    /// <summary>A weak word of money behind a name that reads: <c>get_quote</c>, "trades of the day".</summary>
    private bool IsReadingThings(Finding other) => Category == RiskCategory.Read && Name.Strength == 3 && other.Strength < 3;

    private ClassificationEvidence? OrderInAMarket()
    {
        var words = tool.NameWords.All;
        var isOrder = words.Any(static word => Ordering.Contains(word.Text)) && words.Any(static word => word.Singular == "order");
        if (!isOrder)
        {
            return null;
        }

        return MarketWord(tool.Server, tool.ServerWords, "server") ?? MarketWord(tool.Description, tool.DescriptionWords, "description");
    }

    private static ClassificationEvidence? MarketWord(string text, Words words, string place)
    {
        foreach (var word in words.All)
        {
            if (Market.Contains(word.Text))
            {
                return Quotation.Between(text, place, word, word, "an order in a market");
            }
        }

        return null;
    }

    private void RaiseBySchema()
    {
        var choice = SchemaReading.Choices(tool.Schema);
        if (choice.Strength > 0 && (Ranking.Of(choice.Category) > Ranking.Of(Category) || Strength == 0))
        {
            Raise(choice.Category, choice.Strength, choice.Evidence);
        }

        var dispatch = SchemaReading.Dispatch(tool.Schema) ?? (Dispatching.Contains(tool.Name.Replace('-', '_').ToLowerInvariant()) ? Quotation.Between(tool.Name, "name", tool.NameWords.All[0], tool.NameWords.All[^1], "runs what it is told") : null);
        if (dispatch is not null && Ranking.Of(Category) < Ranking.Of(RiskCategory.Execute) && !IsLookingUp() && Name is not { Strength: 3, Category: RiskCategory.Write })
        {
            Raise(RiskCategory.Execute, 3, dispatch);
        }

        if (SchemaReading.CodeIn(tool.Schema) is { } code && Ranking.Of(Category) < Ranking.Of(RiskCategory.Execute) && (code.IsCommand || !IsLookingUp()) && Category != RiskCategory.Write)
        {
            Raise(RiskCategory.Execute, 2, code.Evidence);
        }

        if (SchemaReading.MoneyIn(tool.Schema) is { } money && Category is RiskCategory.Write or RiskCategory.Execute && !IsLookingUp())
        {
            Raise(RiskCategory.Financial, 2, money);
        }
    }

    private bool IsLookingUp() => tool.NameWords.All.Any(static word => word.Sense is { Form: WordForm.Base } sense && LooksAtCode.Contains(sense.Verb));

    /// <summary>A hint that a tool is harmless proves nothing (mission: nobody vouches for a server); one that it is not is taken at its word.</summary>
    private void RaiseByAnnotations()
    {
        if (tool.IsReadOnlyDenied && Ranking.Of(Category) < Ranking.Of(RiskCategory.Write))
        {
            IsOnlyHinted = true;
            Take(RiskCategory.Write, Strength, new ClassificationEvidence("false", "annotations/readOnlyHint", "the server says that it changes something"));
        }

        if (tool.IsDestructiveHinted && Ranking.Of(Category) < Ranking.Of(RiskCategory.Destructive))
        {
            IsOnlyHinted = false;
            Raise(RiskCategory.Destructive, 2, new ClassificationEvidence("true", "annotations/destructiveHint", "the server says that it may destroy something"));
            Counted = (Category, Strength, Support);
        }
    }

    private void Raise(RiskCategory category, int strength, ClassificationEvidence? why)
    {
        Take(category, strength, why);
        Support = Support.Raised;
    }

    private void Take(RiskCategory category, int strength, ClassificationEvidence? why)
    {
        Category = category;
        Strength = strength;
        Add(why);
    }

    private void Add(ClassificationEvidence? why)
    {
        if (why is not null && !evidence.Contains(why))
        {
            evidence.Insert(0, why);
        }
    }

    private static FrozenSet<string> Set(string words) => words.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
