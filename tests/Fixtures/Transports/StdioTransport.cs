using System.Text;
using System.Text.Json;

namespace Callgate.Fixtures.Transports;

/// <summary>One message a line on a pair of streams; requests are answered as they finish, not as they came.</summary>
internal sealed class StdioTransport(FixtureServer server, Stream output)
{
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly FixtureSession session = new("stdio");

    public async Task RunAsync(Stream input, CancellationToken cancel)
    {
        session.Unrelated = WriteAsync;
        server.Sessions["stdio"] = session;
        await foreach (var line in LinesAsync(input, cancel))
        {
            if (line.Length == 0)
            {
                continue;
            }

            var request = server.Recording.Add("STDIO", "", [], line);
            Take(request.Json);
        }

        foreach (var turn in session.Running.Values)
        {
            await turn.Cancellation.CancelAsync();
        }
    }

    private void Take(JsonElement message)
    {
        // What is no object (a batch, a broken line) gets no answer, as the real servers do it.
        if (message.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        if (!message.Has("method"))
        {
            session.Answer(message);
            return;
        }

        if (!message.Has("id"))
        {
            server.Dispatch.Notice(session, message);
            return;
        }

        if (server.Profile.Dies(session, message))
        {
            Environment.Exit(1);
        }

        _ = AnswerAsync(message);
    }

    private async Task AnswerAsync(JsonElement message)
    {
        await Task.Yield();
        var fault = server.TakeFault(message);
        if (fault?.Kind is FaultKind.Vanish or FaultKind.Redirect or FaultKind.Status)
        {
            Environment.Exit(1);
        }

        var turn = new Turn(server, session, message, WriteAsync);
        session.Running[turn.Id.GetRawText()] = turn;
        var (text, _) = await server.Dispatch.AnswerAsync(turn);
        session.Running.TryRemove(turn.Id.GetRawText(), out _);
        if (text is not null)
        {
            await SendAsync(fault, text);
        }
    }

    private async Task SendAsync(Fault? fault, string text)
    {
        switch (fault?.Kind)
        {
            case FaultKind.CloseMidBody:
                await WriteRawAsync(Encoding.UTF8.GetBytes(text[..(text.Length / 2)]));
                Environment.Exit(1);
                break;
            case FaultKind.Noise:
                await WriteAsync("Starting up. This line is no message.");
                await WriteAsync(text);
                break;
            case FaultKind.SlowDrip:
                await DripAsync(text + "\n");
                break;
            default:
                foreach (var message in Mutation.Apply(fault, text, server.Options))
                {
                    await WriteAsync(message);
                }

                break;
        }
    }

    private ValueTask WriteAsync(string message) => WriteRawAsync(Encoding.UTF8.GetBytes(message + "\n"));

    private async ValueTask WriteRawAsync(ReadOnlyMemory<byte> bytes)
    {
        await writing.WaitAsync();
        try
        {
            await output.WriteAsync(bytes);
            await output.FlushAsync();
        }
        finally
        {
            writing.Release();
        }
    }

    private async Task DripAsync(string text)
    {
        await writing.WaitAsync();
        try
        {
            foreach (var piece in Encoding.UTF8.GetBytes(text).Chunk(8))
            {
                await output.WriteAsync(piece);
                await output.FlushAsync();
                await Task.Delay(server.Options.DripInterval);
            }
        }
        finally
        {
            writing.Release();
        }
    }

    private static async IAsyncEnumerable<byte[]> LinesAsync(Stream input, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancel)
    {
        var buffer = new byte[64 * 1024];
        var line = new MemoryStream();
        int read;
        while ((read = await input.ReadAsync(buffer, cancel)) > 0)
        {
            var start = 0;
            int end;
            while ((end = Array.IndexOf(buffer, (byte)'\n', start, read - start)) >= 0)
            {
                line.Write(buffer, start, end - start);
                yield return line.ToArray();
                line.SetLength(0);
                start = end + 1;
            }

            line.Write(buffer, start, read - start);
        }
    }
}
