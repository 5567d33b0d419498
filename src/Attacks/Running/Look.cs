using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>Steps that only look at something.</summary>
internal sealed partial class Look(Stage stage)
{
    public async Task<string?> RunAsync(string kind, JsonElement step)
    {
        switch (kind)
        {
            case "same":
                return SameFault(step);
            case "streamed":
                return await StreamedFaultAsync(step);
            case "canary":
                return stage.CanarySaw.Count == 0 ? null : $"the canary saw {stage.CanarySaw[0]}";
            case "headers_up":
                return TextFault(string.Concat(stage.Seen.SelectMany(static sighting => sighting.Request.Headers.Select(static header => $"{header.Key}: {header.Value}\n").Append(sighting.Request.Target + "\n"))), step, stage.Fill);
            case "seen":
                var times = stage.Seen.Count(sighting => sighting.Method == step.Text("seen"));
                return times <= step.Member("at_most").GetInt32() ? null : $"the upstream was asked `{step.Text("seen")}` {times} times";
            case "record":
                return await Until.NullAsync(() => RecordFault(step), stage.LongestWait < TimeSpan.FromSeconds(5) ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(5));
            case "file":
                var there = File.Exists(stage.Fill(step.Text("file")!));
                return there == step.IsTrue("exists") ? null : $"the file is {(there ? "" : "not ")}there";
            case "measure":
                return await MeasureAsync(step);
            default:
                throw new InvalidOperationException($"no step is called `{kind}`");
        }
    }

    /// <summary>Texts that must be there, or must not.</summary>
    public static string? TextFault(string text, JsonElement step, Func<string, string> fill)
    {
        IEnumerable<string> Texts(string member) => (step.Member(member).ValueKind == JsonValueKind.Array ? step.Member(member).Items() : [step.Member(member)]).Select(static item => item.AsText()).OfType<string>().Select(fill);
        return Texts("has").FirstOrDefault(wanted => !text.Contains(wanted, StringComparison.Ordinal)) is { } missing ? $"`{Shortened.Of(missing, 80)}` is not there"
            : Texts("hasnt").FirstOrDefault(unwanted => text.Contains(unwanted, StringComparison.OrdinalIgnoreCase)) is { } found ? $"`{Shortened.Of(found, 80)}` is there"
            : null;
    }

    /// <summary>Answers that have to be equal to the byte once what the client chose itself is masked.</summary>
    private string? SameFault(JsonElement step)
    {
        var masks = step.Member("mask").Items().Select(static mask => mask.AsText()!).ToList();
        var texts = step.Member("same").Items().Select(name => Masked(stage.Saved[name.AsText()!], masks)).ToList();
        var differ = step.IsTrue("differ");
        return texts.TrueForAll(text => text == texts[0]) != differ ? null : $"the answers {(differ ? "are equal" : "can be told apart")}: {string.Join(" and ", texts.Distinct(StringComparer.Ordinal).Select(static text => Shortened.Of(text, 300)))}";
    }

    private static string Masked(WireAnswer answer, List<string> masks)
    {
        var headers = answer.Headers.Where(static header => header.Key is not "Date").Select(static header => header.Key + ": " + header.Value).Order(StringComparer.Ordinal);
        var text = string.Create(CultureInfo.InvariantCulture, $"{answer.Status}\n{string.Join('\n', headers)}\n{answer.Text}");
        text = masks.Aggregate(text, static (masked, mask) => masked.Replace(mask, "*", StringComparison.Ordinal));
        return Id().Replace(text, "\"id\":*");
    }

    private async Task<string?> StreamedFaultAsync(JsonElement step)
    {
        var wanted = step.Member("streamed").GetInt32();
        var most = step.Member("at_most") is { ValueKind: JsonValueKind.Number } stated ? stated.GetInt32() : int.MaxValue;
        int Count() => stage.Open.Sum(stream => stream.Messages.Count(message => step.Text("method") is not { } method || message.Text("method") == method));
        var fault = await Until.NullAsync(() => Count() < wanted ? $"{Count()} messages came on the stream instead of {wanted} at least" : null, stage.LongestWait);
        return fault ?? (Count() > most ? $"{Count()} messages came on the stream, and {most} at most may" : null);
    }

    private string? RecordFault(JsonElement step)
    {
        var entries = stage.Recorded;
        var text = string.Join('\n', entries.Select(static entry => entry.GetRawText()));
        if (TextFault(text, step, stage.Fill) is { } fault)
        {
            return fault;
        }

        if (step.IsTrue("lines") && stage.Gate.RecordText().Split('\n', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(static line => Json.Lenient(line).Text("kind") is null && !line.Contains("\"seq\"", StringComparison.Ordinal)) is { } odd)
        {
            return $"a line of the record is no entry: {Shortened.Of(odd, 120)}";
        }

        if (step.IsTrue("ordered"))
        {
            var numbers = entries.Select(static entry => entry.Member("seq").GetInt64()).ToList();
            return numbers.SequenceEqual(numbers.Order()) && numbers.Distinct().Count() == numbers.Count ? null : "entries of the record are out of order";
        }

        return step.Has("spacing") ? SpacingFault(step.Member("spacing"), entries) : step.Has("revisions") ? RevisionsFault(step.Member("revisions"), entries) : null;
    }

    /// <summary>By the gate's own clock, more than `max` allowed calls within a window less than its length apart.</summary>
    private static string? SpacingFault(JsonElement spacing, IReadOnlyList<JsonElement> entries)
    {
        var max = spacing.Member("max").GetInt32();
        var window = TimeSpan.FromMilliseconds(spacing.Member("window_ms").GetInt32());
        var times = entries.Where(static entry => entry.Text("kind") == "call" && entry.Text("decision") == "allow" && entry.Text("method") == "tools/call")
            .Select(static entry => DateTimeOffset.Parse(entry.Text("time")!, CultureInfo.InvariantCulture)).ToList();
        for (var i = 0; i + max < times.Count; i++)
        {
            if (times[i + max] - times[i] < window)
            {
                return $"{max + 1} calls were allowed within {(times[i + max] - times[i]).TotalMilliseconds} ms";
            }
        }

        return times.Count > max ? null : $"{times.Count} calls were allowed, too few to tell";
    }

    /// <summary>Each decision has to be the one of the revision it names: the even ones refuse.</summary>
    private static string? RevisionsFault(JsonElement revisions, IReadOnlyList<JsonElement> entries)
    {
        var calls = entries.Where(static entry => entry.Text("kind") == "call" && entry.Text("method") == "tools/call").ToList();
        var odd = calls.FirstOrDefault(static entry => entry.Text("decision") != (entry.Member("revision").GetInt64() % 2 == 1 ? "allow" : "deny"));
        var distinct = calls.Select(static entry => entry.Member("revision").GetInt64()).Distinct().Count();
        return odd.ValueKind != JsonValueKind.Undefined ? $"an entry names revision {odd.Member("revision")} and says {odd.Text("decision")}"
            : distinct < revisions.GetInt32() ? $"only {distinct} revisions were met" : null;
    }

    /// <summary>What grew since the measure of that name was taken first.</summary>
    private async Task<string?> MeasureAsync(JsonElement step)
    {
        var what = step.Text("measure")!;
        long now = what switch
        {
            "memory" => stage.Gate.Memory,
            "record" => stage.Gate.RecordText().Length,
            _ => (await stage.Gate.MetricsAsync()).Split('\n').Length,
        };
        var key = "measured_" + what;
        if (!step.Has("most"))
        {
            stage.Variables[key] = now.ToString(CultureInfo.InvariantCulture);
            return null;
        }

        var grown = now - long.Parse(stage.Variables[key], CultureInfo.InvariantCulture);
        return grown <= step.Member("most").GetInt64() ? null : $"{what} grew by {grown}, and {step.Member("most")} is the most";
    }

    [GeneratedRegex("\"id\":[0-9]+")]
    private static partial Regex Id();
}
