using System.Text;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Callgate.Gateway.Clients;

/// <summary>Reads the servers of a TOML file, in whichever of TOML's spellings they stand, with their places.</summary>
public sealed class TomlTree
{
    private readonly ConfigNode servers = new(NodeKind.Map) { Form = NodeForm.Table };
    private readonly string text;
    private readonly string holder;
    private readonly int mark;
    private readonly bool ascii;

    private TomlTree(string text, string holder, int mark) => (this.text, this.holder, this.mark, ascii) = (text, holder, mark, Ascii.IsValid(text));

    /// <param name="mark">The length of the byte order mark, which is not part of the text.</param>
    /// <returns>The root, or line and column of the first fault.</returns>
    /// <exception cref="Tomlyn.TomlException">It is nested too deeply.</exception>
    public static (ConfigNode? Root, string? Fault) Read(string text, string holder, int mark)
    {
        var document = SyntaxParser.Parse(text, sourceName: null, validate: true);
        if (document.HasErrors)
        {
            // The message quotes the file, so only the place is told.
            var at = document.Diagnostics.First(static found => found.Kind == DiagnosticMessageKind.Error).Span.Start;
            return (null, $"is no TOML (line {at.Line + 1}, column {at.Column + 1})");
        }

        var tree = new TomlTree(text, holder, mark);
        tree.Take(document);
        var root = new ConfigNode(NodeKind.Map);
        root.Members.Add(new ConfigMember(holder, tree.servers, []));
        return (root, null);
    }

    private void Take(DocumentSyntax document)
    {
        foreach (var pair in document.KeyValues)
        {
            Scattered(Path(pair.Key), pair);
        }

        foreach (var table in document.Tables.OfType<TableSyntax>())
        {
            Take(table, Path(table.Name));
        }
    }

    private void Take(TableSyntax table, List<string> path)
    {
        if (path[0] != holder)
        {
            return;
        }

        var entry = path.Count > 1 ? Child(servers, path[1], null) : null;
        if (path.Count == 2)
        {
            entry!.Form = NodeForm.Table;
            entry.Body = Byte(table.Items.FirstOrDefault() is { } first ? first.Span.Offset : End(table.Span));
        }
        else if (entry is { Form: not NodeForm.Table })
        {
            // Only a part of it has a header so far.
            entry.Form = NodeForm.Scattered;
        }

        foreach (var pair in table.Items.OfType<KeyValueSyntax>())
        {
            if (entry is null)
            {
                Scattered([holder, .. Path(pair.Key)], pair);
            }
            else
            {
                var range = path.Count == 2 ? Range(pair.Span) : Range(table.Span);
                Set(entry, [.. path[2..], .. Path(pair.Key)], Node(pair.Value), range);
            }
        }

        if (path.Count > 2 && !table.Items.Any())
        {
            Child(entry!, path[2], Range(table.Span));
        }
    }

    /// <summary>A server as the value of one key, or a part of a server under a dotted key.</summary>
    private void Scattered(List<string> path, KeyValueSyntax pair)
    {
        if (path.Count < 2 || path[0] != holder)
        {
            return;
        }

        if (path.Count == 2)
        {
            servers.Members.Add(new ConfigMember(path[1], Node(pair.Value), [Range(pair.Span)]));
            return;
        }

        var entry = Child(servers, path[1], Range(pair.Span));
        entry.Form = NodeForm.Scattered;
        Set(entry, path[2..], Node(pair.Value), Range(pair.Span));
    }

    private static void Set(ConfigNode node, List<string> path, ConfigNode value, ByteRange range)
    {
        foreach (var name in path[..^1])
        {
            node = Child(node, name, range);
        }

        node.Members.Add(new ConfigMember(path[^1], value, [range]));
    }

    private static ConfigNode Child(ConfigNode node, string name, ByteRange? range)
    {
        var member = node.Members.Find(one => one.Name == name);
        if (member is null)
        {
            member = new ConfigMember(name, new ConfigNode(NodeKind.Map), []);
            node.Members.Add(member);
        }

        if (range is { } more && !member.Ranges.Contains(more))
        {
            member.Ranges.Add(more);
        }

        return member.Value;
    }

    private ConfigNode Node(ValueSyntax? value)
    {
        switch (value)
        {
            case StringValueSyntax one:
                return new ConfigNode(NodeKind.Text) { Text = one.Value };
            case ArraySyntax many:
                var array = new ConfigNode(NodeKind.Array);
                array.Items.AddRange(many.Items.Select(item => Node(item.Value)));
                return array;
            case InlineTableSyntax table:
                var node = new ConfigNode(NodeKind.Map);
                foreach (var pair in table.Items.Select(static item => item.KeyValue!))
                {
                    Set(node, Path(pair.Key), Node(pair.Value), Trimmed(pair.Span));
                }

                return node;
            default:
                return new ConfigNode(NodeKind.Other);
        }
    }

    private static List<string> Path(KeySyntax? key) =>
        key is null ? [""] : [Name(key.Key), .. key.DotKeys.Select(static item => Name(item.Key))];

    private static string Name(BareKeyOrStringValueSyntax? key) => key switch
    {
        BareKeySyntax bare => bare.Key?.Text ?? "",
        StringValueSyntax quoted => quoted.Value ?? "",
        _ => "",
    };

    private ByteRange Range(SourceSpan span) => new(Byte(span.Offset), Byte(End(span)));

    /// <summary>Without the white space that the parser counts to what follows it.</summary>
    private ByteRange Trimmed(SourceSpan span)
    {
        var (start, end) = (span.Offset, End(span));
        while (start < end && char.IsWhiteSpace(text[start]))
        {
            start++;
        }

        while (end > start && char.IsWhiteSpace(text[end - 1]))
        {
            end--;
        }

        return new ByteRange(Byte(start), Byte(end));
    }

    private static int End(SourceSpan span) => span.Offset + span.Length;

    private int Byte(int at) => mark + (ascii ? at : Encoding.UTF8.GetByteCount(text.AsSpan(0, at)));
}
