using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Upstreams;

/// <summary>What waits for a listening stream to open: bounded, the oldest goes first, repeated list changes count once.</summary>
internal sealed class PipeBacklog
{
    public const int MaxMessages = 256;
    private const int MaxBytes = 4 * 1024 * 1024;

    private readonly LinkedList<(RpcMessage Message, int Bytes)> waiting = [];
    private long bytes;

    /// <summary>Keeps the message and returns those that had to go for it.</summary>
    public IReadOnlyList<RpcMessage> Add(RpcMessage message, int size)
    {
        var says = message.Method!;
        if (says.EndsWith("/list_changed", StringComparison.Ordinal) && waiting.Any(other => other.Message.Method == says))
        {
            return [];
        }

        waiting.AddLast((message, size));
        bytes += size;
        List<RpcMessage>? dropped = null;
        while (waiting.Count > MaxMessages || bytes > MaxBytes)
        {
            var oldest = waiting.First!.Value;
            waiting.RemoveFirst();
            bytes -= oldest.Bytes;
            (dropped ??= []).Add(oldest.Message);
        }

        return dropped ?? [];
    }

    public bool TryTake(out (RpcMessage Message, int Bytes) next)
    {
        next = default;
        if (waiting.First is not { } first)
        {
            return false;
        }

        next = first.Value;
        waiting.RemoveFirst();
        bytes -= next.Bytes;
        return true;
    }
}
