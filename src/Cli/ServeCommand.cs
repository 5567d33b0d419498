using System.CommandLine;
using System.Runtime.InteropServices;
using Callgate.Gateway;

namespace Callgate.Cli;

/// <summary><c>callgate serve</c>: runs the gate until it is told to stop, then drains.</summary>
internal static class ServeCommand
{
    public static Command Make()
    {
        var config = new Option<string?>("--config") { Description = "The configuration file; without it everything is set up by commands.", HelpName = "FILE" };
        var data = new Option<string>("--data") { Description = "The data folder: keys, store, journal.", HelpName = "DIR", Required = true };
        var listen = new Option<string>("--listen") { Description = "Where to listen.", HelpName = "URL", DefaultValueFactory = static _ => "http://127.0.0.1:2255" };
        var admin = new Option<string?>("--admin-listen") { Description = "Another address for administration.", HelpName = "URL" };
        var strict = new Option<bool>("--strict-runtime") { Description = $"Do not start on a .NET runtime below {RuntimeFloor.Least}." };
        var command = new Command("serve", "Runs the gate.") { config, data, listen, admin, strict };
        command.SetAction((parsed, cancellationToken) => ServeAsync(
            new GatewayOptions
            {
                ConfigFile = parsed.GetValue(config),
                DataDirectory = Path.GetFullPath(parsed.GetRequiredValue(data)),
                Listen = parsed.GetRequiredValue(listen),
                AdminListen = parsed.GetValue(admin),
                StrictRuntime = parsed.GetValue(strict),
                Out = parsed.InvocationConfiguration.Output,
                Error = parsed.InvocationConfiguration.Error,
            },
            cancellationToken));
        return command;
    }

    private static async Task<int> ServeAsync(GatewayOptions options, CancellationToken cancellationToken)
    {
        CoreDumps.Forbid();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        return await GatewayHost.RunAsync(options, stop.Token);

        void Stop(PosixSignalContext signal)
        {
            // The gate ends by itself when it has drained.
            signal.Cancel = true;
            stop.Cancel();
        }
    }
}
