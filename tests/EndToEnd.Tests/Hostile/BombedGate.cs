using System.Globalization;
using System.Text;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Xunit;

namespace Callgate.EndToEnd.Tests.Hostile;

/// <summary>A gate in a process of its own whose memory is watched.</summary>
internal sealed class BombedGate : IAsyncDisposable
{
    private const int WarmUp = 3_000;

    private readonly DeclaredGate declared;
    private readonly GateProcess gate;
    private long before;

    private BombedGate(DeclaredGate declared)
    {
        this.declared = declared;
        gate = declared.Process;
    }

    public FixtureServer Upstream => declared.Upstream;

    /// <summary>By how much memory rose at the most since <see cref="ForgetPeak"/>.</summary>
    public long Rise => ProcessStatus.Peak(gate.ProcessId) - before;

    private static (string Name, string Value)[] Headers { get; } =
    [
        ("Authorization", "Bearer " + DeclaredGate.Token), ("Content-Type", "application/json"), ("Accept", "application/json, text/event-stream"), ("MCP-Protocol-Version", "2026-07-28"), ("Mcp-Method", "tools/call"), ("Mcp-Name", "echo"),
    ];

    public static async Task<BombedGate> StartAsync()
    {
        var bombed = new BombedGate(await DeclaredGate.StartAsync());

        // What a gate takes once, for code and pools, is taken before anything is measured.
        await using var raw = await RawClient.ConnectAsync(bombed.gate.Root);
        for (var call = 0; call < WarmUp; call++)
        {
            await raw.SendAsync(bombed.Call("""{"text":"hi"}"""));
            Assert.Equal(200, (await raw.ReadResponseAsync()).Status);
        }

        return bombed;
    }

    public ValueTask DisposeAsync() => declared.DisposeAsync();

    public byte[] Call(string arguments) => Request(Encoding.UTF8.GetBytes(
        """{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}},"name":"echo","arguments":""" + arguments + "}}"));

    public byte[] Request(byte[] body, params (string Name, string Value)[] more) => RawClient.Request("POST", gate.Mcp("up"), body, [.. Headers, .. more]);

    /// <summary>A body of blanks in chunks of 64 KiB.</summary>
    public byte[] Chunked(int length)
    {
        var head = Encoding.ASCII.GetString(Request([])).Replace("Content-Length: 0", "Transfer-Encoding: chunked", StringComparison.Ordinal);
        var chunk = Encoding.ASCII.GetBytes("10000\r\n" + new string(' ', 0x10000) + "\r\n");
        return [.. Encoding.ASCII.GetBytes(head), .. Enumerable.Repeat(chunk, length / 0x10000).SelectMany(static bytes => bytes), .. "0\r\n\r\n"u8];
    }

    /// <summary>Sends on a connection of its own; a gate that answers early stops reading, which is no failure of the sender.</summary>
    public async Task<RawResponse> SendAsync(byte[] request)
    {
        await using var raw = await RawClient.ConnectAsync(gate.Root);
        raw.Patience = TimeSpan.FromSeconds(30);
        try
        {
            await raw.SendAsync(request);
        }
        catch (IOException)
        {
            // The answer lies in the receive buffer already.
        }

        return await raw.ReadResponseAsync();
    }

    /// <summary>From here on memory is watched.</summary>
    public void ForgetPeak()
    {
        ProcessStatus.ForgetPeak(gate.ProcessId);
        before = ProcessStatus.Resident(gate.ProcessId);
    }

    /// <summary>How many refusals of malformed or too large messages stand in the record.</summary>
    public int Refusals() =>
        declared.Journal.Count(static line => line.Contains("\"code\":\"request.malformed\"", StringComparison.Ordinal) || line.Contains("\"code\":\"request.too_large\"", StringComparison.Ordinal));

    /// <summary>A client whose calls go on meanwhile.</summary>
    public NeighbourCalls Neighbour() => new(this, gate);

    internal sealed class NeighbourCalls : IAsyncDisposable
    {
        private readonly CancellationTokenSource end = new();
        private readonly Task<int> served;

        public NeighbourCalls(BombedGate bombed, GateProcess gate) => served = Task.Run(async () =>
        {
            await using var raw = await RawClient.ConnectAsync(gate.Root);
            var calls = 0;
            for (; !end.IsCancellationRequested || calls == 0; calls++)
            {
                var text = calls.ToString(CultureInfo.InvariantCulture);
                await raw.SendAsync(bombed.Call($$"""{"text":"{{text}}"}"""));
                var answer = await raw.ReadResponseAsync();
                Assert.Equal(200, answer.Status);
                Assert.Contains($"\"text\":\"{text}\"", answer.Text, StringComparison.Ordinal);
            }

            return calls;
        });

        /// <summary>Ends the calls; each of them was answered.</summary>
        public async Task<int> EndAsync()
        {
            await end.CancelAsync();
            return await served;
        }

        public async ValueTask DisposeAsync()
        {
            await end.CancelAsync();
            await served;
            end.Dispose();
        }
    }
}
