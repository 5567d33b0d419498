using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;

namespace Callgate.EndToEnd.Tests;

/// <summary>The real product as a child process: `callgate serve` on a free port, as an operator starts it.</summary>
public sealed partial class GateProcess : IAsyncDisposable
{
    private const string ReadyLine = "callgate listening on ";
    private const int Term = 15;
    private const int Kill = 9;
    private const int BadCall = 31;

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan StopLimit = TimeSpan.FromSeconds(30);

    private readonly Process process;
    private readonly StringBuilder errors = new();
    private readonly List<string> output = [];
    private readonly TaskCompletionSource<Uri> ready = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private GateProcess(Process process, string data)
    {
        this.process = process;
        DataDirectory = data;
    }

    /// <summary>`dotnet`, by its whole path, so that a child with a clean environment finds it too.</summary>
    public static string DotnetPath { get; } = FindDotnet();

    /// <summary>A built assembly beside the tests, as `callgate.dll` or `callgate-fixture.dll`.</summary>
    public static string Built(string assembly) => Path.Combine(AppContext.BaseDirectory, assembly);

    public Uri Root { get; private set; } = new("http://127.0.0.1/");

    public string DataDirectory { get; }

    public int ProcessId => process.Id;

    /// <summary>What it has used of the processors so far, all threads together.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            process.Refresh();
            return process.TotalProcessorTime;
        }
    }

    /// <summary>What was written to stderr so far.</summary>
    public string Errors
    {
        get
        {
            lock (errors)
            {
                return errors.ToString();
            }
        }
    }

    public string AdminToken => File.ReadAllText(Path.Combine(DataDirectory, "admin.token")).Trim();

    public Uri Mcp(string server) => new(Root, "/mcp/" + server);

    /// <summary>Everything written to stdout so far, line by line.</summary>
    public IReadOnlyList<string> Output
    {
        get
        {
            lock (output)
            {
                return [.. output];
            }
        }
    }

    /// <summary>Where administration answers, as the gate left it for commands on the same machine.</summary>
    public Uri AdminRoot => new(File.ReadAllText(Path.Combine(DataDirectory, "gate.address")).Trim());

    /// <summary>Starts and waits for the ready line; throws with stderr when the process ends or stays silent.</summary>
    public static Task<GateProcess> StartAsync(string config, string data, IReadOnlyDictionary<string, string>? environment = null) =>
        ServeAsync(data, ["--config", config], environment);

    /// <summary>As <see cref="StartAsync"/>, without a configuration file unless <paramref name="more"/> names one; <paramref name="inside"/> is a command that starts it.</summary>
    public static async Task<GateProcess> ServeAsync(
        string data, IReadOnlyList<string> more, IReadOnlyDictionary<string, string>? environment = null, IReadOnlyList<string>? inside = null)
    {
        string[] listen = more.Contains("--listen", StringComparer.Ordinal) ? [] : ["--listen", "http://127.0.0.1:0"];
        string[] serve = ["serve", "--data", data, .. listen, .. more];
        var gate = new GateProcess(Launch(serve, environment, inside), data);
        gate.Watch();
        try
        {
            gate.Root = await gate.ready.Task.WaitAsync(StartLimit);
            return gate;
        }
        catch (Exception fault)
        {
            await gate.DisposeAsync();
            throw new InvalidOperationException($"callgate did not start: {fault.Message}\n{gate.Errors}");
        }
    }

    /// <summary>Runs any command to its end.</summary>
    public static Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments) => RunWithAsync(null, null, arguments);

    /// <summary>The same in an environment of its own, with something on standard input.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunWithAsync(IReadOnlyDictionary<string, string>? environment, string? input, params string[] arguments)
    {
        using var process = Launch(arguments, environment);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(StartLimit);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        try
        {
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
        }
    }

    /// <summary>SIGTERM; gives the exit code.</summary>
    public Task<int> TerminateAsync() => SignalAsync(Term);

    /// <summary>SIGKILL: nothing is flushed, nothing is said goodbye to.</summary>
    public Task<int> KillAsync() => SignalAsync(Kill);

    /// <summary>SIGSYS, which the runtime has no answer to: the kernel ends the process as one that crashed.</summary>
    public Task<int> CrashAsync() => SignalAsync(BadCall);

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
        }

        process.Dispose();
    }

    private static Process Launch(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment, IReadOnlyList<string>? inside = null)
    {
        string[] command = [.. inside ?? [], DotnetPath, Built("callgate.dll"), .. arguments];
        var start = new ProcessStartInfo(command[0]) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in command[1..])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        return Process.Start(start) ?? throw new InvalidOperationException("callgate could not be started");
    }

    private static string FindDotnet()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return folders.Select(f => Path.Combine(f, "dotnet")).First(File.Exists);
    }

    private void Watch()
    {
        process.OutputDataReceived += (_, line) =>
        {
            lock (output)
            {
                output.AddRange(line.Data is { } text ? [text] : Array.Empty<string>());
            }

            if (line.Data?.StartsWith(ReadyLine, StringComparison.Ordinal) == true)
            {
                ready.TrySetResult(new Uri(line.Data[ReadyLine.Length..].Trim()));
            }
        };
        process.ErrorDataReceived += (_, line) =>
        {
            lock (errors)
            {
                errors.AppendLine(line.Data);
            }
        };
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => ready.TrySetException(new InvalidOperationException($"it ended with {process.ExitCode} before it listened"));
        if (process.HasExited)
        {
            ready.TrySetException(new InvalidOperationException($"it ended with {process.ExitCode} before it listened"));
        }

        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    private async Task<int> SignalAsync(int signal)
    {
        if (SendSignal(process.Id, signal) != 0)
        {
            throw new InvalidOperationException($"the signal {signal} could not be sent");
        }

        using var limit = new CancellationTokenSource(StopLimit);
        await process.WaitForExitAsync(limit.Token);
        return process.ExitCode;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
