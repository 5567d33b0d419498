using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace Callgate.Gateway.Catalogue;

/// <summary>What a part of a sentence is, so that each page writes it in its own way.</summary>
public enum ProseKind
{
    /// <summary>Our words.</summary>
    Text,

    /// <summary>Code of ours, between backticks in the source.</summary>
    Code,

    /// <summary>A name that a server chose.</summary>
    Name,

    /// <summary>Words of a server.</summary>
    Quote,
}

/// <summary>A part of a sentence.</summary>
public sealed record ProsePart(ProseKind Kind, string Text);

/// <summary>
/// A sentence of ours with what a server wrote kept apart in it. A backtick of ours marks code; one that a server wrote is only
/// a backtick.
/// </summary>
public sealed record Prose(ImmutableArray<ProsePart> Parts)
{
    /// <summary>Takes an interpolated string: its text is ours, and what stands in its holes is said to be what it is.</summary>
    public static Prose Of(ProseHandler handler) => new(handler.Parts);

    /// <summary>Takes a text of ours that is made elsewhere.</summary>
    public static Prose OfText(string text)
    {
        var handler = new ProseHandler(text.Length, 0);
        handler.AppendLiteral(text);
        return new Prose(handler.Parts);
    }

    public static ProsePart Name(string name) => new(ProseKind.Name, CatalogueText.Name(name));

    public static ProsePart Quote(string words) => new(ProseKind.Quote, words);

    /// <summary>Without any mark, for programs that show plain text.</summary>
    public string Plain => string.Concat(Parts.Select(static part => part.Text));

    /// <param name="code">How what is no text of ours is written.</param>
    public string Markdown(Func<string, string> code) => string.Concat(Parts.Select(part => part.Kind == ProseKind.Text ? part.Text : code(part.Text)));
}

/// <summary>Takes a sentence apart while it is made.</summary>
[InterpolatedStringHandler]
public ref struct ProseHandler
{
    private readonly ImmutableArray<ProsePart>.Builder parts;

    public ProseHandler(int literalLength, int formattedCount) => parts = ImmutableArray.CreateBuilder<ProsePart>(Math.Max(4, (2 * formattedCount) + (literalLength > 0 ? 1 : 0)));

    internal readonly ImmutableArray<ProsePart> Parts => parts.ToImmutable();

    /// <summary>Each backtick begins code or ends it; one without its other half is a backtick.</summary>
    public readonly void AppendLiteral(string text)
    {
        var pieces = text.Split('`');
        for (var at = 0; at < pieces.Length; at++)
        {
            var (isCode, isOpen) = (at % 2 == 1, at % 2 == 1 && at == pieces.Length - 1);
            Add(isCode && !isOpen ? ProseKind.Code : ProseKind.Text, isOpen ? "`" + pieces[at] : pieces[at]);
        }
    }

    public readonly void AppendFormatted(ProsePart part) => Add(part.Kind, part.Text);

    /// <summary>Words of ours.</summary>
    public readonly void AppendFormatted(string text) => Add(ProseKind.Text, text);

    /// <summary>A sentence within this one.</summary>
    public readonly void AppendFormatted(Prose prose) => parts.AddRange(prose.Parts);

    private readonly void Add(ProseKind kind, string text)
    {
        if (text.Length > 0)
        {
            parts.Add(new ProsePart(kind, text));
        }
    }
}
