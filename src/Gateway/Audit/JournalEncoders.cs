using System.Collections.Concurrent;

namespace Callgate.Gateway.Audit;

/// <summary>Encoders that are used again. Callers take them and the writer gives them back, so they go round in a queue.</summary>
internal sealed class JournalEncoders
{
    private const int MostKept = 1_024;

    private readonly ConcurrentQueue<JournalEncoder> free = new();

    public JournalEncoder Rent() => free.TryDequeue(out var encoder) ? encoder : new JournalEncoder();

    public void Return(JournalEncoder encoder)
    {
        if (encoder.IsWorthKeeping && free.Count < MostKept)
        {
            free.Enqueue(encoder);
        }
        else
        {
            encoder.Dispose();
        }
    }
}
