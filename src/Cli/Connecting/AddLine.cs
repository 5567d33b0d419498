using System.Text;
using System.Text.RegularExpressions;
using Callgate.Gateway.Clients;
using Callgate.Cli.Scanning;
using Callgate.Gateway.Configuration;

namespace Callgate.Cli.Connecting;

/// <summary>
/// The command that adds a client's server to the gate. Values of variables and headers are never in it, nor what looks like a
/// secret elsewhere: shell variables stand in their place. It is quoted, since whoever wrote the configuration wrote its words.
/// </summary>
internal static partial class AddLine
{
    public static string Of(ServerEntry entry)
    {
        var name = NameFor(entry.Name) ?? "NAME";
        var words = new List<string> { "callgate server add", name };
        if (entry.Transport == "stdio")
        {
            words.AddRange(entry.Environment.Keys.Where(static key => Identifier().IsMatch(key)).Select(static key => $"--env \"{key}=${{{key}}}\""));
            words.Add("--");
            words.Add(Quoted(entry.Command ?? "", SecretSearch.In("", entry.Command ?? ""), name));
            words.AddRange(entry.Arguments.Select((argument, at) => Quoted(argument, ShownServer.SecretsOf(entry, at), name)));
            return Printer.Plain(string.Join(' ', words));
        }

        words.Add(Quoted(entry.Url ?? "URL", SecretSearch.In("", entry.Url ?? ""), name));
        words.AddRange(entry.Transport == "sse" ? ["--transport sse"] : []);
        words.AddRange(entry.Headers.Keys.Where(static key => HeaderName().IsMatch(key)).Select(key => $"--header \"{key}: ${{{Variable(name + "_" + key)}}}\""));
        return Printer.Plain(string.Join(' ', words));
    }

    /// <summary>A name the gate takes, near the client's; null when there is none.</summary>
    public static string? NameFor(string name)
    {
        if (Naming.IsName(name))
        {
            return name;
        }

        var near = Others().Replace(name, "-").Trim('-', '_', '.').ToLowerInvariant();
        return Naming.IsName(near) ? near : null;
    }

    private static string Quoted(string text, IReadOnlyList<SecretSpan> secrets, string name)
    {
        if (secrets.Count == 0)
        {
            return Harmless().IsMatch(text) ? text : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
        }

        var (quoted, at) = (new StringBuilder("\""), 0);
        foreach (var secret in secrets)
        {
            quoted.Append(Special().Replace(text[at..secret.Start], @"\$0")).Append("${").Append(Variable(name + "_SECRET")).Append('}');
            at = secret.End;
        }

        return quoted.Append(Special().Replace(text[at..], @"\$0")).Append('"').ToString();
    }

    private static string Variable(string text) => NoIdentifier().Replace(text, "_").ToUpperInvariant();

    [GeneratedRegex(@"^[A-Za-z_]\w*$")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"^[A-Za-z0-9\-]+$")]
    private static partial Regex HeaderName();

    [GeneratedRegex(@"[^A-Za-z0-9_.\-]+|__+")]
    private static partial Regex Others();

    [GeneratedRegex(@"^[A-Za-z0-9_@%+=:,./\-]+$")]
    private static partial Regex Harmless();

    [GeneratedRegex(@"[\\""$`!]")]
    private static partial Regex Special();

    [GeneratedRegex(@"[^A-Za-z0-9]+")]
    private static partial Regex NoIdentifier();
}
