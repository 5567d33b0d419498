using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway.Upstreams;

/// <summary>
/// How children are kept away from the gateway's own files: bubblewrap where the machine has it, otherwise only a
/// process group of their own. Found out once, used for every child.
/// </summary>
public sealed class ChildIsolation : IDisposable
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly TimeSpan ProbeLimit = TimeSpan.FromSeconds(30);

    private readonly ChildMounts mounts;
    private readonly string? bubblewrap;
    private readonly BlockingCollection<Action> starts = [];

    private ChildIsolation(ChildMounts mounts, string? bubblewrap)
    {
        this.mounts = mounts;
        this.bubblewrap = bubblewrap;

        // A child asks the kernel to be killed when the thread that started it ends. Pool threads come and go, so
        // children are started by a thread that lives as long as they may.
        var thread = new Thread(StartChildren) { IsBackground = true, Name = "child starter" };
        thread.Start();
    }

    /// <summary>True when children run in bubblewrap and cannot see the hidden folders or the gateway's processes.</summary>
    public bool Sandboxed => bubblewrap is not null;

    /// <summary>Finds out what the machine can do.</summary>
    internal static async ValueTask<ChildIsolation> ProbeAsync(ChildMounts mounts, TimeProvider time, ILogger log, CancellationToken cancellationToken)
    {
        var program = ChildPaths.FindProgram("bwrap", SearchPath);
        var isolation = new ChildIsolation(mounts, program);
        if (program is not null && await isolation.WorksAsync(time, cancellationToken))
        {
            return isolation;
        }

        isolation.Dispose();
        var why = program is null ? "bubblewrap is not installed" : "bubblewrap does not work here: namespaces are not permitted";
        log.LogWarning("stdio servers are NOT isolated: {Why}; they run as the gateway's user and can read its data folder. Install `bubblewrap`, or run the gateway where no stdio server is needed", why);
        return new ChildIsolation(mounts, null);
    }

    /// <summary>Without a sandbox, whatever the machine has: for tests of that case and for operators who say so.</summary>
    public static ChildIsolation None() => new(new ChildMounts([], []), null);

    /// <summary>One line for readiness and for `server test`.</summary>
    public string Describe() => Sandboxed
        ? "stdio servers run in bubblewrap: own process namespace, no capabilities, the data folder hidden, the configuration read-only"
        : "stdio servers are not isolated: they run as the gateway's user and can read its data folder; install bubblewrap";

    /// <summary>No more children; those that run are killed by the kernel where the machine can do that.</summary>
    public void Dispose() => starts.CompleteAdding();

    /// <summary>The whole command: session, sandbox, fixed arguments, and an environment of nothing but what is listed here.</summary>
    internal ProcessStartInfo Command(ServerDefinition server, string home, string workingDirectory)
    {
        var start = new ProcessStartInfo(ChildPaths.FindProgram("setsid", SearchPath) ?? "setsid")
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory,
        };
        foreach (var argument in Sandbox(home, workingDirectory))
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var argument in server.Command)
        {
            start.ArgumentList.Add(argument);
        }

        // INVARIANT: nothing of the gateway's own environment reaches a child.
        start.Environment.Clear();
        start.Environment["PATH"] = SearchPath;
        start.Environment["HOME"] = home;
        start.Environment["LANG"] = "C.UTF-8";
        start.Environment["TMPDIR"] = home;
        foreach (var (name, value) in server.Environment)
        {
            start.Environment[name] = value;
        }

        return start;
    }

    /// <summary>Starts the process; null with the reason where the machine cannot.</summary>
    internal async Task<(Process? Process, string? Reason)> StartAsync(ProcessStartInfo start)
    {
        var started = new TaskCompletionSource<(Process?, string?)>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            starts.Add(() => started.SetResult(Begin(start)));
        }
        catch (InvalidOperationException)
        {
            return (null, "the gateway is stopping");
        }

        return await started.Task;
    }

    private static (Process? Process, string? Reason) Begin(ProcessStartInfo start)
    {
        // INVARIANT: nothing escapes, since this runs on the one thread that every child depends on.
        Process? process = null;
        try
        {
            process = new Process { StartInfo = start };
            process.Start();
            return (process, null);
        }
        catch (Exception exception)
        {
            process?.Dispose();
            return (null, exception.Message);
        }
    }

    private void StartChildren()
    {
        foreach (var start in starts.GetConsumingEnumerable())
        {
            start();
        }
    }

    private List<string> Sandbox(string home, string workingDirectory)
    {
        if (bubblewrap is null)
        {
            return ChildPaths.FindProgram("setpriv", SearchPath) is { } setpriv ? [setpriv, "--pdeathsig", "KILL", "--"] : [];
        }

        return [bubblewrap, .. mounts.Arguments(home, workingDirectory), "--chdir", workingDirectory, "--"];
    }

    private async Task<bool> WorksAsync(TimeProvider time, CancellationToken cancellationToken)
    {
        var server = new ServerDefinition { Name = "probe", Transport = TransportKind.Stdio, Command = ["true"] };
        var (process, _) = await StartAsync(Command(server, "/", "/"));
        if (process is null)
        {
            return false;
        }

        using (process)
        using (var limit = new CancellationTokenSource(ProbeLimit, time))
        using (var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken))
        {
            try
            {
                await process.WaitForExitAsync(either.Token);
                return process.ExitCode == 0;
            }
            catch (OperationCanceledException)
            {
                ChildGroup.KillAll(process.Id);
                cancellationToken.ThrowIfCancellationRequested();
                return false;
            }
        }
    }
}
