using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Proxy;

/// <summary>Keeps a client's stream open by comments while its upstream says nothing.</summary>
internal static class KeepAlive
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Returns only when the reading has ended, which its own cancellation brings about. INVARIANT: an exchange is not
    /// disposed while it is read, or its connection goes back to the others with a reader on it that takes the next answer.
    /// </summary>
    public static async ValueTask<UpstreamEvent?> UntilAsync(Task<UpstreamEvent?> reading, ReplyStream reply, TimeProvider time)
    {
        while (true)
        {
            try
            {
                return await reading.WaitAsync(Every, time, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The reading may have ended since, well or not: then its own end counts.
                if (reading.IsCompleted)
                {
                    return await reading.ConfigureAwait(false);
                }
            }

            await reply.KeepAliveAsync().ConfigureAwait(false);
        }
    }
}
