using System.Text.Json;
using Callgate.Policy;

namespace Callgate.Cli;

/// <summary>Facts of a call as <c>--fact NAME=VALUE</c> gives them.</summary>
internal static class FactOptions
{
    private const string Attribute = "grant.attributes.";

    private const string Names = "grant.label, grant.identity, grant.attributes.NAME, server.name, client.name, tool.category or time";

    /// <param name="given">Each a name and a value.</param>
    /// <param name="tools">What the server offers; with it a tool that is not there is unknown, and arguments are checked.</param>
    /// <param name="tool">The called name.</param>
    /// <param name="arguments">Null without any.</param>
    public static CallFacts Read(string[] given, IReadOnlyList<OfferedTool>? tools, string tool, JsonElement? arguments)
    {
        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var text in given)
        {
            var at = text.IndexOf('=', StringComparison.Ordinal);
            if (at <= 0 || !values.TryAdd(text[..at], text[(at + 1)..]))
            {
                throw new CommandFault(ExitCode.Usage, "callgate: --fact takes NAME=VALUE, each name once");
            }
        }

        var offered = tools?.FirstOrDefault(one => string.Equals(one.Name, tool, StringComparison.Ordinal));
        var attributes = values.Where(static pair => pair.Key.StartsWith(Attribute, StringComparison.Ordinal)).ToDictionary(static pair => pair.Key[Attribute.Length..], static pair => pair.Value, StringComparer.Ordinal);
        var facts = new CallFacts(tool, tools is not null && offered is null ? ToolStanding.Unknown : ToolStanding.Reviewed)
        {
            Arguments = arguments ?? default,
            Schema = offered?.Schema,
            Category = Category(Take("tool.category")) ?? offered?.Category,
            Caller = new CallerFacts(Take("grant.label"), Take("grant.identity"), attributes.Count > 0 ? attributes : null, Take("server.name"), Take("client.name")),
            Now = Instant(Take("time")),
        };
        return values.Keys.FirstOrDefault(static name => !name.StartsWith(Attribute, StringComparison.Ordinal)) is { } unknown
            ? throw new CommandFault(ExitCode.Usage, $"callgate: there is no fact `{Printer.Plain(unknown)}`; use {Names}")
            : facts;

        string? Take(string name) => values.Remove(name, out var value) ? value : null;
    }

    private static ToolCategory? Category(string? word)
    {
        if (word is null)
        {
            return null;
        }

        return Enum.GetNames<ToolCategory>().Contains(word, StringComparer.Ordinal)
            ? Enum.Parse<ToolCategory>(word)
            : throw new CommandFault(ExitCode.Usage, $"callgate: `{Printer.Plain(word)}` is no category; use one of {string.Join(", ", Enum.GetNames<ToolCategory>())}");
    }

    private static DateTimeOffset Instant(string? text)
    {
        if (text is null)
        {
            return TimeProvider.System.GetUtcNow();
        }

        return Gateway.Configuration.Quantity.TryInstant(text) is { } instant
            ? instant
            : throw new CommandFault(ExitCode.Usage, "callgate: time is written as 2026-01-31T09:30:00Z");
    }
}
