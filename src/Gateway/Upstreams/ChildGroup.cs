using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Callgate.Gateway.Upstreams;

/// <summary>The process group of one child: it leads its own, so a signal to the group reaches all it started.</summary>
internal static partial class ChildGroup
{
    private const int Term = 15;
    private const int Kill = 9;

    /// <summary>
    /// Asks every member to end. The leader is spared where it is bubblewrap: its own end would kill the tool at once
    /// instead of letting it close its files, and it ends by itself after the tool.
    /// </summary>
    public static void AskToEnd(int leader, bool spareLeader)
    {
        if (!spareLeader)
        {
            _ = Signal(-leader, Term);
            return;
        }

        foreach (var member in Members(leader))
        {
            if (member != leader)
            {
                _ = Signal(member, Term);
            }
        }
    }

    public static void KillAll(int leader) => _ = Signal(-leader, Kill);

    private static IEnumerable<int> Members(int group)
    {
        foreach (var directory in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(directory.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) && GroupOf(pid) == group)
            {
                yield return pid;
            }
        }
    }

    /// <summary>Field 5 of <c>/proc/PID/stat</c>; the name in field 2 may hold blanks, so the fields are counted after its end.</summary>
    private static int? GroupOf(int pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid}/stat");
            var fields = stat[(stat.LastIndexOf(')') + 1)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            return fields.Length > 2 ? int.Parse(fields[2], CultureInfo.InvariantCulture) : null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            Debug.Assert(pid > 0, "a process that ended meanwhile is no member");
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Signal(int pid, int signal);
}
