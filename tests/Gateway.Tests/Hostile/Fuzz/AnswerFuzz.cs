using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Tests.Hostile.Fuzz;

/// <summary>Calls through a gate to an upstream whose every answer is generated, several at once.</summary>
internal sealed class AnswerFuzz : IAsyncDisposable
{
    private const int Lanes = 4;

    private readonly UpstreamAnswers answers;
    private readonly ConcurrentDictionary<long, UpstreamAnswer> given = [];
    private readonly ConcurrentDictionary<long, long> ids = [];
    private readonly ConcurrentBag<string> faults = [];

    /// <summary>Answers that are being made smaller, with the id that they were made for.</summary>
    private readonly ConcurrentDictionary<long, (long Id, byte[] Body)> shorter = [];
    private ScriptedUpstream upstream = null!;
    private RunningGate gate = null!;
    private long next;

    private AnswerFuzz(int seed) => answers = new UpstreamAnswers(seed);

    public IReadOnlyCollection<string> Faults => faults;

    /// <summary>Answers that reached the client as the upstream gave them, and those of the gate instead, by code.</summary>
    public ConcurrentDictionary<string, long> Outcomes { get; } = [];

    public static async Task<AnswerFuzz> StartAsync(int seed)
    {
        var fuzz = new AnswerFuzz(seed) { upstream = await ScriptedUpstream.StartAsync() };
        fuzz.gate = await fuzz.upstream.GateAsync();
        await using var client = ScriptedUpstream.Client(fuzz.gate);
        await client.CallAsync("say");
        fuzz.upstream.Script["tools/call"] = fuzz.AnswerAsync;
        return fuzz;
    }

    public Task RunAsync(long count)
    {
        var until = next + count;
        return Task.WhenAll(Enumerable.Range(0, Lanes).Select(_ => Task.Run(async () =>
        {
            await using var raw = await RawClient.ConnectAsync(gate.Address);
            raw.Patience = TimeSpan.FromSeconds(30);
            for (var number = Interlocked.Increment(ref next); number <= until && faults.IsEmpty; number = Interlocked.Increment(ref next))
            {
                if (await CallAsync(raw, number) is { } fault)
                {
                    faults.Add($"number {number}: {fault}; the upstream had answered {(given.TryGetValue(number, out var was) ? Told(was) : "nothing")}");
                    faults.Add(await MinimisedAsync(raw, number));
                }

                given.TryRemove(number, out var _);
                ids.TryRemove(number, out var _);
            }

            Interlocked.Decrement(ref next);
        })));
    }

    /// <summary>How little of the answer is enough.</summary>
    private async Task<string> MinimisedAsync(RawClient raw, long number)
    {
        if (!given.TryGetValue(number, out var answer))
        {
            return $"number {number} came to no answer";
        }

        var id = ids[number];
        var least = await Minimiser.ShrinkAsync(answer.Body, async body =>
        {
            shorter[number] = (id, body);
            try
            {
                return await CallAsync(raw, number) is not null;
            }
            catch (Exception exception) when (exception is IOException or TimeoutException or InvalidDataException)
            {
                return false;
            }
        });
        return $"number {number} minimised: {Told(answer with { Body = least })}";
    }

    private static string Told(UpstreamAnswer answer)
    {
        var some = answer.Body.AsSpan(0, Math.Min(answer.Body.Length, 2_000)).ToArray();
        return $"{answer.Status} {answer.ContentType} {answer.Coding} {Encoding.UTF8.GetString(some)} ({Convert.ToHexString(some)})";
    }

    public async ValueTask DisposeAsync()
    {
        await gate.DisposeAsync();
        await upstream.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext http, JsonElement request)
    {
        upstream.Received.Clear();
        var number = request.GetProperty("params").GetProperty("arguments").GetProperty("number").GetInt64();
        var id = request.GetProperty("id").GetInt64();
        var answer = answers.Make(number, id);
        if (shorter.TryGetValue(number, out var part))
        {
            // The id of then stands in it, and this call has one of its own.
            var text = Encoding.Latin1.GetString(part.Body).Replace(part.Id.ToString(CultureInfo.InvariantCulture), id.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
            answer = answer with { Body = Encoding.Latin1.GetBytes(text) };
        }

        ids[number] = id;
        given[number] = answer;
        http.Response.StatusCode = answer.Status;
        if (answer.ContentType.Length > 0)
        {
            http.Response.ContentType = answer.ContentType;
        }

        if (answer.Status is >= 300 and < 400)
        {
            http.Response.Headers.Location = "http://127.0.0.1:1/nobody";
        }

        if (answer.Coding is { } coding)
        {
            http.Response.Headers.ContentEncoding = coding;
        }

        if (answer.Status == 204)
        {
            return;
        }

        var size = answer.Pieces == 0 ? answer.Body.Length : Math.Max(1, answer.Body.Length / answer.Pieces);
        for (var at = 0; at < answer.Body.Length; at += size)
        {
            await http.Response.Body.WriteAsync(answer.Body.AsMemory(at, Math.Min(size, answer.Body.Length - at)));
            await http.Response.Body.FlushAsync();
        }
    }

    private async Task<string?> CallAsync(RawClient raw, long number)
    {
        var id = number.ToString(CultureInfo.InvariantCulture);
        await raw.SendAsync(RawClient.Request("POST", gate.Mcp("up"), Encoding.UTF8.GetBytes(Bodies.Call(true, "\"say\"", $$"""{"number":{{id}}}""", id)), Headers));
        var head = await raw.ReadHeadAsync();
        var messages = new List<byte[]>();
        if (head.Header("Content-Type") == "text/event-stream")
        {
            await foreach (var received in raw.ReadEventsAsync(head))
            {
                messages.AddRange(received.Data.Length > 0 ? [Encoding.UTF8.GetBytes(received.Data)] : Array.Empty<byte[]>());
            }
        }
        else
        {
            messages.Add(await raw.ReadBodyAsync(head));
        }

        return head.Status >= 500 ? $"answered {head.Status}" : FaultOf(number, messages);
    }

    private string? FaultOf(long number, List<byte[]> messages)
    {
        var read = messages.Select(static message => Lenient.TryParse(message)).ToList();
        if (read.Any(static message => message.ValueKind != JsonValueKind.Object))
        {
            return "the client was sent something that is no message";
        }

        var responses = read.Where(static message => message.Has("id") || message.Has("result") || message.Has("error")).ToList();
        if (responses is not [var only] || only.Member("id").GetRawText() != number.ToString(CultureInfo.InvariantCulture))
        {
            return $"the client had {responses.Count} responses: {string.Join(' ', messages.Select(Encoding.UTF8.GetString))}";
        }

        var code = only.Member("result").Member("_meta").Member("callgate/denial").Text("code");
        Outcomes.AddOrUpdate(code ?? "as given", 1, static (_, count) => count + 1);
        var answer = given[number];
        if (answer.Honest)
        {
            return only.Member("result").Member("content") is { ValueKind: JsonValueKind.Array } content && content[0].Text("text") == $"mine-{number}" ? null : "the client did not have an honest answer";
        }

        return code is not null || GivenMessages(answer).Any(message => IsSame(message, only, ids[number])) ? null : $"the client had what was never given: {only}";
    }

    /// <summary>What any reader could find in the answer: the whole of it, or the data of its events.</summary>
    private static IEnumerable<JsonElement> GivenMessages(UpstreamAnswer answer)
    {
        yield return Lenient.TryParse(answer.Body);
        var text = Encoding.UTF8.GetString(answer.Body).TrimStart('\uFEFF').Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        foreach (var block in text.Split("\n\n"))
        {
            var lines = block.Split('\n').Where(static line => line.StartsWith("data:", StringComparison.Ordinal)).Select(static line => line["data:".Length..]).Select(static line => line.StartsWith(' ') ? line[1..] : line);
            yield return Lenient.TryParse(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        }
    }

    private static bool IsSame(JsonElement message, JsonElement answer, long id) =>
        message.Member("id") is { ValueKind: JsonValueKind.Number } own && own.GetRawText() == id.ToString(CultureInfo.InvariantCulture)
        && (Meaning(message, "result") is { } result ? result == Meaning(answer, "result") : Meaning(message, "error") is { } error && error == Meaning(answer, "error"));

    /// <summary>The state of an unfinished call is the gate's own, sealed over the upstream's.</summary>
    private static string? Meaning(JsonElement message, string member) => message.Member(member) is not { ValueKind: not JsonValueKind.Undefined } value ? null
        : value.Text("resultType") == "input_required" ? string.Concat(value.EnumerateObject().Where(static inner => inner.Name != "requestState").Select(static inner => $"{inner.Name}={NaiveJson.Of(inner.Value)};"))
        : NaiveJson.Of(value);

    private static (string Name, string Value)[] Headers { get; } =
    [
        ("Authorization", "Bearer " + RunningGate.Token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "say"),
    ];
}
