using System.Diagnostics;

namespace Callgate.Attacks.Running;

/// <summary>Waits for conditions, never for times.</summary>
internal static class Until
{
    /// <summary>Asks again until there is no fault, and gives the last one when the patience has ended.</summary>
    public static async Task<string?> NullAsync(Func<Task<string?>> fault, TimeSpan patience)
    {
        var begun = Stopwatch.GetTimestamp();
        while (true)
        {
            var found = await fault();
            if (found is null || Stopwatch.GetElapsedTime(begun) > patience)
            {
                return found;
            }

            await Task.Delay(25);
        }
    }

    public static Task<string?> NullAsync(Func<string?> fault, TimeSpan patience) => NullAsync(() => Task.FromResult(fault()), patience);
}
