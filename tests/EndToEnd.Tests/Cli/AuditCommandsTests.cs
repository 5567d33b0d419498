using System.Net;
using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>What the commands say to an answer that a gate at rest does not give.</summary>
public sealed class AuditCommandsTests
{
    [Theory]
    [InlineData("search")]
    [InlineData("tail")]
    public async Task Records_IndexIsBehind_SaysSoBesideThem(string command)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var answering = AnswerAsync(listener, """{"records":[],"cursor":null,"behind":{"indexed_seq":41,"journal_seq":97}}""");

        var run = await CommandRun.OfAsync("audit", command, "--json", "--url", $"http://{listener.LocalEndpoint}", "--token", "t");
        await answering;

        Assert.Equal((0, ""), (run.Code, run.Out));
        Assert.StartsWith("callgate: the search index is behind: it ends at entry 41 of 97", run.Error, StringComparison.Ordinal);
    }

    private static async Task AnswerAsync(TcpListener listener, string body)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { Length: > 0 })
        {
        }

        var answer = $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\nConnection: close\r\n\r\n{body}";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
    }
}
