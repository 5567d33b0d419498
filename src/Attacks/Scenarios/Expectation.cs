using System.Text.Json;
using Callgate.Attacks.Gates;
using Callgate.Attacks.Running;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Scenarios;

/// <summary>What a client must see of one answer: a word, or an object whose `is` is that word.</summary>
internal sealed class Expectation(JsonElement expect, Gate gate)
{
    private static readonly string[] Members = ["is", "status", "code", "denial", "has", "hasnt", "tools", "absent", "at", "header", "no_header"];

    private static readonly string[] Words = ["answered", "refused", "unknown", "denied", "error", "accepted", "any", "silent", "status"];

    /// <summary>The word; a step that states nothing expects an answer. Another gate says in its own words that a tool is unknown.</summary>
    public string Word { get; } = (expect.AsText() ?? expect.Text("is") ?? (expect.Has("status") ? "status" : "answered")) is var word && word == "unknown" && gate is OutsideGate ? "refused" : word;

    public static void Check(JsonElement expect, string where)
    {
        ScenarioReader.Known(expect, $"{where}.expect", Members);
        var word = expect.AsText() ?? expect.Text("is");
        if (word is not null && !Words.Contains(word, StringComparer.Ordinal))
        {
            throw new ScenarioFault($"`{where}.expect` is none of {string.Join(", ", Words)}");
        }
    }

    /// <summary>What is wrong with the answer; null when it is as expected.</summary>
    /// <param name="exchange">What was seen.</param>
    /// <param name="fill">Puts values in the place of names.</param>
    public string? FaultOf(Exchange exchange, Func<string, string> fill)
    {
        var fault = WordFault(exchange) ?? (expect.ValueKind == JsonValueKind.Object ? MemberFault(exchange, fill) : null);
        return fault is null ? null : $"{fault}; it was {exchange}";
    }

    private string? WordFault(Exchange exchange)
    {
        var fits = Word switch
        {
            "answered" => exchange.IsAnswered,
            "refused" => exchange.IsRefused,
            "unknown" => exchange.Response.Member("error").Text("message")?.StartsWith("Unknown tool", StringComparison.Ordinal) == true,
            "denied" => exchange.Answer?.Status == 200 && exchange.Response.Member("result").IsTrue("isError"),
            "error" => exchange.Response.Has("error"),
            "accepted" => exchange.Answer?.Status == 202,
            "silent" => exchange.Fault is not null,
            "status" => exchange.Answer is not null,
            _ => exchange.Answer is { Status: < 500 },
        };
        return fits ? null : $"the client was not {(Word == "status" ? "answered" : Word)}";
    }

    private string? MemberFault(Exchange exchange, Func<string, string> fill)
    {
        if (exchange.Answer is not { } answer)
        {
            return null;
        }

        var statuses = Several(expect.Member("status")).Select(static status => status.GetInt32()).ToList();
        if (statuses.Count > 0 && !statuses.Contains(answer.Status))
        {
            return $"status {answer.Status} instead of {string.Join(" or ", statuses)}";
        }

        if (gate.HasCodes && expect.Member("code") is { ValueKind: JsonValueKind.Number } code && exchange.Response.Member("error").Member("code").ToString() != code.GetRawText())
        {
            return $"error {exchange.Response.Member("error").Member("code")} instead of {code}";
        }

        if (gate.HasCodes && expect.Text("denial") is { } denial && exchange.Denial != denial)
        {
            return $"refused as `{exchange.Denial}` instead of `{denial}`";
        }

        return TextFault(answer, fill) ?? ListFault(exchange, fill);
    }

    private string? TextFault(WireAnswer answer, Func<string, string> fill)
    {
        var text = answer.Text;
        if (Texts("has", fill).FirstOrDefault(wanted => !text.Contains(wanted, StringComparison.Ordinal)) is { } missing)
        {
            return $"`{missing}` is not in the answer";
        }

        var all = text + string.Concat(answer.Headers.Select(static header => $"\n{header.Key}: {header.Value}"));
        if (Texts("hasnt", fill).FirstOrDefault(unwanted => all.Contains(unwanted, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return $"`{found}` is in the answer";
        }

        if (Texts("no_header", fill).FirstOrDefault(name => answer.Header(name) is not null) is { } header)
        {
            return $"the answer has the header `{header}`";
        }

        return expect.Member("header").Members().FirstOrDefault(wanted => answer.Header(wanted.Name)?.Contains(wanted.Value.AsText() ?? "", StringComparison.Ordinal) != true) is { Value.ValueKind: not JsonValueKind.Undefined } odd
            ? $"the header `{odd.Name}` is `{answer.Header(odd.Name)}`"
            : null;
    }

    private string? ListFault(Exchange exchange, Func<string, string> fill)
    {
        var tools = exchange.Response.Member("result").Member("tools").Items().Select(static tool => tool.Text("name") ?? "").ToList();
        if (Texts("absent", fill).FirstOrDefault(tools.Contains) is { } shown)
        {
            return $"the tool `{shown}` is listed";
        }

        if (Texts("tools", fill).Select(tool => gate is OutsideGate outside && tool == "greet" ? (outside.NamesATool ? outside.Tool : "") : tool).FirstOrDefault(tool => tool.Length > 0 && !tools.Contains(tool)) is { } gone)
        {
            return $"the tool `{gone}` is not listed";
        }

        var odd = expect.Member("at").Members().FirstOrDefault(wanted => exchange.Response.At(wanted.Name).ToString() != (wanted.Value.AsText() is { } text ? fill(text) : wanted.Value.ToString()));
        return odd.Value.ValueKind == JsonValueKind.Undefined ? null : $"`{odd.Name}` is `{exchange.Response.At(odd.Name)}` instead of `{odd.Value}`";
    }

    private IEnumerable<string> Texts(string member, Func<string, string> fill) => Several(expect.Member(member)).Select(item => fill(item.AsText() ?? item.ToString()));

    private static IEnumerable<JsonElement> Several(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Array => value.EnumerateArray(),
        JsonValueKind.Undefined => [],
        _ => [value],
    };
}
