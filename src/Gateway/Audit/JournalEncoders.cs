using System.Collections.Concurrent;

namespace Callgate.Gateway.Audit;

/// <summary>Encoders that are used again.</summary>
internal sealed class JournalEncoders
{
    private const int MostKept = 1_024;

    private readonly ConcurrentBag<JournalEncoder> free = [];

    public JournalEncoder Rent() => free.TryTake(out var encoder) ? encoder : new JournalEncoder();

    public void Return(JournalEncoder encoder)
    {
        if (encoder.IsWorthKeeping && free.Count < MostKept)
        {
            free.Add(encoder);
        }
        else
        {
            encoder.Dispose();
        }
    }
}
