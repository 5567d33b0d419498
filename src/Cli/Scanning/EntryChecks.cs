using Callgate.Gateway.Clients;

namespace Callgate.Cli.Scanning;

/// <summary>What is wrong with a server as a configuration names it.</summary>
internal static class EntryChecks
{
    private const string ClearText = "in clear text";

    public static IEnumerable<Finding> Of(ServerEntry entry) => Secrets(entry).Concat(PlainHttp(entry)).Concat(Unpinned(entry)).Concat(Shell(entry)).Concat(Repeated(entry));

    private static IEnumerable<Finding> Secrets(ServerEntry entry)
    {
        var arguments = entry.Arguments.SelectMany((argument, at) => ShownServer.SecretsOf(entry, at).Select(secret =>
            Of(secret, $"args[{at}]", argument, $"{ClearText}, where every user of this machine can read it while the server runs")));
        return Strings(entry.Node, "", "")
            .Where(static found => !found.Where.StartsWith("args[", StringComparison.Ordinal) && !found.Where.StartsWith("command.args[", StringComparison.Ordinal))
            .SelectMany(static found => SecretSearch.In(found.Name, found.Text).Select(secret => Of(secret, found.Where, found.Text, ClearText)))
            .Concat(arguments);
    }

    private static Finding Of(SecretSpan secret, string where, string text, string how) => new(
        secret.Severity, "secret", ShownServer.Word(where), $"{secret.What} {how}: {SecretSearch.Beginning(text.Substring(secret.Start, secret.Length))} ({secret.Length} characters)");

    /// <summary>Every text of the entry under the name it goes by, wherever it stands.</summary>
    private static IEnumerable<(string Where, string Name, string Text)> Strings(ConfigNode node, string where, string name)
    {
        if (node.Text is { } text)
        {
            return [(where, name, text)];
        }

        var items = node.Items.SelectMany((item, at) => Strings(item, $"{where}[{at}]", name));
        return items.Concat(node.Members.SelectMany(member => Strings(member.Value, where.Length == 0 ? member.Name : $"{where}.{member.Name}", member.Name)));
    }

    private static IEnumerable<Finding> PlainHttp(ServerEntry entry) =>
        entry.Arguments.Select(static (argument, at) => (Text: argument, Where: $"args[{at}]")).Append((Text: entry.Url ?? "", Where: "url"))
            .Where(static one => Uri.TryCreate(one.Text, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback)
            .Select(static one => new Finding(Severity.High, "plain_http", one.Where, "plain http to another machine: what is sent can be read and changed on the way"));

    private static IEnumerable<Finding> Unpinned(ServerEntry entry)
    {
        if (PackageCommand.Of(entry) is { Pinned: false } package)
        {
            yield return new Finding(Severity.Medium, "unpinned_package", package.Where, $"`{ShownServer.Word(package.Name)}` without a version: whatever is published next under that name will run");
        }
    }

    private static IEnumerable<Finding> Shell(ServerEntry entry)
    {
        if (PackageCommand.IsShell(entry))
        {
            yield return new Finding(Severity.Medium, "shell", "command", "runs through a shell: what it starts cannot be told from its arguments");
        }
    }

    private static IEnumerable<Finding> Repeated(ServerEntry entry) =>
        entry.Node.Repeated().Select(static name => new Finding(Severity.Medium, "repeated_name", ShownServer.Word(name), "stands more than once; clients take the last"));
}
