using System.Collections.Concurrent;
using System.Text;

namespace Callgate.Gateway.Tests.Hosting;

/// <summary>A whole gate in this process: real Kestrel on a free port, real files in a folder of its own.</summary>
public sealed class RunningGate : IAsyncDisposable
{
    /// <summary>The token of the grant <c>laptop</c>, which the configurations of the tests declare.</summary>
    public const string Token = "cg_test_laptop_0123456789abcdef0123456789abcdef";

    private static readonly TimeSpan StartLimit = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource stop = new();
    private readonly Task<int> running;

    private readonly LineWriter output;

    private RunningGate(string folder, Task<int> running, LineWriter output, StringWriter errors)
    {
        Folder = folder;
        this.running = running;
        this.output = output;
        Errors = errors;
    }

    /// <summary>Holds <c>callgate.yaml</c>, the policies and <c>data</c>.</summary>
    public string Folder { get; }

    public string DataDirectory => Path.Combine(Folder, "data");

    public string ConfigFile => Path.Combine(Folder, "callgate.yaml");

    public Uri Address { get; private set; } = null!;

    /// <summary>The address of administration, which is the same one unless it was set apart.</summary>
    public Uri AdminAddress => new(File.ReadAllText(Path.Combine(DataDirectory, GatewayHost.AddressFile)).Trim() + "/");

    /// <summary>What the gate said on its error writer (not its log).</summary>
    public StringWriter Errors { get; }

    /// <summary>Each line that the gate has printed.</summary>
    public IReadOnlyCollection<string> Printed => output.Lines;

    /// <summary>The link that a gate without operators prints.</summary>
    public async Task<Uri> WelcomeAsync() => new((await output.Welcome.WaitAsync(StartLimit)).Split(' ').Single(static word => word.StartsWith("http", StringComparison.Ordinal)));

    public string AdminToken => File.ReadAllText(Path.Combine(DataDirectory, "admin.token")).Trim();

    public Uri Mcp(string server) => new(Address, "mcp/" + server);

    /// <summary>Starts a gate. <paramref name="yaml"/> is the configuration; <paramref name="policies"/> are files beside it, by name.</summary>
    public static Task<RunningGate> StartAsync(string yaml, params (string File, string Json)[] policies)
    {
        var folder = Directory.CreateTempSubdirectory("callgate-test-").FullName;
        return StartInAsync(folder, yaml, TimeProvider.System, policies);
    }

    /// <summary>Starts a gate whose administration has an address of its own.</summary>
    public static Task<RunningGate> StartApartAsync(string yaml, params (string File, string Json)[] policies) =>
        StartAsync(Directory.CreateTempSubdirectory("callgate-test-").FullName, yaml, (TimeProvider.System, "http://127.0.0.1:0"), policies);

    /// <summary>Starts a gate over a folder that may hold the data of an earlier one.</summary>
    public static Task<RunningGate> StartInAsync(string folder, string yaml, TimeProvider time, params (string File, string Json)[] policies) =>
        StartAsync(folder, yaml, (time, null), policies);

    private static async Task<RunningGate> StartAsync(string folder, string yaml, (TimeProvider Time, string? AdminListen) with, (string File, string Json)[] policies)
    {
        await File.WriteAllTextAsync(Path.Combine(folder, "callgate.yaml"), yaml);
        foreach (var (file, json) in policies)
        {
            await File.WriteAllTextAsync(Path.Combine(folder, file), json);
        }

        var output = new LineWriter();
        var errors = new StringWriter();
        var stop = new CancellationTokenSource();
        var options = new GatewayOptions
        {
            ConfigFile = Path.Combine(folder, "callgate.yaml"),
            DataDirectory = Path.Combine(folder, "data"),
            Listen = "http://127.0.0.1:0",
            AdminListen = with.AdminListen,
            Out = output,
            Error = errors,
            Time = with.Time,
            Environment = static _ => null,
        };
        var running = Task.Run(() => GatewayHost.RunAsync(options, stop.Token));
        var gate = new RunningGate(folder, running, output, errors);
        gate.stop.Token.Register(stop.Cancel);
        var first = await Task.WhenAny(output.FirstLine, running).WaitAsync(StartLimit);
        if (first == running)
        {
            throw new InvalidOperationException($"the gate ended with {await running}: {errors}");
        }

        gate.Address = new Uri((await output.FirstLine).Split(' ')[^1] + "/");
        return gate;
    }

    /// <summary>A configuration with one HTTP server <c>up</c> behind policy <c>p</c>, for the grant <c>laptop</c>.</summary>
    public static string OneServer(Uri upstream, string more = "") => $$"""
        servers:
          up:
            url: {{upstream}}
        {{more}}
        policies:
          p: p.json
        grants:
          laptop:
            token: {{Token}}
            identity: laptop@example.com
            servers: { up: p }
        """;

    /// <summary>Stops as SIGTERM does and gives the exit code; the folder stays.</summary>
    public async Task<int> StopAsync()
    {
        await stop.CancelAsync();
        return await running.WaitAsync(TimeSpan.FromSeconds(40));
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private sealed class LineWriter : StringWriter
    {
        private readonly TaskCompletionSource<string> first = new(TaskCreationOptions.RunContinuationsAsynchronously);

        private readonly TaskCompletionSource<string> welcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public ConcurrentQueue<string> Lines { get; } = [];

        public Task<string> FirstLine => first.Task;

        public Task<string> Welcome => welcome.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            Lines.Enqueue(value ?? "");
            first.TrySetResult(value ?? "");
            if (value?.StartsWith("nobody can sign in yet", StringComparison.Ordinal) == true)
            {
                welcome.TrySetResult(value);
            }

            return Task.CompletedTask;
        }
    }
}
