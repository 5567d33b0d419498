using System.Globalization;

namespace Callgate.EndToEnd.Tests;

/// <summary>What the kernel says of a running process.</summary>
internal static class ProcessStatus
{
    /// <summary>Bytes of memory in use now.</summary>
    public static long Resident(int process) => Read(process, "VmRSS:");

    /// <summary>The most that were in use since the start, or since <see cref="ForgetPeak"/>.</summary>
    public static long Peak(int process) => Read(process, "VmHWM:");

    /// <summary>Makes the peak what is in use now.</summary>
    public static void ForgetPeak(int process) => File.WriteAllText($"/proc/{process}/clear_refs", "5");

    /// <summary>Open files, sockets and the like.</summary>
    public static int Handles(int process) => Directory.GetFileSystemEntries($"/proc/{process}/fd").Length;

    private static long Read(int process, string field)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith(field, StringComparison.Ordinal));
        return long.Parse(line[field.Length..].Replace("kB", "", StringComparison.Ordinal), CultureInfo.InvariantCulture) * 1024;
    }
}
