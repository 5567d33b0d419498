using System.Globalization;
using System.Runtime.InteropServices;
using Callgate.Fixtures;

// callgate-fixture stdio|http [--profile NAME] [--port N] [--record FILE] [--fault KIND[:TOOL-OR-METHOD[:TIMES]]]…
var mode = args.FirstOrDefault();
var options = new FixtureOptions();
var faults = new List<Fault>();
var (port, startDelay, stderrBytes) = (0, 0, 0);
var (noise, ignoreEof, ignoreTerm) = (false, false, false);

for (var i = 1; i < args.Length; i++)
{
    string Value() => ++i < args.Length ? args[i] : throw new ArgumentException($"`{args[i - 1]}` needs a value");
    int Number() => int.Parse(Value(), CultureInfo.InvariantCulture);
    switch (args[i])
    {
        case "--profile": options = options with { Profile = Value() }; break;
        case "--port": port = Number(); break;
        case "--record": options = options with { RecordFile = Value() }; break;
        case "--eras": options = options with { Eras = Enum.Parse<FixtureEras>(Value(), ignoreCase: true) }; break;
        case "--answers": options = options with { Answers = Enum.Parse<AnswerForm>(Value(), ignoreCase: true) }; break;
        case "--version": options = options with { OnlyVersion = Value() }; break;
        case "--page-size": options = options with { PageSize = Number() }; break;
        case "--bearer": options = options with { Bearer = Value() }; break;
        case "--oversize-bytes": options = options with { OversizeBytes = Number() }; break;
        case "--drip-ms": options = options with { DripInterval = TimeSpan.FromMilliseconds(Number()) }; break;
        case "--stateless": options = options with { Stateless = true }; break;
        case "--progress-on-get": options = options with { ProgressOnGet = true }; break;
        case "--prime-events": options = options with { PrimeEvents = true }; break;
        case "--fault": faults.Add(Fault.Parse(Value())); break;
        case "--start-delay": startDelay = Number(); break;
        case "--stderr-bytes": stderrBytes = Number(); break;
        case "--noise": noise = true; break;
        case "--ignore-eof": ignoreEof = true; break;
        case "--ignore-term": ignoreTerm = true; break;
        default: throw new ArgumentException($"unknown option `{args[i]}`");
    }
}

using var term = ignoreTerm ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => signal.Cancel = true) : null;
await Task.Delay(startDelay);
await Console.Error.WriteAsync(new string('e', stderrBytes));
options = options with { Faults = faults };

switch (mode)
{
    case "stdio":
        await using (var output = Console.OpenStandardOutput())
        {
            if (noise)
            {
                await output.WriteAsync("No display is available. Going on without one.\n"u8.ToArray());
            }

            await FixtureServer.Create(options).RunStdioAsync(Console.OpenStandardInput(), output);
        }

        if (ignoreEof)
        {
            await Task.Delay(Timeout.Infinite);
        }

        return 0;
    case "http":
        await using (var server = await FixtureServer.StartHttpAsync(options, port))
        {
            Console.WriteLine("listening on " + server.Url);
            var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var stop = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => { signal.Cancel = true; stopped.TrySetResult(); });
            await stopped.Task;
        }

        return 0;
    default:
        Console.Error.WriteLine("usage: callgate-fixture stdio|http [--profile NAME] [options]");
        return 2;
}
