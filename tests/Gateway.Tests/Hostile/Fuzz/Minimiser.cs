namespace Callgate.Gateway.Tests.Hostile.Fuzz;

/// <summary>Makes a failing input smaller: pieces are taken out as long as it fails, large ones first, single bytes last.</summary>
internal static class Minimiser
{
    private const int MostTries = 600;

    /// <summary>The smallest found that still fails.</summary>
    public static async Task<byte[]> ShrinkAsync(byte[] input, Func<byte[], Task<bool>> fails)
    {
        var tries = 0;
        for (var length = Math.Max(1, input.Length / 2); length > 0; length = length == 1 ? 0 : length / 2)
        {
            for (var at = 0; at < input.Length && tries < MostTries;)
            {
                byte[] shorter = [.. input[..at], .. input[Math.Min(input.Length, at + length)..]];
                tries++;
                if (await fails(shorter))
                {
                    input = shorter;
                }
                else
                {
                    at += length;
                }
            }
        }

        return input;
    }
}
