using System.Runtime.CompilerServices;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary>One method file for each kind of message; this is the only place that knows which.</summary>
public sealed class McpProxy(ToolsCall toolsCall, ToolsList toolsList, Initialize initialize, Subscriptions subscriptions, Relayed relayed, ApprovalTasks tasks, Recorder recorder)
{
    /// <summary>Serves one request: whatever happens, exactly one response is given to its reply.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask RequestAsync(Incoming call, HttpResponse http)
    {
        if (call.Session is not { } session)
        {
            await DispatchAsync(call, http).ConfigureAwait(false);
            return;
        }

        var key = call.Message.IdKey;
        if (!session.TryBegin(key))
        {
            const string why = "a request with this `id` is in flight in this session; use another";
            await recorder.RefuseAsync(recorder.Begin(call), new Refusal(RefusalCode.RequestMalformed, "(request)", why)).ConfigureAwait(false);
            await call.JudgedAsync().ConfigureAwait(false);
            await call.Reply.ResponseAsync(RpcWriter.Error(call.RawId, RpcError.InvalidRequest, why), StatusCodes.Status400BadRequest).ConfigureAwait(false);
            return;
        }

        try
        {
            await DispatchAsync(call, http).ConfigureAwait(false);
        }
        finally
        {
            // Whatever went wrong: the other elements of a batch do not wait for this one.
            _ = call.JudgedAsync();
            session.End(key);
        }
    }

    private ValueTask DispatchAsync(Incoming call, HttpResponse http) => (call.Method, call.Modern) switch
    {
        ("tools/call", _) => toolsCall.HandleAsync(call),
        ("tools/list", _) => toolsList.HandleAsync(call),
        ("initialize", false) => initialize.HandleAsync(call, http),
        ("subscriptions/listen", true) => subscriptions.HandleAsync(call),
        ("tasks/get" or "tasks/update" or "tasks/cancel", true) when call.MayAsk => tasks.HandleAsync(call),
        _ => relayed.HandleAsync(call),
    };
}
