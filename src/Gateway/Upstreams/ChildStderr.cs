using System.Text;

namespace Callgate.Gateway.Upstreams;

/// <summary>The last of what a child wrote to its standard error, bounded, with the server's secrets taken out.</summary>
internal sealed class ChildStderr(int maxBytes, int maxLines, IEnumerable<string> secrets)
{
    /// <summary>Shorter values are words like `warn` or `1`; taking them out would only garble the text.</summary>
    private const int ShortestSecret = 6;

    private readonly byte[] ring = new byte[maxBytes];
    private readonly string[] secrets = [.. secrets.Where(secret => secret.Length >= ShortestSecret).OrderByDescending(secret => secret.Length)];
    private readonly Lock gate = new();
    private long written;

    /// <summary>Bytes the child wrote in all.</summary>
    public long Written
    {
        get
        {
            lock (gate)
            {
                return written;
            }
        }
    }

    /// <summary>Reads until the child closes it. A flood costs time of the child, never memory here.</summary>
    public async Task CaptureAsync(Stream stderr, CancellationToken cancellationToken)
    {
        var buffer = new byte[8 * 1024];
        try
        {
            int count;
            while ((count = await stderr.ReadAsync(buffer, cancellationToken)) > 0)
            {
                Keep(buffer.AsSpan(0, count));
            }
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // The child is gone; what was captured stays.
        }
    }

    /// <summary>The last lines, oldest first, without control characters.</summary>
    public string Tail()
    {
        var text = Encoding.UTF8.GetString(Held());
        foreach (var secret in secrets)
        {
            text = text.Replace(secret, "***", StringComparison.Ordinal);
        }

        var lines = text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return string.Join('\n', lines.TakeLast(maxLines).Select(Printable));
    }

    private static string Printable(string line) =>
        string.Concat(line.Select(character => char.IsControl(character) && character != '\t' ? '?' : character));

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        lock (gate)
        {
            foreach (var one in bytes)
            {
                ring[written++ % ring.Length] = one;
            }
        }
    }

    private byte[] Held()
    {
        lock (gate)
        {
            var held = new byte[Math.Min(written, ring.Length)];
            for (var i = 0; i < held.Length; i++)
            {
                held[i] = ring[(written - held.Length + i) % ring.Length];
            }

            return held;
        }
    }
}
