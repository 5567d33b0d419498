using System.Globalization;

namespace Callgate.Bench.Proxy;

/// <summary>What the kernel says about a process.</summary>
public static class ProcessTimes
{
    /// <summary>Linux counts processor time for programs in hundredths of a second.</summary>
    private const double TicksASecond = 100;

    /// <summary>User and system time so far, in seconds.</summary>
    public static double CpuSeconds(int process)
    {
        var fields = Fields(process);
        return (long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture)) / TicksASecond;
    }

    /// <summary>A line of <c>/proc/PID/status</c> in megabytes, as <c>VmRSS</c>.</summary>
    public static double Megabytes(int process, string line) =>
        double.Parse(File.ReadLines($"/proc/{process}/status").First(text => text.StartsWith(line + ":", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) / 1024;

    /// <summary>The one worker of an nginx.</summary>
    public static int OnlyChildOf(int parent) =>
        Directory.EnumerateDirectories("/proc").Select(Path.GetFileName).Where(static name => int.TryParse(name, out _)).Select(static name => int.Parse(name!, CultureInfo.InvariantCulture))
            .Single(process => TryParent(process) == parent);

    private static int? TryParent(int process)
    {
        try
        {
            return int.Parse(Fields(process)[1], CultureInfo.InvariantCulture);
        }
        catch (IOException)
        {
            // It ended meanwhile.
            return null;
        }
    }

    /// <summary>The fields behind the name, which may hold blanks: state is field 0.</summary>
    private static string[] Fields(int process)
    {
        var text = File.ReadAllText($"/proc/{process}/stat");
        return text[(text.LastIndexOf(')') + 2)..].Split(' ');
    }
}
