using System.Runtime.InteropServices;
using Callgate.ScriptedChild;

// A child whose manners are set by its arguments and whose answers are set by what it is asked: see Script.
var manners = args.ToHashSet(StringComparer.Ordinal);
using var deaf = manners.Contains("--ignore-term")
    ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true)
    : null;
using var polite = manners.Contains("--say-term")
    ? PosixSignalRegistration.Create(PosixSignal.SIGTERM, _ => File.WriteAllText(args[^1], "asked to end"))
    : null;
using var grandchild = manners.Contains("--grandchild") ? System.Diagnostics.Process.Start("sleep", args[^1]) : null;

await using var output = Console.OpenStandardOutput();
await new Script(Console.In, output).RunAsync();
if (manners.Contains("--ignore-close"))
{
    await Task.Delay(Timeout.Infinite);
}
