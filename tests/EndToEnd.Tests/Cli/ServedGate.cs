using System.Text;
using System.Text.Json;
using Callgate.Cli;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary><c>callgate serve</c> in this process, and commands against it.</summary>
internal sealed class ServedGate : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource stop = new();
    private readonly ListeningWriter output = new();
    private readonly StringWriter error = new();
    private Task<int> serving = Task.FromResult(0);

    private ServedGate(string data) => Data = data;

    public string Data { get; }

    public string Errors => error.ToString();

    /// <summary>Starts a gate and waits until it says that it listens; null when it ended instead.</summary>
    public static async Task<(ServedGate? Gate, int Code, string Error)> StartAsync(string data, string? config = null)
    {
        var gate = new ServedGate(data);
        string[] arguments = ["serve", "--data", data, "--listen", "http://127.0.0.1:0", .. config is null ? Array.Empty<string>() : ["--config", config]];
        gate.serving = CommandLine.RunAsync(arguments, gate.output, gate.error, gate.stop.Token);
        await Task.WhenAny(gate.serving, gate.output.Listening).WaitAsync(Patience);
        return gate.output.Listening.IsCompleted ? (gate, 0, string.Empty) : (null, await gate.serving, gate.Errors);
    }

    public Task<CommandRun> RunAsync(params string[] arguments) => CommandRun.OfAsync([.. arguments, "--data", Data]);

    public async Task<JsonElement> JsonAsync(params string[] arguments)
    {
        var run = await RunAsync([.. arguments, "--json"]);
        Assert.True(run.Code == 0, $"{string.Join(' ', arguments)}: {run.Code} {run.Error}");
        return JsonElement.Parse(run.Out);
    }

    public async Task<int> StopAsync()
    {
        await stop.CancelAsync();
        return await serving.WaitAsync(Patience);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        stop.Dispose();
        await output.DisposeAsync();
        await error.DisposeAsync();
    }

    private sealed class ListeningWriter : StringWriter
    {
        private readonly TaskCompletionSource listening = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Listening => listening.Task;

        public override Encoding Encoding => Encoding.UTF8;

        public override Task WriteLineAsync(string? value)
        {
            if (value?.StartsWith("callgate listening on http://127.0.0.1:", StringComparison.Ordinal) == true)
            {
                listening.TrySetResult();
            }

            return base.WriteLineAsync(value);
        }
    }
}
