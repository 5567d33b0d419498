using System.Globalization;
using System.Net;
using System.Text;
using Callgate.Attacks.Scenarios;

namespace Callgate.Attacks.Reporting;

/// <summary>The report as one page that needs nothing else.</summary>
public static class HtmlReport
{
    private const string Style = """
        :root { color-scheme: light dark; --line: #8884; --bad: #b3261e; --known: #8a5a00; --good: #1b6b3a; }
        @media (prefers-color-scheme: dark) { :root { --bad: #ff8a80; --known: #ffcc66; --good: #7bd89a; } }
        body { font: 15px/1.5 system-ui, sans-serif; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .35rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
        th { font-weight: 600; } .breached { color: var(--bad); font-weight: 600; } .known { color: var(--known); } .held { color: var(--good); }
        pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; font-size: 13px; } summary { cursor: pointer; } .scroll { overflow-x: auto; }
        """;

    public static string Of(Report report)
    {
        var page = new StringBuilder("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>Attacks on a gate</title><style>\n")
            .Append(Style).Append("\n</style></head><body><main>\n<h1>Attacks on a gate</h1>\n")
            .Append(CultureInfo.InvariantCulture, $"<p>{Plain(report.Target)}, seed {report.Seed}: {report.Count(Outcome.Held)} held, {report.Count(Outcome.Breached)} breached, {report.Count(Outcome.Inconclusive)} inconclusive of {report.Results.Count}.</p>\n")
            .Append("<h2>Properties</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Property</th><th scope=\"col\">Held</th><th scope=\"col\">Breached</th><th scope=\"col\">Inconclusive</th></tr></thead><tbody>\n");
        foreach (var property in report.Properties)
        {
            page.Append(CultureInfo.InvariantCulture, $"<tr><th scope=\"row\">{property.Name} {Plain(property.Title)}</th><td>{property.Held}</td><td>{Linked(property.Breached)}</td><td>{Linked(property.Inconclusive)}</td></tr>\n");
        }

        page.Append("</tbody></table></div>\n<h2>Scenarios</h2>\n<div class=\"scroll\"><table><thead><tr><th scope=\"col\">Attack</th><th scope=\"col\">Properties</th><th scope=\"col\">Outcome</th></tr></thead><tbody>\n");
        foreach (var result in report.Results)
        {
            var name = result.Outcome == Outcome.Breached ? result.IsAsExpected ? "known" : "breached" : result.Outcome == Outcome.Held ? "held" : "known";
            var word = result.Outcome.ToString().ToLowerInvariant() + (name == "known" && result.Outcome == Outcome.Breached ? ", as no policy stops it" : "");
            page.Append(CultureInfo.InvariantCulture, $"<tr id=\"{result.Scenario.Id}\"><th scope=\"row\">{result.Scenario.Id} {Plain(result.Scenario.Title)}</th><td>{string.Join(' ', result.Scenario.Properties)}</td><td><span class=\"{name}\">{word}</span>{Details(result.Eras)}</td></tr>\n");
        }

        return page.Append("</tbody></table></div>\n</main></body></html>\n").ToString();
    }

    private static string Details(IReadOnlyList<Running.EraResult> eras)
    {
        var told = eras.Where(static era => era.Outcome != Outcome.Held).Select(static era => $"{era.Era.Version()}: {era.Reason}\n{string.Join('\n', era.Findings)}").ToList();
        return told.Count == 0 ? "" : $"<details><summary>What was seen</summary><pre>{Plain(string.Join('\n', told))}</pre></details>";
    }

    private static string Linked(IReadOnlyList<string> ids) => string.Join(' ', ids.Select(static id => $"<a href=\"#{id}\">{id}</a>"));

    private static string Plain(string text) => WebUtility.HtmlEncode(text);
}
