using System.Runtime.InteropServices;
using Callgate.Fixtures;

CommandLine line;
try
{
    line = CommandLine.Parse(args);
}
catch (Exception fault) when (fault is ArgumentException or FormatException)
{
    await Console.Error.WriteLineAsync(fault.Message + "\n" + CommandLine.Usage);
    return 2;
}

using var term = line.IgnoreTerm ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, static signal => signal.Cancel = true) : null;
await Task.Delay(line.StartDelay);
await Console.Error.WriteAsync(new string('e', line.StderrBytes));
switch (line.Mode)
{
    case "stdio":
        await using (var output = Console.OpenStandardOutput())
        {
            if (line.Noise)
            {
                await output.WriteAsync("No display is available. Going on without one.\n"u8.ToArray());
            }

            await FixtureServer.Create(line.Options).RunStdioAsync(Console.OpenStandardInput(), output);
            await Task.Delay(line.IgnoreEof ? Timeout.Infinite : 0);
        }

        return 0;
    case "http":
        await using (var server = await FixtureServer.StartHttpAsync(line.Options, line.Port))
        {
            Console.WriteLine("listening on " + server.Url);
            await Task.Delay(Timeout.Infinite);
        }

        return 0;
    default:
        await Console.Error.WriteLineAsync(CommandLine.Usage);
        return 2;
}
