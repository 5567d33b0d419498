using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Tests.Hostile.Inputs;

namespace Callgate.Gateway.Tests.Hostile.Fuzz;

/// <summary>
/// Generated requests, many on a connection and on several connections at once, through a whole gate. Each lane has a
/// server of its own behind the gate, so that what its upstream saw is of this lane's requests.
/// </summary>
internal sealed class ClientFuzz : IAsyncDisposable
{
    /// <summary>Requests that are on their way on one connection.</summary>
    private const int Together = 32;

    /// <summary>A hidden tool, and a rule over a number that a call may leave out.</summary>
    private const string Policy = """
        {"version":"1","default":"allow","hide":["add"],
         "tools":{"echo":{"require":[{"conditions":[{"path":"args.v","op":"lte","value":500,"missing":"pass"}],"on_deny":"too much"}]}}}
        """;

    private readonly ClientInputs inputs;
    private readonly List<Lane> lanes = [];
    private readonly ConcurrentBag<string> faults = [];
    private RunningGate gate = null!;
    private JournalTail record = null!;
    private long refused;

    /// <summary>Requests without an end that readers agree on: some are refused before there is anything to record.</summary>
    private long broken;
    private long sent;
    private long next;

    private ClientFuzz(int seed) => inputs = new ClientInputs(seed);

    /// <summary>What went against an oracle; empty when nothing did.</summary>
    public IReadOnlyCollection<string> Faults => faults;

    public ConcurrentDictionary<int, long> Statuses { get; } = [];

    /// <summary>Messages that reached an upstream.</summary>
    public long Sent => Volatile.Read(ref sent);

    public static async Task<ClientFuzz> StartAsync(int seed, int lanes)
    {
        var fuzz = new ClientFuzz(seed);
        for (var number = 0; number < lanes; number++)
        {
            fuzz.lanes.Add(new Lane($"up{number}", await FixtureServer.StartHttpAsync(new FixtureOptions())));
        }

        var servers = string.Join('\n', fuzz.lanes.Select(static lane => $"  {lane.Server}: {{ url: {lane.Upstream.Url} }}"));
        var granted = string.Join(", ", fuzz.lanes.Select(static lane => $"{lane.Server}: p"));
        fuzz.gate = await RunningGate.StartAsync(
            $"servers:\n{servers}\npolicies:\n  p: p.json\ngrants:\n  laptop: {{ token: {RunningGate.Token}, servers: {{ {granted} }} }}\n  arrays: {{ token: {HostileGate.OtherToken}, servers: {{ {granted} }} }}\n",
            ("p.json", Policy));
        foreach (var lane in fuzz.lanes)
        {
            await lane.OpenAsync(fuzz.gate);
        }

        fuzz.record = new JournalTail(fuzz.gate);
        fuzz.record.Lines();
        return fuzz;
    }

    /// <summary>Sends so many more and looks at the record.</summary>
    public async Task RunAsync(long count)
    {
        var until = next + count;
        await Task.WhenAll(lanes.Select(lane => Task.Run(async () =>
        {
            for (var begin = Interlocked.Add(ref next, Together) - Together; begin < until && faults.IsEmpty; begin = Interlocked.Add(ref next, Together) - Together)
            {
                await RunAsync(lane, [.. Enumerable.Range(0, Together).Select(offset => inputs.Make(begin + offset))]);
            }
        })));
        next = until;

        // Arrays go under a grant of their own: one of them may leave several records.
        var recorded = record.Next().Count(static entry => entry.Text("grant") == "laptop" && entry.Text("code") is "request.malformed" or "request.too_large");
        if (faults.IsEmpty && (recorded < refused || recorded > refused + broken))
        {
            faults.Add($"{refused} refused as malformed and {recorded} recorded, up to number {until}");
        }

        refused = 0;
        broken = 0;
    }

    public async ValueTask DisposeAsync()
    {
        await gate.DisposeAsync();
        foreach (var lane in lanes)
        {
            await lane.Upstream.DisposeAsync();
        }
    }

    private async Task RunAsync(Lane lane, List<ClientInput> group)
    {
        var found = await FaultsOfAsync(lane, group);
        foreach (var fault in found)
        {
            faults.Add(fault);
        }

        // Which of the group it was, and how little of it is enough.
        foreach (var input in found.Count > 0 ? group : [])
        {
            if ((await FaultsOfAsync(lane, [input])).Count > 0)
            {
                var least = await Minimiser.ShrinkAsync(input.Body, async body => (await FaultsOfAsync(lane, [input with { Body = body, Honest = null }])).Count > 0);
                faults.Add($"number {input.Number} minimised: {Encoding.UTF8.GetString(least)} ({Convert.ToHexString(least)}), framed {input.Framing}, header {input.Header}");
                break;
            }
        }
    }

    private async Task<List<string>> FaultsOfAsync(Lane lane, List<ClientInput> group)
    {
        var found = new List<string>();
        lane.Upstream.Recording.Clear();
        var passed = new List<string>();
        foreach (var (input, answer) in await ExchangeAsync(lane, group, found))
        {
            Statuses.AddOrUpdate(answer.Status, 1, static (_, count) => count + 1);
            Interlocked.Add(ref broken, input.Framing == Framing.Broken ? 1 : 0);
            if (FaultOf(input, answer) is { } fault)
            {
                found.Add(Told(input, fault));
            }
            else if (answer.Status is 200 or 202)
            {
                passed.AddRange(Readings.Asked(input.Body));
            }
            else if (input.Framing != Framing.Broken && !IsArray(input) && answer.Status is not (401 or 403) && !(answer.Status == 404 && HostileGate.CodeOf(answer) == -32601))
            {
                Interlocked.Increment(ref refused);
            }
        }

        foreach (var seen in lane.Upstream.Recording.Requests)
        {
            Interlocked.Increment(ref sent);
            var fault = seen.Method != "POST" ? $"a {seen.Method}"
                : seen.Tool == "add" ? "the hidden tool"
                : Readings.BreaksTheRule(seen.Json) ? "a call above what the rule allows"
                : Readings.Misleading(seen.Json) is { } odd ? $"the misleading member `{odd}`"
                : Readings.AskedBy(seen.Json) is not { } asked || !passed.Remove(asked) ? "something nobody asked for in so many words"
                : null;
            if (fault is not null)
            {
                found.Add($"the upstream saw {fault} in the requests from number {group[0].Number} on: {seen.Text}");
            }
        }

        return found;
    }

    /// <summary>Sends all at once and reads the answers in order; where the gate ends the connection, goes on with what is left on another.</summary>
    private async Task<List<(ClientInput, RawResponse)>> ExchangeAsync(Lane lane, List<ClientInput> group, List<string> found)
    {
        var answered = new List<(ClientInput, RawResponse)>();
        while (answered.Count < group.Count)
        {
            var before = answered.Count;
            await using var raw = await RawClient.ConnectAsync(gate.Address);
            raw.Patience = TimeSpan.FromSeconds(30);
            await raw.SendAsync(group.Skip(before).SelectMany(lane.Request).ToArray());
            try
            {
                while (answered.Count < group.Count)
                {
                    var answer = await raw.ReadResponseAsync();
                    answered.Add((group[answered.Count], answer));
                    if (answer.Header("Connection") == "close" || group[answered.Count - 1].Framing == Framing.Broken)
                    {
                        break;
                    }
                }
            }
            catch (Exception exception) when (exception is IOException or TimeoutException or InvalidDataException)
            {
                found.Add(Told(group[answered.Count], $"no answer: {exception.Message}"));
                break;
            }
        }

        return answered;
    }

    private static bool IsArray(ClientInput input) => input.Body.AsSpan().TrimStart(" \t\r\n"u8).StartsWith("["u8);

    private static string? FaultOf(ClientInput input, RawResponse answer)
    {
        if (answer.Status is not (200 or 202 or 400 or 404 or 406 or 413 or 415 or 403))
        {
            return $"answered {answer.Status} {answer.Text}";
        }

        if (input.Framing == Framing.Broken)
        {
            // Who sees no end of a request has no request to answer with a message; what its headers alone forbid is refused before a body is read.
            return answer.Status is 400 or 403 or 404 or 406 or 413 or 415 ? null : $"answered {answer.Status} to framing that two readers see differently: {answer.Text}";
        }

        if (input.Honest is { } text && (answer.Status != 200 || !answer.Text.Contains($"\"text\":\"{text}\"", StringComparison.Ordinal)))
        {
            return $"an honest call was answered {answer.Status} {answer.Text}";
        }

        if (answer.Status == 202 || answer.Header("Content-Type") == "text/event-stream")
        {
            return null;
        }

        var root = Lenient.TryParse(answer.Body);
        return root.ValueKind == JsonValueKind.Array || root.Has("result") || root.Member("error").Has("code") ? null : $"answered with no message: {answer.Text}";
    }

    private static string Told(ClientInput input, string fault) => $"number {input.Number} ({input.Era}, {input.Framing}, {Encoding.UTF8.GetString(input.Body)}): {fault}";

    /// <summary>A server behind the gate, and the sessions through which its requests go.</summary>
    private sealed class Lane(string server, FixtureServer upstream)
    {
        private readonly Dictionary<(Era, bool), (string Name, string Value)[]> headers = [];
        private Uri endpoint = null!;

        public string Server => server;

        public FixtureServer Upstream => upstream;

        public async Task OpenAsync(RunningGate gate)
        {
            endpoint = gate.Mcp(server);
            foreach (var arrays in new[] { false, true })
            {
                var token = arrays ? HostileGate.OtherToken : RunningGate.Token;
                (string, string)[] common = [("Authorization", "Bearer " + token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream")];
                foreach (var (era, version) in new[] { (Era.Legacy, "2025-11-25"), (Era.Batches, "2025-03-26"), (Era.Modern, "2026-07-28") })
                {
                    await using var client = new McpClient(endpoint, token, version);
                    if (era == Era.Modern)
                    {
                        await client.ListToolsAsync();
                        headers[(era, arrays)] = [.. common, ("MCP-Protocol-Version", version)];
                        continue;
                    }

                    await client.InitializeAsync();
                    headers[(era, arrays)] = [.. common, ("Mcp-Session-Id", client.SessionId!), ("MCP-Protocol-Version", version)];
                }
            }
        }

        public byte[] Request(ClientInput input)
        {
            (string Name, string Value)[] mirrored = input.Era != Era.Modern ? [] : [("Mcp-Method", input.Method), .. input.Name is null ? Array.Empty<(string, string)>() : [("Mcp-Name", input.Name)]];
            IEnumerable<(string Name, string Value)> all = [.. headers[(input.Era, IsArray(input))], .. mirrored];
            if (input.Header is var (name, value, beside))
            {
                all = all.Where(header => beside || header.Name != name).Append((name, value));
            }

            return input.Framing == Framing.Plain ? RawClient.Request("POST", endpoint, input.Body, [.. all]) : FramedRequests.Of(endpoint, input, [.. all]);
        }
    }
}
