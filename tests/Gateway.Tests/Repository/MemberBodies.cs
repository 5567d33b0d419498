using System.Text.RegularExpressions;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>The body of a method, an accessor list or an expression: where it begins and how many lines it has.</summary>
internal sealed record MemberBody(string Header, int Line, int Lines);

/// <summary>
/// Finds bodies by braces, on masked text. Values of fields and properties are data, not bodies, and are not counted.
/// </summary>
internal sealed partial class MemberBodies
{
    private readonly List<MemberBody> found = [];
    private readonly string text;

    private MemberBodies(string source) => text = SourceText.Mask(source);

    public static IReadOnlyList<MemberBody> Of(string source)
    {
        var scan = new MemberBodies(source);
        for (var at = 0; at < scan.text.Length;)
        {
            at = scan.Members(at);
        }

        return scan.found;
    }

    /// <summary>Reads members until the brace that closes their type; returns the position after it.</summary>
    private int Members(int at)
    {
        var start = at;
        while (at < text.Length)
        {
            switch (text[at])
            {
                case '}':
                    return at + 1;
                case ';':
                    start = ++at;
                    break;
                case '(' or '[':
                    at = AfterGroup(at);
                    break;
                case '{':
                    start = at = Block(start, at);
                    break;
                case '=' when !Operator().IsMatch(text[start..at]):
                    start = at = Assigned(start, at);
                    break;
                default:
                    at++;
                    break;
            }
        }

        return at;
    }

    private int Block(int start, int brace)
    {
        var header = Header(start, brace);
        if (TypeHeader().IsMatch(header))
        {
            return Members(brace + 1);
        }

        var end = AfterGroup(brace);
        if (!EnumHeader().IsMatch(header))
        {
            found.Add(new MemberBody(header, LineOf(brace), Math.Max(0, LineOf(end - 1) - LineOf(brace) - 1)));
        }

        return end;
    }

    /// <summary>An expression body is measured; the value of a field or property is passed over.</summary>
    private int Assigned(int start, int at)
    {
        var end = EndOfStatement(at + 1);
        if (at + 1 < text.Length && text[at + 1] == '>')
        {
            found.Add(new MemberBody(Header(start, at), LineOf(at), LineOf(end - 1) - LineOf(at) + 1));
        }

        return end;
    }

    private int EndOfStatement(int at)
    {
        while (at < text.Length && text[at] is not (';' or '}'))
        {
            at = text[at] is '(' or '[' or '{' ? AfterGroup(at) : at + 1;
        }

        return at < text.Length && text[at] == ';' ? at + 1 : at;
    }

    private int AfterGroup(int at)
    {
        var depth = 0;
        do
        {
            depth += text[at] switch { '(' or '[' or '{' => 1, ')' or ']' or '}' => -1, _ => 0 };
            at++;
        }
        while (depth > 0 && at < text.Length);

        return at;
    }

    /// <summary>What stands before a body, without attributes, on one line.</summary>
    private string Header(int start, int end)
    {
        var at = start;
        while (at < end && (char.IsWhiteSpace(text[at]) || text[at] == '['))
        {
            at = text[at] == '[' ? AfterGroup(at) : at + 1;
        }

        return Space().Replace(text[at..Math.Max(at, end)], " ").Trim();
    }

    private int LineOf(int at) => text.AsSpan(0, Math.Min(at, text.Length)).Count('\n') + 1;

    [GeneratedRegex(@"^(?:(?:public|internal|private|protected|static|sealed|abstract|readonly|ref|partial|file|unsafe|new) )*(?:class|struct|interface|record|extension|namespace)\b")]
    private static partial Regex TypeHeader();

    [GeneratedRegex(@"^(?:(?:public|internal|private|protected|file|new) )*enum\b")]
    private static partial Regex EnumHeader();

    [GeneratedRegex(@"\boperator\s*[^\s\w(]*$")]
    private static partial Regex Operator();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
