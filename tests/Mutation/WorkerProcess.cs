using System.Diagnostics;
using System.Globalization;

namespace Callgate.Mutation;

/// <summary>A child process that runs tests. Asked one line, it answers one line, or it is gone.</summary>
internal sealed class WorkerProcess : IDisposable
{
    private readonly Process process;

    /// <param name="tests">The test assembly, beside the mutated one.</param>
    /// <param name="always">The mutant that is active from the first static initialiser on.</param>
    public WorkerProcess(string tests, int always = MutantSwitch.None)
    {
        var itself = Path.Combine(Path.GetDirectoryName(tests)!, Path.GetFileName(typeof(WorkerProcess).Assembly.Location));
        var start = new ProcessStartInfo("dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            ArgumentList =
            {
                "exec", "--depsfile", Path.ChangeExtension(tests, ".deps.json"), "--runtimeconfig", Path.ChangeExtension(tests, ".runtimeconfig.json"),
                itself, "worker", tests, always.ToString(CultureInfo.InvariantCulture),
            },
        };
        // A mutant that grows without end fails by memory, early enough for the machine.
        start.Environment["DOTNET_GCHeapHardLimit"] = "0x40000000";
        start.Environment["DOTNET_TieredPGO"] = "0";
        start.Environment["DOTNET_DbgEnableMiniDump"] = "0";
        process = Process.Start(start)!;
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginErrorReadLine();
        Initial = Numbers(process.StandardOutput.ReadLine() ?? "");
    }

    /// <summary>The mutants that static initialisers pass.</summary>
    public int[] Initial { get; }

    /// <summary>The answer; null when the process ended instead.</summary>
    public string? Ask(string command)
    {
        try
        {
            process.StandardInput.WriteLine(command);
            process.StandardInput.Flush();
        }
        catch (IOException)
        {
            return null;
        }

        return process.StandardOutput.ReadLine();
    }

    public static int[] Numbers(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static word => int.Parse(word, CultureInfo.InvariantCulture))];

    public void Dispose()
    {
        if (!process.HasExited)
        {
            process.Kill();
            process.WaitForExit();
        }

        process.Dispose();
    }
}
