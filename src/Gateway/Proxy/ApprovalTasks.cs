using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary>
/// Calls that wait for people as tasks (2026-07-28, the extension <c>io.modelcontextprotocol/tasks</c>). A task goes the whole
/// path of a call and keeps its response until it is fetched. Tasks live in this process: after a restart the client makes
/// the call again, which finds the same approval.
/// </summary>
public sealed class ApprovalTasks(Recorder recorder)
{
    /// <summary>Each may hold a whole response.</summary>
    private const int MostOfAGrant = ApprovalBook.PendingOfAGrant;
    private const int PollMilliseconds = 2_000;

    private static readonly TimeSpan KeptAfterEnd = TimeSpan.FromMinutes(10);

    private readonly ConcurrentDictionary<string, ApprovalTask> tasks = new(StringComparer.Ordinal);

    /// <summary>The path of a call, which a task takes; set once, where the rooms are put together.</summary>
    public Func<Incoming, ValueTask> Run { get; set; } = static _ => ValueTask.CompletedTask;

    /// <summary>The answer that names the new task; null when the grant holds as many as it may.</summary>
    public ReadOnlyMemory<byte>? Begin(Incoming call, Approval approval)
    {
        var now = recorder.Time.GetUtcNow();
        Forget(now);
        if (tasks.Values.Count(task => task.Grant == call.Grant.Id) >= MostOfAGrant)
        {
            return null;
        }

        var task = new ApprovalTask(Identifiers.New(now), call.Grant.Id, call.Server.Name, approval.Id, now, approval.Expires + KeptAfterEnd);
        tasks[task.Id] = task;
        // It runs on by itself, for as long as the grant has the server.
        _ = RunAsync(task, call with
        {
            IsTask = true,
            Started = now,
            Reply = new ReplyStream(new DefaultHttpContext(), 1, batch: false),
            ClientGone = task.Cancelled,
            JudgedAsync = static () => Task.CompletedTask,
        });
        return RpcWriter.Result(call.RawId, writer => Write(writer, task, "task"));
    }

    /// <summary><c>tasks/get</c>, <c>tasks/update</c> and <c>tasks/cancel</c> on the grant's own tasks.</summary>
    public async ValueTask HandleAsync(Incoming call)
    {
        var id = Draft.MirroredNameOf(call);
        var record = recorder.Begin(call);
        if (!await Admission.TakeAsync(recorder, call, record).ConfigureAwait(false))
        {
            return;
        }

        Forget(recorder.Time.GetUtcNow());
        if (id is null || !tasks.TryGetValue(id, out var task) || task.Grant != call.Grant.Id || task.Server != call.Server.Name)
        {
            await recorder.CompleteAsync(record, new RelayEnd("refused", Code: RefusalCode.RequestMalformed)).ConfigureAwait(false);
            await call.Reply.ResponseAsync(RpcWriter.Error(call.RawId, RpcError.InvalidParams, "there is no such task; make the call again, which finds its approval where there is one")).ConfigureAwait(false);
            return;
        }

        var isGet = string.Equals(call.Method, "tasks/get", StringComparison.Ordinal);
        if (string.Equals(call.Method, "tasks/cancel", StringComparison.Ordinal))
        {
            task.Cancel(recorder.Time.GetUtcNow());
        }

        await recorder.CompleteAsync(record, new RelayEnd("answered")).ConfigureAwait(false);
        await call.Reply.ResponseAsync(RpcWriter.Result(call.RawId, writer =>
        {
            if (isGet)
            {
                Write(writer, task, "complete");
                return;
            }

            writer.WriteStartObject();
            writer.WriteString("resultType"u8, "complete"u8);
            writer.WriteEndObject();
        })).ConfigureAwait(false);
    }

    private async Task RunAsync(ApprovalTask task, Incoming call)
    {
        try
        {
            await Task.Yield();
            await Run(call).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The grant ended, or the gate: the task stays cancelled.
        }
        finally
        {
            task.Finish(call.Reply.Response, recorder.Time.GetUtcNow(), KeptAfterEnd);
            call.Reply.Dispose();
        }
    }

    private void Forget(DateTimeOffset now)
    {
        foreach (var (id, task) in tasks)
        {
            if (task.Ends <= now && tasks.TryRemove(id, out var ended))
            {
                ended.Cancel(now);
                ended.Dispose();
            }
        }
    }

    private static void Write(Utf8JsonWriter writer, ApprovalTask task, string resultType)
    {
        var (status, message, updated, payload) = task.Read();
        writer.WriteStartObject();
        writer.WriteString("resultType"u8, resultType);
        writer.WriteString("taskId"u8, task.Id);
        writer.WriteString("status"u8, status);
        writer.WriteString("statusMessage"u8, message);
        writer.WriteString("createdAt"u8, Written(task.Created));
        writer.WriteString("lastUpdatedAt"u8, Written(updated));
        writer.WriteNumber("ttlMs"u8, (long)(task.Ends - task.Created).TotalMilliseconds);
        writer.WriteNumber("pollIntervalMs"u8, PollMilliseconds);
        if (payload is { } found)
        {
            writer.WritePropertyName(status == "failed" ? "error"u8 : "result"u8);
            found.WriteTo(writer);
        }

        writer.WriteEndObject();
    }

    private static string Written(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}

/// <summary>One call that waits as a task, and then its response.</summary>
internal sealed class ApprovalTask(string id, string grant, string server, string approval, DateTimeOffset created, DateTimeOffset ends) : IDisposable
{
    /// <summary>A task of ours cannot pass on what the server wants to know.</summary>
    private static readonly JsonElement AsksForInput = JsonElement.Parse("""{"code":-32603,"message":"the server asks for input, which this task cannot pass on; make the call without the tasks extension"}"""u8);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource cancelled = new();
    private DateTimeOffset? updated;
    private DateTimeOffset? kept;
    private string status = "working";
    private JsonElement? payload;

    public string Id => id;

    public string Grant => grant;

    public string Server => server;

    public DateTimeOffset Created => created;

    /// <summary>When it is forgotten.</summary>
    public DateTimeOffset Ends
    {
        get
        {
            lock (gate)
            {
                return kept ?? ends;
            }
        }
    }

    public CancellationToken Cancelled => cancelled.Token;

    public (string Status, string Message, DateTimeOffset Updated, JsonElement? Payload) Read()
    {
        lock (gate)
        {
            return (status, status == "working" ? $"waiting for the approval of a person, {approval}" : status, updated ?? created, payload);
        }
    }

    /// <summary>The client wants it no more. What went up already may still have its effect.</summary>
    public void Cancel(DateTimeOffset now)
    {
        lock (gate)
        {
            if (status != "working")
            {
                return;
            }

            (status, updated) = ("cancelled", now);
        }

        _ = cancelled.CancelAsync();
    }

    public void Dispose() => cancelled.Dispose();

    /// <summary>Keeps the response; a task that was cancelled stays so.</summary>
    public void Finish(ReadOnlyMemory<byte> response, DateTimeOffset now, TimeSpan keptFor)
    {
        lock (gate)
        {
            if (status != "working")
            {
                return;
            }

            (updated, kept) = (now, now + keptFor);
            if (response.IsEmpty)
            {
                status = "cancelled";
                return;
            }

            var message = JsonElement.Parse(response.Span);
            var failed = message.TryGetProperty("error"u8, out var error);
            (status, payload) = failed ? ("failed", error) : ("completed", message.GetProperty("result"u8));
            if (payload is { ValueKind: JsonValueKind.Object } result && result.TryGetProperty("resultType"u8, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("input_required"u8))
            {
                (status, payload) = ("failed", AsksForInput);
            }
        }
    }
}
