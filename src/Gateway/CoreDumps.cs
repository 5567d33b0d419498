using System.Runtime.InteropServices;

namespace Callgate.Gateway;

/// <summary>A core dump holds every key, credential and argument that is in memory, in a file that nobody looks after.</summary>
public static partial class CoreDumps
{
    private const int CoreSize = 4;

    /// <summary>
    /// From now on a crash of this process, or of a child, leaves none. Only the soft limit falls, so an operator who needs
    /// one can raise it again for the running process (<c>prlimit --core</c>).
    /// </summary>
    public static void Forbid()
    {
        if (!OperatingSystem.IsWindows() && GetLimit(CoreSize, out var limit) == 0)
        {
            limit.Soft = 0;
            _ = SetLimit(CoreSize, in limit);
        }
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimit(int resource, out Limit limit);

    [LibraryImport("libc", EntryPoint = "setrlimit")]
    private static partial int SetLimit(int resource, in Limit limit);

    [StructLayout(LayoutKind.Sequential)]
    private struct Limit
    {
        public nuint Soft;
        public nuint Hard;
    }
}
