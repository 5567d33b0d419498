using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace Callgate.Policy.Judging;

internal enum FactKind
{
    /// <summary>Nothing is there.</summary>
    Missing,

    /// <summary>The path steps into something that has no such parts.</summary>
    Unknown,

    /// <summary>Members that differ in case alone: which of them a server reads is open.</summary>
    Ambiguous,
    Null,
    Boolean,
    Number,
    Text,
    Array,
    Object,
}

/// <summary>
/// A value that a path led to, or that a document states: JSON of the call, or a text or number the gateway knows.
/// Reading it allocates only where text is asked for.
/// </summary>
internal readonly struct Fact
{
    private readonly JsonElement element;
    private readonly string? text;
    private readonly byte[]? utf8; // the text of a document, which is compared over and over
    private readonly ExactNumber number;
    private readonly IReadOnlyDictionary<string, string>? members;

    private readonly bool isRoot;

    private Fact(FactKind kind) => Kind = kind;

    /// <summary>The arguments of the call.</summary>
    public static Fact OfArguments(JsonElement arguments) => new(arguments, isRoot: true);

    private Fact(JsonElement arguments, bool isRoot)
        : this(arguments) => this.isRoot = isRoot;

    public Fact(JsonElement element)
    {
        this.element = element;
        Kind = element.ValueKind switch
        {
            JsonValueKind.Undefined => FactKind.Missing,
            JsonValueKind.Null => FactKind.Null,
            JsonValueKind.True or JsonValueKind.False => FactKind.Boolean,
            JsonValueKind.Number => FactKind.Number,
            JsonValueKind.String => FactKind.Text,
            JsonValueKind.Array => FactKind.Array,
            _ => FactKind.Object,
        };
    }

    /// <summary>Null is missing: the gateway does not know it.</summary>
    public Fact(string? text) => (Kind, this.text) = (text is null ? FactKind.Missing : FactKind.Text, text);

    /// <summary>A text that a document states.</summary>
    public static Fact OfLiteral(string text) => new(text, Encoding.UTF8.GetBytes(text));

    private Fact(string text, byte[] utf8) => (Kind, this.text, this.utf8) = (FactKind.Text, text, utf8);

    public Fact(ExactNumber number) => (Kind, this.number) = (FactKind.Number, number);

    public Fact(IReadOnlyDictionary<string, string>? members) => (Kind, this.members) = (members is null ? FactKind.Missing : FactKind.Object, members);

    public static Fact Missing => default;

    public static Fact Unknown { get; } = new(FactKind.Unknown);

    public static Fact Ambiguous { get; } = new(FactKind.Ambiguous);

    /// <summary>A null that a document states; the null of a call is another thing, and equal to this one alone.</summary>
    public static Fact LiteralNull { get; } = new(FactKind.Null) { IsLiteral = true };

    public FactKind Kind { get; }

    private bool IsLiteral { get; init; }

    private bool IsElement => element.ValueKind != JsonValueKind.Undefined;

    /// <summary>Whether anything can equal it: a scalar, exact where it is a number; null only where a document states it.</summary>
    public bool IsComparable => Kind switch
    {
        FactKind.Boolean or FactKind.Text => true,
        FactKind.Number => TryNumber(out _),
        FactKind.Null => IsLiteral,
        _ => false,
    };

    /// <summary>The member of an object. A name leads nowhere in anything else.</summary>
    public Fact Member(string name, byte[] utf8Name)
    {
        if (Kind is FactKind.Missing or FactKind.Unknown or FactKind.Ambiguous)
        {
            return this;
        }

        if (Kind != FactKind.Object)
        {
            return Unknown;
        }

        if (members is not null)
        {
            return new Fact(members.TryGetValue(name, out var value) ? value : null);
        }

        return InArguments(name, utf8Name);
    }

    /// <summary>
    /// Many servers read names without regard to case. Where a name stands in two cases, or only in another, they would act
    /// on a value that was not judged.
    /// </summary>
    private Fact InArguments(string name, byte[] utf8Name)
    {
        if (isRoot && Spellings.AreDistinct(element) && element.TryGetProperty(utf8Name, out var only))
        {
            return new Fact(only);
        }

        var found = Missing;
        foreach (var property in element.EnumerateObject())
        {
            var raw = JsonMarshal.GetRawUtf8PropertyName(property);
            if (raw.SequenceEqual(utf8Name))
            {
                found = new Fact(property.Value);
            }
            else if (MayBe(raw, utf8Name) && Folded(property.Name).Equals(Folded(name), StringComparison.Ordinal))
            {
                if (!string.Equals(property.Name, name, StringComparison.Ordinal))
                {
                    return Ambiguous;
                }

                found = new Fact(property.Value);
            }
        }

        return found;
    }

    /// <summary>Rules most names out without making a text of them.</summary>
    private static bool MayBe(ReadOnlySpan<byte> raw, byte[] utf8Name) =>
        (raw.Length == utf8Name.Length && Ascii.EqualsIgnoreCase(raw, utf8Name)) || raw.Contains((byte)'\\') || !Ascii.IsValid(raw) || !Ascii.IsValid(utf8Name);

    /// <summary>Two letters of Unicode fold to ASCII ones and keep their upper case: the Kelvin sign and the long s.</summary>
    private static string Folded(string name) => name.Replace('\u212a', 'k').Replace('\u017f', 's').ToUpperInvariant();

    /// <summary>The element of an array. An index leads nowhere in anything else.</summary>
    public Fact Element(int index)
    {
        if (Kind is FactKind.Missing or FactKind.Unknown or FactKind.Ambiguous)
        {
            return this;
        }

        if (Kind != FactKind.Array)
        {
            return Unknown;
        }

        return index < element.GetArrayLength() ? new Fact(element[index]) : Missing;
    }

    /// <summary>About how much there is to read of a scalar, in bytes.</summary>
    public int Size => IsElement && (Kind is FactKind.Text or FactKind.Number) ? JsonMarshal.GetRawUtf8Value(element).Length : text?.Length ?? 1;

    /// <summary>Only of an array.</summary>
    public int Length => element.GetArrayLength();

    /// <summary>Only of an array.</summary>
    public JsonElement.ArrayEnumerator Elements => element.EnumerateArray();

    /// <summary>Only of a text.</summary>
    public string Text => text ?? element.GetString() ?? "";

    /// <summary>Only of a boolean.</summary>
    public bool IsTrue => IsElement ? element.ValueKind == JsonValueKind.True : number.Equals(ExactNumber.FromInt64(1));

    public static Fact OfBoolean(bool value) => new(FactKind.Boolean, ExactNumber.FromInt64(value ? 1 : 0));

    private Fact(FactKind kind, ExactNumber number) => (Kind, this.number) = (kind, number);

    /// <summary>For people: one line, bounded, without characters that a terminal obeys.</summary>
    public string Show()
    {
        const int Most = 120;
        return Kind switch
        {
            FactKind.Missing => "(missing)",
            FactKind.Unknown => "(unknown: the path steps into what has no such parts)",
            FactKind.Ambiguous => "(unknown: the name stands in another case, or in two)",
            FactKind.Null => "null",
            FactKind.Boolean => IsTrue ? "true" : "false",
            FactKind.Text => Reading.Quote.Bounded($"\"{Text}\"", Most),
            _ when IsElement => Reading.Quote.Bounded(element.GetRawText(), Most),
            FactKind.Number => number.ToString(),
            _ => Reading.Quote.Bounded("{" + string.Join(", ", members!.Select(member => $"\"{member.Key}\": \"{member.Value}\"")) + "}", Most),
        };
    }

    /// <summary>False for what is no number, and for a number that cannot be held exactly.</summary>
    public bool TryNumber(out ExactNumber value)
    {
        value = number;
        return Kind == FactKind.Number && (!IsElement || ExactNumber.TryRead(JsonMarshal.GetRawUtf8Value(element), out value));
    }

    /// <summary><c>eq</c> of the language: scalars of one type; anything else is not to be known.</summary>
    public static Truth Equal(in Fact left, in Fact right)
    {
        if (left.Kind != right.Kind)
        {
            return Truth.Unknown;
        }

        switch (left.Kind)
        {
            case FactKind.Null:
                return left.IsLiteral || right.IsLiteral ? Truth.True : Truth.Unknown;
            case FactKind.Boolean:
                return Truths.Of(left.IsTrue == right.IsTrue);
            case FactKind.Number:
                return left.TryNumber(out var one) && right.TryNumber(out var other) ? Truths.Of(one.Equals(other)) : Truth.Unknown;
            case FactKind.Text:
                return Truths.Of(SameText(left, right));
            default:
                return Truth.Unknown;
        }
    }

    /// <summary>Only of texts.</summary>
    public bool TextStartsWith(in Fact part) =>
        TryPlain(part, out var plain) ? plain.StartsWith(part.utf8) : Text.StartsWith(part.Text, StringComparison.Ordinal);

    /// <summary>Only of texts.</summary>
    public bool TextEndsWith(in Fact part) =>
        TryPlain(part, out var plain) ? plain.EndsWith(part.utf8) : Text.EndsWith(part.Text, StringComparison.Ordinal);

    /// <summary>Only of texts.</summary>
    public bool TextContains(in Fact part) =>
        TryPlain(part, out var plain) ? plain.IndexOf(part.utf8) >= 0 : Text.Contains(part.Text, StringComparison.Ordinal);

    private static bool SameText(in Fact left, in Fact right)
    {
        if (left.IsElement)
        {
            return right.utf8 is { } literal ? left.element.ValueEquals(literal) : left.element.ValueEquals(right.Text);
        }

        return right.IsElement ? right.element.ValueEquals(left.Text) : string.Equals(left.text, right.text, StringComparison.Ordinal);
    }

    /// <summary>The bytes of a text of the call that needs no unescaping, where they can be compared with those of a document: UTF-8 keeps prefixes, ends and parts.</summary>
    private bool TryPlain(in Fact part, out ReadOnlySpan<byte> plain)
    {
        plain = default;
        if (!IsElement || part.utf8 is null)
        {
            return false;
        }

        plain = JsonMarshal.GetRawUtf8Value(element)[1..^1];
        return !plain.Contains((byte)'\\');
    }
}
