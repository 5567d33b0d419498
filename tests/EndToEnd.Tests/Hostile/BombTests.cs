using System.IO.Compression;
using System.Text;
using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Hostile;

/// <summary>
/// A32: requests made to use up memory, sent to a process of its own. Each is refused, the process grows by a small multiple
/// of the largest message over all of them together, and a neighbour's calls go on.
/// </summary>
public sealed class BombTests
{
    private const int Mebi = 1024 * 1024;
    private const int MaxMessage = 4 * Mebi;
    private const int Times = 3;

    /// <summary>Refused by what their headers say.</summary>
    private static readonly Dictionary<string, (int Status, Func<BombedGate, byte[]> Request)> Announced = new(StringComparer.Ordinal)
    {
        ["100 MB"] = (413, static gate => gate.Request(new byte[100 * Mebi])),
        ["a million members"] = (413, static gate => gate.Call("{" + string.Join(',', Enumerable.Range(0, 1_000_000).Select(static number => $"\"{number:x}\":0")) + "}")),
        ["a string of 10 MB"] = (413, static gate => gate.Call($$"""{"text":"{{new string('x', 10 * Mebi)}}"}""")),
        ["gzip of a thousandfold"] = (415, static gate => gate.Request(Packed(100 * Mebi), ("Content-Encoding", "gzip"))),
        ["100,000 levels"] = (400, static gate => gate.Request(Encoding.ASCII.GetBytes(new string('[', 100_000) + new string(']', 100_000)))),
    };

    /// <summary>Must be read to be refused: they lie in memory as they were received, in buffers that are kept for the next.</summary>
    private static readonly Dictionary<string, (int Status, Func<BombedGate, byte[]> Request)> Read = new(StringComparer.Ordinal)
    {
        ["100 MB in chunks"] = (413, static gate => gate.Chunked(100 * Mebi)),
        ["4 MB of levels"] = (400, static gate => gate.Request(Encoding.ASCII.GetBytes(new string('[', MaxMessage)))),
        ["two million items"] = (413, static gate => gate.Request(Encoding.ASCII.GetBytes("[" + string.Join(',', Enumerable.Repeat('0', 2_000_000)) + "]"))),
        ["half a million equal members"] = (413, static gate => gate.Call("{" + string.Join(',', Enumerable.Repeat("\"a\":0", 500_000)) + "}")),
        ["a third of a million members"] = (413, static gate => gate.Call("{" + string.Join(',', Enumerable.Range(0, 350_000).Select(static number => $"\"{number:x}\":0")) + "}")),
    };

    [Fact]
    public async Task Bombs_OneAfterTheOther_AreRefusedInBoundedMemoryBesideANeighbour()
    {
        await using var bombed = await BombedGate.StartAsync();
        var run = new LongRun("bombs", seed: 0);
        await using var neighbour = bombed.Neighbour();
        var seen = bombed.Upstream.Recording.Calls.Count(static call => call.Header("Content-Length")?.Length > 4);
        bombed.ForgetPeak();
        await SendAsync(bombed, run, Announced);
        var announced = bombed.Rise;
        await SendAsync(bombed, run, Read);
        var read = bombed.Rise;
        run["neighbour's calls"] = await neighbour.EndAsync();
        Assert.Equal(seen, bombed.Upstream.Recording.Calls.Count(static call => call.Header("Content-Length")?.Length > 4));
        Assert.Equal((Announced.Count + Read.Count) * Times, bombed.Refusals());
        run.Write();
        Assert.True(announced <= 2 * MaxMessage, $"grew by {announced} bytes");
        Assert.True(read <= 6 * MaxMessage, $"grew by {read} bytes");
    }

    private static async Task SendAsync(BombedGate bombed, LongRun run, Dictionary<string, (int Status, Func<BombedGate, byte[]> Request)> bombs)
    {
        foreach (var (name, (status, make)) in bombs)
        {
            var request = make(bombed);
            for (var times = 0; times < Times; times++)
            {
                Assert.Equal(status, (await bombed.SendAsync(request)).Status);
            }

            run[$"KiB after {name}"] = bombed.Rise / 1024;
        }
    }

    private static byte[] Packed(int length)
    {
        var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(new byte[length]);
        }

        return packed.ToArray();
    }
}
