using System.Globalization;
using System.Text;

namespace Callgate.Policy.Reading;

internal enum NodeKind
{
    Object,
    Array,
    String,
    Number,
    Boolean,
    Null,
}

/// <summary>A member of an object, with the place of its name.</summary>
internal readonly record struct Member(string Name, int Offset, Node Value);

/// <summary>A JSON value that remembers where it stood.</summary>
/// <remarks>The pointer is made on demand: a document of many long names would otherwise cost its size squared.</remarks>
internal sealed class Node(NodeKind kind, int offset, Node? parent, string step)
{
    public NodeKind Kind { get; } = kind;

    /// <summary>Where the value starts, in bytes from the start of the document.</summary>
    public int Offset { get; } = offset;

    /// <summary>The text of a string after unescaping, of a number as written, or <c>true</c>, <c>false</c>, <c>null</c>.</summary>
    public string Text { get; init; } = "";

    /// <summary>Members in document order, each name once.</summary>
    public List<Member> Members { get; } = [];

    public List<Node> Items { get; } = [];

    public string Pointer
    {
        get
        {
            if (parent is null)
            {
                return "";
            }

            var steps = new Stack<string>();
            for (var node = this; node.Up is not null; node = node.Up)
            {
                steps.Push(node.Step);
            }

            var text = new StringBuilder();
            foreach (var part in steps)
            {
                text.Append('/').Append(Pointers.Escape(part));
            }

            return text.ToString();
        }
    }

    public Node? Up => parent;

    public string Step => step;

    public string KindName => Kind switch
    {
        NodeKind.Object => "an object",
        NodeKind.Array => "an array",
        NodeKind.String => "a string",
        NodeKind.Number => "a number",
        NodeKind.Boolean => "a boolean",
        _ => "null",
    };

    public Node? Find(string name)
    {
        foreach (var member in Members)
        {
            if (string.Equals(member.Name, name, StringComparison.Ordinal))
            {
                return member.Value;
            }
        }

        return null;
    }

    /// <summary>The same value as the root of a document of its own, each part at its place.</summary>
    public Node AsRoot() => Copy(null, "");

    private Node Copy(Node? owner, string name)
    {
        var copy = new Node(Kind, Offset, owner, name) { Text = Text };
        copy.Items.AddRange(Items.Select(item => item.Copy(copy, item.Step)));
        copy.Members.AddRange(Members.Select(member => member with { Value = member.Value.Copy(copy, member.Name) }));
        return copy;
    }

    public static string IndexStep(int index) => index.ToString(CultureInfo.InvariantCulture);
}
