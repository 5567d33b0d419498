using Callgate.Gateway.Clients;

namespace Callgate.Cli.Scanning;

/// <summary>What may be shown of a server: its words with every secret in them cut down.</summary>
internal static class ShownServer
{
    private const int Longest = 400;

    /// <summary>A word that may be shown, as a name.</summary>
    public static string Word(string text) => Cut(SecretSearch.Masked(text, SecretSearch.In("", text)));

    /// <summary>What a client starts or calls.</summary>
    public static string Target(ServerEntry entry)
    {
        var url = entry.Url is { } address ? Address(address) : null;
        return entry.Command is { } command ? Cut(string.Join(' ', Arguments(entry).Prepend(Word(command)))) : url ?? "-";
    }

    /// <summary>All of what would be started or called, uncut: nobody agrees to what they are not shown.</summary>
    public static string Whole(ServerEntry entry)
    {
        var first = entry.Command ?? entry.Url ?? "-";
        var words = entry.Arguments.Select((argument, at) => SecretSearch.Masked(argument, SecretsOf(entry, at))).Prepend(SecretSearch.Masked(first, SecretSearch.In("", first)));
        string[] with = [.. entry.Environment.Keys.Concat(entry.Headers.Keys), .. entry.Folder is { } folder ? new[] { $"the folder {folder}" } : []];
        return string.Join(' ', words) + (with.Length > 0 ? $" (with {string.Join(", ", with.Select(Word))})" : "");
    }

    public static string Address(string url) => Cut(SecretSearch.Masked(url, SecretSearch.In("", url)));

    public static IEnumerable<string> Arguments(ServerEntry entry) =>
        entry.Arguments.Select((argument, at) => Cut(SecretSearch.Masked(argument, SecretsOf(entry, at))));

    /// <summary>The secrets in an argument, which may be the value of the option before it.</summary>
    public static IReadOnlyList<SecretSpan> SecretsOf(ServerEntry entry, int at)
    {
        var before = at > 0 ? entry.Arguments[at - 1] : "";
        var option = before.StartsWith('-') && !before.Contains('=', StringComparison.Ordinal) && !entry.Arguments[at].StartsWith('-') ? before.TrimStart('-') : "";
        return SecretSearch.In(option, entry.Arguments[at]);
    }

    private static string Cut(string text) => text.Length > Longest ? text[..(Longest - 1)] + "…" : text;
}
