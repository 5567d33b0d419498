using System.Collections.Immutable;
using System.Text.Json;
using Callgate.Policy.Judging;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Schemas;

/// <summary>
/// Makes rules of what can be reached from the root. What is never reached, such as an unused definition, is not read and
/// cannot be at fault.
/// </summary>
internal sealed class SchemaCompiler
{
    public const string Inexact = "holds a number that is not exact; write at most 28 significant digits and an exponent within ±28";

    private const int MostPatternWords = 1 << 18; // 2 MiB for the patterns of one document
    private const int MostNested = 128;
    private const int MostPointer = 500; // UTF-16

    private readonly SchemaDocument document;
    private readonly Dictionary<string, SchemaNode> nodes = new(StringComparer.Ordinal);
    private readonly Queue<(SchemaNode Node, SchemaPlace Place)> open = new();
    private readonly Dictionary<string, LinearPattern> patterns = new(StringComparer.Ordinal);
    private readonly Dictionary<SchemaNode, (SchemaNode[] Next, string Pointer)> inPlace = [];
    private int patternWords;
    private string? fault;

    private SchemaCompiler(SchemaDocument document) => this.document = document;

    /// <summary>The root; with a fault, what was found first and why nothing can be judged.</summary>
    public static SchemaNode Compile(JsonElement root, out string? fault)
    {
        var compiler = new SchemaCompiler(new SchemaDocument(root));
        var node = compiler.Node(root, "");
        while (compiler.open.TryDequeue(out var next) && compiler.fault is null)
        {
            compiler.Build(next.Node, next.Place);
        }

        fault = compiler.document.Fault ?? compiler.fault ?? compiler.FindCircle();
        return node;
    }

    public static string Fault(string pointer, string why) => pointer.Length == 0 ? $"the schema {why}" : $"{Quote.User(pointer, MostPointer)}: {why}";

    public void Fail(string pointer, string why) => fault ??= Fault(pointer, why);

    /// <summary>The node of a schema; its rules may come later.</summary>
    public SchemaNode Node(JsonElement schema, string pointer)
    {
        if (!nodes.TryGetValue(pointer, out var node))
        {
            nodes[pointer] = node = new SchemaNode();
            open.Enqueue((node, new SchemaPlace(schema, pointer)));
            if (nodes.Count > SchemaDocument.MostSchemas)
            {
                Fail(pointer, "the document holds more than 10,000 schemas");
            }
        }

        return node;
    }

    /// <summary>Null with a fault when the pattern is outside the subset.</summary>
    public LinearPattern? Pattern(string source, string pointer)
    {
        if (patterns.TryGetValue(source, out var known))
        {
            return known;
        }

        if (LinearPattern.Parse(source, out var why) is not { } pattern)
        {
            Fail(pointer, why);
            return null;
        }

        patternWords += pattern.Words;
        if (patternWords > MostPatternWords)
        {
            Fail(pointer, "the patterns of the document are too large together");
        }

        return patterns[source] = pattern;
    }

    private void Build(SchemaNode node, SchemaPlace place)
    {
        var rules = ImmutableArray.CreateBuilder<SchemaRule>();
        var asksForRest = false;
        switch (place.Schema.ValueKind)
        {
            case JsonValueKind.True:
                break;
            case JsonValueKind.False:
                rules.Add(new NothingRule());
                break;
            case JsonValueKind.Object:
                var keywords = new SchemaKeywords(place.Schema, place.Pointer, this);
                var branches = new List<SchemaNode>();
                var onlyReference = AddReferences(rules, keywords, place.Pointer, branches);
                if (!onlyReference)
                {
                    AddAssertions(rules, keywords, place.Pointer);
                    new SchemaRules(keywords, document.IsDraft7).AddTo(rules, branches, out asksForRest);
                }

                inPlace[node] = ([.. branches], place.Pointer);
                break;
            default:
                var tuple = place.Schema.ValueKind == JsonValueKind.Array && place.Pointer.EndsWith("/items", StringComparison.Ordinal);
                Fail(place.Pointer, tuple ? "must be an object or a boolean; in 2020-12 the schemas of a tuple stand in `prefixItems`" : "must be an object or a boolean");
                break;
        }

        node.Complete(rules.ToImmutable(), asksForRest);
    }

    /// <summary>True where a reference stands alone: draft-07 ignores what is beside it.</summary>
    private bool AddReferences(ImmutableArray<SchemaRule>.Builder rules, SchemaKeywords keywords, string pointer, List<SchemaNode> branches)
    {
        string[] words = document.IsDraft7 ? ["$ref"] : ["$ref", "$dynamicRef"];
        foreach (var word in words.Where(keywords.Has))
        {
            if (keywords.Text(word) is not { } reference)
            {
                continue;
            }

            if (document.TryResolve(reference, pointer, word != "$ref", out var target, out var why))
            {
                var node = Node(target.Schema, target.Pointer);
                branches.Add(node);
                rules.Add(new AllOfRule([node]));
            }
            else
            {
                Fail($"{pointer}/{word}", $"{Quote.User(reference)} {why}");
            }
        }

        return document.IsDraft7 && keywords.Has("$ref");
    }

    private void AddAssertions(ImmutableArray<SchemaRule>.Builder rules, SchemaKeywords keywords, string pointer)
    {
        if (keywords.Any("type") is { } type && Kinds(type, pointer + "/type") is var kinds && kinds != ValueKinds.None)
        {
            // The kind is told first: what refers elsewhere would only say the same in more words.
            rules.Insert(0, new TypeRule(kinds));
        }

        if (keywords.Any("const") is { } constant && IsExact(constant, pointer + "/const", 0))
        {
            rules.Add(new OneOfValuesRule([constant]));
        }

        if (keywords.List("enum") is { } values && values.All(value => IsExact(value, pointer + "/enum", 0)))
        {
            rules.Add(new OneOfValuesRule(values));
        }

        AddNumberRule(rules, keywords, pointer);
        if (keywords.Count("minLength") is var least && keywords.Count("maxLength") is var most && (least ?? most) is not null)
        {
            rules.Add(new LengthRule(least ?? 0, most ?? int.MaxValue));
        }

        if (keywords.Text("pattern") is { } source && Pattern(source, pointer + "/pattern") is { } pattern)
        {
            rules.Add(new PatternRule(source, pattern));
        }
    }

    private void AddNumberRule(ImmutableArray<SchemaRule>.Builder rules, SchemaKeywords keywords, string pointer)
    {
        var divisor = keywords.Number("multipleOf");
        if (divisor is { Sign: <= 0 })
        {
            Fail(pointer + "/multipleOf", "must be above 0");
        }

        var rule = new NumberRule
        {
            MultipleOf = divisor,
            Maximum = keywords.Number("maximum"),
            ExclusiveMaximum = keywords.Number("exclusiveMaximum"),
            Minimum = keywords.Number("minimum"),
            ExclusiveMinimum = keywords.Number("exclusiveMinimum"),
        };
        if ((rule.MultipleOf ?? rule.Maximum ?? rule.ExclusiveMaximum ?? rule.Minimum ?? rule.ExclusiveMinimum) is not null)
        {
            rules.Add(rule);
        }
    }

    private ValueKinds Kinds(JsonElement type, string pointer)
    {
        var words = type.ValueKind == JsonValueKind.Array ? [.. type.EnumerateArray()] : new[] { type };
        var kinds = ValueKinds.None;
        foreach (var word in words)
        {
            var kind = word.ValueKind == JsonValueKind.String ? ValueKindWords.Parse(word.GetString() ?? "") : ValueKinds.None;
            if (kind == ValueKinds.None)
            {
                Fail(pointer, "must be one of string, number, integer, boolean, array, object and null, or an array of them");
            }

            kinds |= kind;
        }

        if (words.Length == 0)
        {
            Fail(pointer, "must hold at least one type");
        }

        return kinds;
    }

    private bool IsExact(JsonElement value, string pointer, int depth)
    {
        if (depth > MostNested)
        {
            Fail(pointer, "holds a value nested deeper than 128");
            return false;
        }

        switch (value.ValueKind)
        {
            case JsonValueKind.Number when !ExactNumber.TryRead(JsonText.Number(value), out _):
                Fail(pointer, Inexact);
                return false;
            case JsonValueKind.Array:
                return value.EnumerateArray().All(item => IsExact(item, pointer, depth + 1));
            case JsonValueKind.Object:
                return value.EnumerateObject().All(member => IsExact(member.Value, pointer, depth + 1));
            default:
                return true;
        }
    }

    /// <summary>A schema that refers to itself without going into the value would never end.</summary>
    private string? FindCircle()
    {
        var done = new HashSet<SchemaNode>();
        var onPath = new HashSet<SchemaNode>();
        var path = new Stack<(SchemaNode Node, int Next)>();
        foreach (var start in inPlace.Keys.Where(start => !done.Contains(start)))
        {
            path.Push((start, 0));
            onPath.Add(start);
            while (path.TryPop(out var at))
            {
                var (next, pointer) = inPlace.GetValueOrDefault(at.Node, ([], ""));
                if (at.Next == next.Length)
                {
                    onPath.Remove(at.Node);
                    done.Add(at.Node);
                    continue;
                }

                path.Push(at with { Next = at.Next + 1 });
                if (onPath.Contains(next[at.Next]))
                {
                    return Fault(pointer, "refers to itself for the same value and would never end");
                }

                if (!done.Contains(next[at.Next]))
                {
                    path.Push((next[at.Next], 0));
                    onPath.Add(next[at.Next]);
                }
            }
        }

        return null;
    }
}
