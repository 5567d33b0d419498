using System.Globalization;
using System.Text.Json;
using Callgate.Attacks.Scenarios;
using Callgate.Attacks.Upstreams;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>Runs the steps of one part of a scenario and compares, after each, what the client saw, what the upstream saw and what the record says.</summary>
internal sealed class Part(Stage stage, string part, int mostFindings)
{
    private readonly StepRunner runner = new(stage);
    private readonly List<Finding> findings = [];
    private int number = -1;

    /// <summary>What was found, up to a number that people can read.</summary>
    public async Task<IReadOnlyList<Finding>> RunAsync(IReadOnlyList<JsonElement> steps)
    {
        foreach (var step in steps)
        {
            number++;
            if (step.Has("eras") && !step.Member("eras").Items().Any(version => version.AsText() == stage.Era.Version()))
            {
                continue;
            }

            await RunAsync(step);
            if (findings.Count >= mostFindings)
            {
                break;
            }
        }

        CompareAll();
        return findings;
    }

    private async Task RunAsync(JsonElement step)
    {
        var kind = StepKinds.Of(step);
        if (kind is "call" or "method" or "body" or "raw" or "http")
        {
            await AskAsync(step, kind);
            return;
        }

        if (await new OtherStep(stage, runner).RunAsync(kind, step) is { } fault)
        {
            Add(fault, "-", SawText(stage.Asked), "-");
        }
    }

    private async Task AskAsync(JsonElement step, string kind)
    {
        var sawBefore = stage.Asked.Count;
        var recordedBefore = stage.Recorded.Count;
        var asked = await ExchangesAsync(step);
        var exchanges = asked.Select(static one => one.Exchange).ToList();
        if (step.Text("as") is { } name && exchanges[0].Answer is { } answer)
        {
            stage.Saved[name] = answer;
        }

        foreach (var save in step.Member("save").Members())
        {
            stage.Variables[save.Name] = exchanges[0].Whole.At(save.Value.AsText()!) is var value && value.AsText() is { } text ? text : value.ToString();
        }

        var expectation = new Expectation(step.Member("expect"), stage.Gate);
        foreach (var (exchange, variables) in asked)
        {
            var fault = step.Has("count")
                ? exchange.Answer is null or { Status: >= 500 } ? $"no proper answer; it was {exchange}" : null
                : Tolerated(kind, expectation.Word, exchange) ? null : expectation.FaultOf(exchange, variables.Fill);
            if (fault is not null && findings.Count < mostFindings)
            {
                Add(fault, exchange.ToString(), SawText(stage.Asked.Skip(sawBefore)), RecordText(stage.Recorded.Skip(recordedBefore)));
            }
        }

        if (kind != "http")
        {
            CompareUpstream(step, kind, expectation, exchanges, sawBefore, recordedBefore);
            await CompareRecordAsync(step, kind, expectation, exchanges, sawBefore, recordedBefore);
        }
        else if (step.Has("up"))
        {
            CompareUpstream(step, kind, expectation, exchanges, sawBefore, recordedBefore);
        }
    }

    /// <summary>Bytes that are no HTTP may be met with an end of the connection and no word.</summary>
    private static bool Tolerated(string kind, string word, Exchange exchange) =>
        kind == "raw" && word == "refused" && exchange.Fault?.StartsWith("the connection ended", StringComparison.Ordinal) == true;

    private async Task<IReadOnlyList<(Exchange Exchange, Variables Variables)>> ExchangesAsync(JsonElement step)
    {
        var all = await RoundAsync(step);
        if (step.Member("until") is not { ValueKind: JsonValueKind.Number } until)
        {
            return all;
        }

        // Again and again until so many were answered: for limits that time gives back.
        var rounds = new List<(Exchange Exchange, Variables Variables)>(all);
        await Until.NullAsync(
            async () =>
            {
                rounds.AddRange(await RoundAsync(step));
                return rounds.Count(static one => one.Exchange.IsAnswered) < until.GetInt32() ? "not yet" : null;
            },
            stage.LongestWait);
        return rounds;
    }

    private async Task<IReadOnlyList<(Exchange Exchange, Variables Variables)>> RoundAsync(JsonElement step)
    {
        var all = new List<Variables>();
        foreach (var variables in Varied(step))
        {
            var times = step.Member("repeat") is { ValueKind: JsonValueKind.Number } repeat ? repeat.GetInt32() : step.Member("parallel") is { ValueKind: JsonValueKind.Number } parallel ? parallel.GetInt32() : 1;
            all.AddRange(Enumerable.Range(1, times).Select(turn => variables.With("n", turn.ToString(CultureInfo.InvariantCulture))));
        }

        if (step.Has("parallel"))
        {
            return await Task.WhenAll(all.Select(variables => Task.Run(async () => (await runner.AskAsync(step, variables), variables))));
        }

        var exchanges = new List<(Exchange, Variables)>();
        foreach (var variables in all)
        {
            exchanges.Add((await runner.AskAsync(step, variables), variables));
        }

        return exchanges;
    }

    /// <summary>One set of variables for each element of `each`: a text is `$each`, the members of an object go by their names.</summary>
    private IEnumerable<Variables> Varied(JsonElement step)
    {
        if (!step.Has("each"))
        {
            yield return stage.Variables;
            yield break;
        }

        foreach (var element in step.Member("each").Items())
        {
            var variables = stage.Variables.With("each", element.AsText() ?? element.GetRawText());
            foreach (var member in element.Members())
            {
                variables[member.Name] = member.Value.AsText() ?? member.Value.GetRawText();
            }

            yield return variables;
        }
    }

    private void CompareUpstream(JsonElement step, string kind, Expectation expectation, List<Exchange> exchanges, int sawBefore, int recordedBefore)
    {
        if (stage.Gate is Gates.OutsideGate)
        {
            return;
        }

        var saw = stage.Asked.Skip(sawBefore).ToList();
        var answered = exchanges.Count(static exchange => exchange.IsAnswered);
        if (step.Member("count").Member("answered") is { ValueKind: JsonValueKind.Number } counted && answered != counted.GetInt32())
        {
            Add($"{answered} of {exchanges.Count} were answered instead of {counted}", $"{answered} answered", SawText(saw), RecordText(stage.Recorded.Skip(recordedBefore)));
        }

        int? wanted = step.Member("up") switch
        {
            { ValueKind: JsonValueKind.Number } stated => stated.GetInt32(),
            { ValueKind: JsonValueKind.String } => null,
            _ when step.Has("count") => answered,
            _ => expectation.Word switch
            {
                "refused" or "unknown" or "denied" or "error" => 0,
                "answered" when kind == "call" => exchanges.Count,
                _ => null,
            },
        };
        if (wanted is { } exact && saw.Count != exact)
        {
            Add($"the upstream saw {saw.Count} requests instead of {exact}", Summary(exchanges), SawText(saw), RecordText(stage.Recorded.Skip(recordedBefore)));
        }

        if (saw.Select(static sighting => Ambiguity.Of(sighting.Request.Body)).FirstOrDefault(static odd => odd is not null) is { } ambiguous)
        {
            Add($"the upstream was sent what two readers see differently: {ambiguous}", Summary(exchanges), SawText(saw), RecordText(stage.Recorded.Skip(recordedBefore)));
        }
    }

    private async Task CompareRecordAsync(JsonElement step, string kind, Expectation expectation, List<Exchange> exchanges, int sawBefore, int recordedBefore)
    {
        if (!stage.Gate.HasRecord || step.Text("record") == "any")
        {
            return;
        }

        var calls = stage.Asked.Skip(sawBefore).Count(static sighting => sighting.Method == "tools/call");
        var refusals = expectation.Word is "refused" or "unknown" or "denied" or "error" && !step.Has("count") ? exchanges.Count(static exchange => exchange.Answer is not null) : 0;
        var code = step.Member("record").Text("code");
        string? Fault()
        {
            var entries = stage.Recorded.Skip(recordedBefore).Where(static entry => entry.Text("kind") == "call").ToList();
            var allowed = entries.Count(static entry => entry.Text("decision") == "allow" && entry.Text("method") == "tools/call");
            var denied = entries.Count(static entry => entry.Text("decision") != "allow");
            return allowed < calls ? $"the upstream saw {calls} calls and the record has {allowed} that were allowed"
                : kind != "raw" && denied < refusals ? $"{refusals} were refused and the record has {denied}"
                : code is not null && stage.Gate.HasCodes && !entries.Exists(entry => entry.Text("code") == code) ? $"the record has no entry with `{code}`"
                : null;
        }

        // What was found already needs no second proof.
        if (await Until.NullAsync(Fault, findings.Count == 0 ? TimeSpan.FromSeconds(Math.Min(5, stage.LongestWait.TotalSeconds / 4)) : TimeSpan.Zero) is { } fault)
        {
            Add(fault, Summary(exchanges), SawText(stage.Asked.Skip(sawBefore)), RecordText(stage.Recorded.Skip(recordedBefore)));
        }
    }

    /// <summary>What must be true of a whole part, whatever its steps looked at.</summary>
    private void CompareAll()
    {
        if (part != "twin" && stage.CanarySaw is { Count: > 0 } touched)
        {
            Add($"somebody connected to where nobody may: {touched[0]}", "-", $"{touched.Count} requests to the canary", "-");
        }

        if (!stage.Gate.HasRecord)
        {
            return;
        }

        var calls = stage.Asked.Count(static sighting => sighting.Method == "tools/call");
        var allowed = stage.Recorded.Count(static entry => entry.Text("kind") == "call" && entry.Text("decision") == "allow" && entry.Text("method") == "tools/call");
        if (calls > allowed)
        {
            Add($"the upstream saw {calls} calls and the record has {allowed} that were allowed", "-", SawText(stage.Asked), RecordText(stage.Recorded));
        }
    }

    private void Add(string what, string client, string upstream, string record) =>
        findings.Add(new Finding(string.Create(CultureInfo.InvariantCulture, $"{part} {number} ({stage.Era.Version()})"), what, client, upstream, record));

    private static string Summary(List<Exchange> exchanges) => exchanges is [var only] ? only.ToString() : $"{exchanges.Count(static exchange => exchange.IsAnswered)} of {exchanges.Count} answered; the first was {exchanges[0]}";

    private static string SawText(IEnumerable<Sighting> saw)
    {
        var all = saw.ToList();
        return all.Count == 0 ? "nothing" : $"{all.Count}: {string.Join(" | ", all.TakeLast(3).Select(static sighting => Shortened.Of(sighting.Request.Text, 200)))}";
    }

    private static string RecordText(IEnumerable<JsonElement> entries)
    {
        var all = entries.ToList();
        return all.Count == 0 ? "nothing" : $"{all.Count}: {string.Join(", ", all.TakeLast(6).Select(static entry => Shortened.Of($"{entry.Text("kind")} {entry.Text("method")} {entry.Text("tool")} {entry.Text("decision")} {entry.Text("code")} {entry.Text("outcome")}", 120)))}";
    }
}
