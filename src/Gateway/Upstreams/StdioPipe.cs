using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// One child process that speaks JSON-RPC in lines: fixed arguments, no shell, clean environment, its own process group.
/// It ends by closed input, then TERM, then KILL, and takes its group with it.
/// </summary>
public sealed class StdioPipe : IMessagePipe
{
    /// <summary>Bytes that may wait for a child that does not read; whoever sends more waits.</summary>
    private const int WriteAhead = 256 * 1024;

    private static readonly TimeSpan Drain = TimeSpan.FromSeconds(1);

    /// <summary>How long the exit code and the last lines of a child that reads or answers no more are waited for: without them nobody can tell why it ended.</summary>
    private static readonly TimeSpan LastWords = TimeSpan.FromSeconds(1);

    private readonly Process process;
    private readonly StdioOptions options;
    private readonly TimeProvider time;
    private readonly bool sandboxed;
    private readonly string? ownHome;
    private readonly StdioLines lines;
    private readonly ChildStderr stderr;
    private readonly Pipe outgoing = new(new PipeOptions(pauseWriterThreshold: WriteAhead, resumeWriterThreshold: WriteAhead / 2, useSynchronizationContext: false));
    private readonly SemaphoreSlim writing = new(1, 1);
    private readonly CancellationTokenSource reading = new();
    private readonly CancellationTokenSource pumping = new();
    private readonly TaskCompletionSource<int> exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<Task> ending;
    private readonly Task[] captures;
    private volatile bool closing;
    private volatile bool deaf;
    private volatile bool ended;
    private long noise;

    private StdioPipe(Process process, StdioOptions options, ServerDefinition server, ChildIsolation isolation, TimeProvider time)
    {
        this.process = process;
        this.options = options;
        this.time = time;
        ProcessId = process.Id;
        sandboxed = isolation.Sandboxed;
        ownHome = options.Home is null ? process.StartInfo.Environment["HOME"] : null;
        lines = new StdioLines(process.StandardOutput.BaseStream, options.MaxMessageBytes);
        stderr = new ChildStderr(options.StderrBytes, options.StderrLines, server.Environment.Values);
        ending = new Lazy<Task>(EndAsync);
        captures = [stderr.CaptureAsync(process.StandardError.BaseStream, reading.Token), PumpAsync(process.StandardInput.BaseStream)];
        _ = WatchAsync();
    }

    /// <summary>The leader of the child's process group.</summary>
    public int ProcessId { get; }

    /// <summary>Lines that were no JSON object.</summary>
    public long NoiseLines => Interlocked.Read(ref noise);

    /// <summary>Bytes the child wrote to its standard error, of which only the last are kept.</summary>
    public long StderrBytes => stderr.Written;

    public UpstreamFaultKind EndKind => lines.TooLong ? UpstreamFaultKind.Invalid : UpstreamFaultKind.Unavailable;

    public string EndDetail
    {
        get
        {
            var how = lines.TooLong ? $"a line longer than {options.MaxMessageBytes} bytes"
                : ended ? "its output ended"
                : closing ? "stopped"
                : "its input is closed";
            var code = exited.Task.IsCompletedSuccessfully ? string.Create(CultureInfo.InvariantCulture, $", exit code {ExitCode}") : "";
            var tail = stderr.Tail();
            return tail.Length == 0 ? how + code : $"{how}{code}; stderr: {tail}";
        }
    }

    private int ExitCode { get; set; }

    /// <summary>Starts the child. A program that cannot be executed shows as a pipe that ends at once, with the reason in its detail.</summary>
    public static async ValueTask<(StdioPipe? Pipe, UpstreamFault? Fault)> StartAsync(ServerDefinition server, ChildIsolation isolation, StdioOptions options, TimeProvider time)
    {
        var home = options.Home ?? Directory.CreateTempSubdirectory("callgate-").FullName;
        var (process, reason) = await isolation.StartAsync(isolation.Command(server, home, options.WorkingDirectory ?? home));
        if (process is not null)
        {
            return (new StdioPipe(process, options, server, isolation, time), null);
        }

        if (options.Home is null)
        {
            ChildPaths.Remove(home);
        }

        return (null, new UpstreamFault(UpstreamFaultKind.Unavailable, $"the server `{server.Name}` could not be started", reason ?? "", NothingSent: true));
    }

    public async ValueTask<UpstreamFault?> SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (message.Span.Contains((byte)'\n'))
        {
            return new UpstreamFault(UpstreamFaultKind.Invalid, "a message to this server must be one line", "line feed inside a message", NothingSent: true);
        }

        var sent = false;
        await writing.WaitAsync(cancellationToken);
        try
        {
            if (!closing && !deaf)
            {
                // The bytes are committed before the wait, so a cancelled sender never leaves half a line behind.
                outgoing.Writer.Write(message.Span);
                outgoing.Writer.Write("\n"u8);
                sent = true;
                var flush = await outgoing.Writer.FlushAsync(cancellationToken);
                if (!flush.IsCompleted && !flush.IsCanceled)
                {
                    return null;
                }
            }
        }
        finally
        {
            writing.Release();
        }

        await LastWordsAsync();
        return new UpstreamFault(UpstreamFaultKind.Unavailable, "the server has ended", EndDetail, NothingSent: !sent);
    }

    public async ValueTask<ReadOnlyMemory<byte>?> ReceiveAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, reading.Token);
        try
        {
            while (await lines.NextAsync(either.Token) is { } line)
            {
                if (line.Span.TrimStart(" \t"u8).StartsWith("{"u8))
                {
                    return line;
                }

                Interlocked.Increment(ref noise);
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException)
        {
            // The other side is gone: an end like any other.
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Ended from here.
        }

        await SettleAsync();
        return null;
    }

    public async ValueTask DisposeAsync() => await ending.Value;

    /// <summary>The output has ended: the child goes too, and a moment is given for its exit code and last words.</summary>
    private async Task SettleAsync()
    {
        ended = !closing;
        if (lines.TooLong)
        {
            ChildGroup.KillAll(ProcessId);
        }

        _ = ending.Value;
        await LastWordsAsync();
    }

    private Task<bool> LastWordsAsync() => WithinAsync(Task.WhenAll(exited.Task, captures[0]), LastWords);

    private async Task PumpAsync(Stream stdin)
    {
        try
        {
            await outgoing.Reader.CopyToAsync(stdin, pumping.Token);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // A child that closed its input hears nothing more; its output may still be read.
        }

        deaf = true;
        await outgoing.Reader.CompleteAsync();
        await CloseAsync(stdin);
    }

    private static async Task CloseAsync(Stream stdin)
    {
        try
        {
            await stdin.DisposeAsync();
        }
        catch (IOException)
        {
            // Closed already by the other side.
        }
    }

    private async Task WatchAsync()
    {
        await process.WaitForExitAsync(CancellationToken.None);
        ExitCode = process.ExitCode;

        // Whatever the child left running in its group goes with it.
        ChildGroup.KillAll(ProcessId);
        exited.TrySetResult(ExitCode);

        // A descendant outside the group could hold the output open for ever.
        await Task.Delay(Drain, time);
        await reading.CancelAsync();
    }

    private async Task EndAsync()
    {
        closing = true;
        outgoing.Writer.CancelPendingFlush();
        await writing.WaitAsync();
        await outgoing.Writer.CompleteAsync();
        writing.Release();

        if (!await WithinAsync(exited.Task, options.CloseGrace))
        {
            ChildGroup.AskToEnd(ProcessId, spareLeader: sandboxed);
            if (!await WithinAsync(exited.Task, options.TermGrace))
            {
                ChildGroup.KillAll(ProcessId);
                await WithinAsync(exited.Task, options.TermGrace);
            }
        }

        // Whoever still holds the error stream still runs; its end says that the last descendant is gone.
        await WithinAsync(captures[0], Drain);
        await pumping.CancelAsync();
        await reading.CancelAsync();
        await Task.WhenAll(captures);
        process.Dispose();
        if (ownHome is not null)
        {
            ChildPaths.Remove(ownHome);
        }
    }

    private async Task<bool> WithinAsync(Task what, TimeSpan limit)
    {
        try
        {
            await what.WaitAsync(limit, time);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }
}
