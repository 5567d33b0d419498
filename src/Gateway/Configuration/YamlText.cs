using System.Globalization;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Callgate.Gateway.Configuration;

/// <summary>
/// Reads YAML into nodes with places. What two readers could read differently is an error: a repeated key, an anchor, an
/// alias, a tag, a merge, a second document. <c>${NAME}</c> in values is substituted here, after parsing, so that the
/// environment can never change the structure of the file.
/// </summary>
internal sealed class YamlText
{
    private const int MaxDepth = 16;

    private readonly string file;
    private readonly Parser parser;
    private readonly EnvironmentText environment;
    private readonly List<ConfigurationError> errors;

    private YamlText(string file, string text, EnvironmentText environment, List<ConfigurationError> errors)
    {
        this.file = file;
        this.environment = environment;
        this.errors = errors;
        parser = new Parser(new StringReader(text));
    }

    /// <summary>The root of the file, or null when it cannot be read at all; either way the errors say what is wrong.</summary>
    public static YamlNode? Read(string file, string text, Func<string, string?> environment, List<ConfigurationError> errors)
    {
        var reader = new YamlText(file, text, new EnvironmentText(environment), errors);
        try
        {
            return reader.Document();
        }
        catch (YamlException exception)
        {
            // The start of an error may be the start of the whole mapping; the end is where reading stopped. Of a tab the
            // parser knows neither.
            var (line, column) = exception.Message.Contains("tab", StringComparison.Ordinal) && TabIndent(text) is { } tab
                ? tab
                : ((int)exception.End.Line, (int)exception.End.Column);
            errors.Add(new ConfigurationError(file, line, column, Syntax(exception)));
            return null;
        }
        catch (InvalidOperationException)
        {
            // The parser leaves its own invariants on some texts instead of reporting them (a `:` in a flow plain scalar).
            var place = reader.parser.Current?.End ?? default;
            errors.Add(new ConfigurationError(file, (int)place.Line, (int)place.Column, "the text is not YAML after this place"));
            return null;
        }
    }

    /// <summary>The library's own words start with a capital and may quote the text; the place is what helps.</summary>
    private static string Syntax(YamlException exception)
    {
        var message = exception.Message.Trim().TrimEnd('.').ReplaceLineEndings(" ");
        return message.Length == 0
            ? "the text is not YAML"
            : $"the text is not YAML: {char.ToLowerInvariant(message[0])}{message[1..]}";
    }

    private static (int Line, int Column)? TabIndent(string text)
    {
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var indent = line[..^line.TrimStart().Length].IndexOf('\t');
            if (indent >= 0)
            {
                return (number, indent + 1);
            }
        }

        return null;
    }

    private YamlNode? Document()
    {
        parser.Consume<StreamStart>();
        if (parser.Accept<StreamEnd>(out _))
        {
            return null;
        }

        parser.Consume<DocumentStart>();
        var root = Node(0);
        parser.Consume<DocumentEnd>();
        if (!parser.Accept<StreamEnd>(out _) && parser.Current is { } next)
        {
            Report(next, "the file holds more than one document; keep one");
        }

        return root;
    }

    private YamlNode? Node(int depth)
    {
        if (parser.TryConsume<AnchorAlias>(out var alias))
        {
            Report(alias, $"`*{alias.Value}` is an alias; write the value itself");
            return null;
        }

        if (parser.Current is NodeEvent node)
        {
            CheckPlainness(node);
            if (depth > MaxDepth)
            {
                throw new YamlException(node.Start, node.End, $"Values are nested more than {MaxDepth.ToString(CultureInfo.InvariantCulture)} deep");
            }
        }

        if (parser.TryConsume<Scalar>(out var scalar))
        {
            return Value(scalar);
        }

        return parser.TryConsume<SequenceStart>(out var sequence) ? Sequence(sequence, depth) : Mapping(parser.Consume<MappingStart>(), depth);
    }

    private void CheckPlainness(NodeEvent node)
    {
        if (!node.Anchor.IsEmpty)
        {
            Report(node, $"`&{node.Anchor.Value}` is an anchor; anchors and aliases are not read");
        }

        if (!node.Tag.IsEmpty)
        {
            Report(node, "the value has a tag; tags are not read");
        }
    }

    private YamlSequence Sequence(SequenceStart start, int depth)
    {
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _))
        {
            if (Node(depth + 1) is { } item)
            {
                items.Add(item);
            }
        }

        return new YamlSequence(items, Line(start), Column(start));
    }

    private YamlMapping Mapping(MappingStart start, int depth)
    {
        var members = new List<YamlMember>();
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            if (!parser.TryConsume<Scalar>(out var key))
            {
                var place = parser.Current!;
                Report(place, "a key must be a plain name");
                parser.SkipThisAndNestedEvents();
                Node(depth + 1);
                continue;
            }

            CheckPlainness(key);
            if (key.Value == "<<")
            {
                Report(key, "`<<` merges another mapping; merges are not read, write the members out");
                parser.SkipThisAndNestedEvents();
                continue;
            }

            if (!seen.TryAdd(key.Value, Line(key)))
            {
                Report(key, $"`{key.Value}` is repeated; the first is in line {seen[key.Value].ToString(CultureInfo.InvariantCulture)}");
            }

            if (Node(depth + 1) is { } value)
            {
                members.Add(new YamlMember(key.Value, value, Line(key), Column(key)));
            }
        }

        return new YamlMapping(members, Line(start), Column(start));
    }

    private YamlScalar Value(Scalar scalar)
    {
        var plain = scalar.Style is ScalarStyle.Plain or ScalarStyle.Any;
        var before = errors.Count;
        var (text, substituted) = environment.Expand(scalar.Value, message => Report(scalar, message));
        return new YamlScalar(text, scalar.Value, plain && !substituted, Line(scalar), Column(scalar))
        {
            Substituted = substituted,
            Broken = errors.Count > before,
        };
    }

    private void Report(ParsingEvent place, string message) =>
        errors.Add(new ConfigurationError(file, Line(place), Column(place), message));

    private static int Line(ParsingEvent place) => (int)place.Start.Line;

    private static int Column(ParsingEvent place) => (int)place.Start.Column;
}
