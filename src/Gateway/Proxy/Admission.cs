using Callgate.Gateway.Audit;

namespace Callgate.Gateway.Proxy;

/// <summary>What every request but a tool call passes before it goes up: nothing has stopped it, and it stands in the record.</summary>
public static class Admission
{
    /// <summary>False: the request was refused and answered.</summary>
    public static async ValueTask<bool> TakeAsync(Recorder recorder, Incoming call, CallRecord record)
    {
        if (call.Halted is { } halted)
        {
            await recorder.RefuseAsync(record, halted).ConfigureAwait(false);
            await AnswerAsync(call, halted, record).ConfigureAwait(false);
            return false;
        }

        var written = await recorder.AllowAsync(record, [], power: false).ConfigureAwait(false);
        if (!written.Written)
        {
            await AnswerAsync(call, Refusal.NotRecorded(written.Detail), record).ConfigureAwait(false);
        }

        return written.Written;
    }

    private static async ValueTask AnswerAsync(Incoming call, Refusal refusal, CallRecord record)
    {
        await call.JudgedAsync().ConfigureAwait(false);
        await call.Reply.ResponseAsync(Refusals.Method(call, refusal, record.Id)).ConfigureAwait(false);
    }
}
