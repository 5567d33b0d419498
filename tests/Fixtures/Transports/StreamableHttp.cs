using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Callgate.Fixtures.Transports;

/// <summary>Streamable HTTP of every version, both eras at one address: the body's claim decides.</summary>
internal sealed class StreamableHttp(FixtureServer server)
{
    private const string SessionHeader = "Mcp-Session-Id";

    public Task HandleAsync(HttpContext context, RecordedRequest request, Fault? fault) => context.Request.Method switch
    {
        "POST" => PostAsync(context, request, fault),
        "GET" => GetAsync(context, request),
        "DELETE" => DeleteAsync(context, request),
        _ => StatusAsync(context, 405),
    };

    private async Task PostAsync(HttpContext context, RecordedRequest request, Fault? fault)
    {
        var message = request.Json;
        if (message.ValueKind != JsonValueKind.Object)
        {
            await RefuseAsync(context, 400, -32700, "the body is no JSON object");
            return;
        }

        if (message.Member("params").Member("_meta").Has(Modern.VersionKey))
        {
            await RequestAsync(context, new FixtureSession("modern"), request, fault);
            return;
        }

        if (server.Eras.HasFlag(FixtureEras.Modern) && message.Has("id") && request.Header("MCP-Protocol-Version") == Modern.Released)
        {
            await RefuseAsync(context, 400, -32602, $"_meta lacks {Modern.VersionKey}", message.Member("id").GetRawText());
            return;
        }

        var session = await SessionAsync(context, request, message);
        if (session is null)
        {
            return;
        }

        if (!message.Has("id") || !message.Has("method"))
        {
            var known = message.Has("method") || session.Answer(message) || server.Options.Stateless;
            if (message.Has("method"))
            {
                server.Dispatch.Notice(session, message);
            }

            await StatusAsync(context, known ? 202 : 400);
            return;
        }

        if (server.Profile.Dies(session, message))
        {
            server.IsDead = true;
            context.Abort();
            return;
        }

        await RequestAsync(context, session, request, fault);
    }

    private async Task<FixtureSession?> SessionAsync(HttpContext context, RecordedRequest request, JsonElement message)
    {
        if (message.Text("method") == "initialize" || server.Options.Stateless || server.Eras == FixtureEras.Modern)
        {
            return NewSession(context, message);
        }

        var id = request.Header(SessionHeader);
        if (id is null)
        {
            await RefuseAsync(context, 400, -32000, "a session id is required");
            return null;
        }

        if (server.Sessions.TryGetValue(id, out var session))
        {
            return session;
        }

        await RefuseAsync(context, server.Options.UnknownSessionStatus, -32001, "session not found");
        return null;
    }

    private FixtureSession NewSession(HttpContext context, JsonElement message)
    {
        var session = new FixtureSession(RandomNumberGenerator.GetHexString(32, lowercase: true));
        session.Unrelated = session.Apart.AppendAsync;
        session.Streams[session.Apart.Name] = session.Apart;
        if (!server.Options.Stateless && server.Eras.HasFlag(FixtureEras.Legacy) && message.Text("method") == "initialize")
        {
            server.Sessions[session.Id] = session;
            context.Response.Headers[SessionHeader] = session.Id;
        }

        return session;
    }

    private async Task RequestAsync(HttpContext context, FixtureSession session, RecordedRequest request, Fault? fault)
    {
        var log = new EventLog("s" + RandomNumberGenerator.GetHexString(8, lowercase: true));
        var turn = new Turn(server, session, request.Json, log.AppendAsync) { DropConnection = log.Drop };
        session.Streams[log.Name] = log;
        session.Running[turn.Id.GetRawText()] = turn;
        var answering = AnswerAsync(turn, log, turn.IsModern ? request.Header : null, fault);
        using var watch = context.RequestAborted.Register(() =>
        {
            server.Recording.AddDisconnect();
            if (turn.IsModern)
            {
                turn.Cancellation.Cancel();
            }
        });
        try
        {
            await PumpAsync(context, log, new PumpStart(0, Resumed: false, Primed: server.Options.PrimeEvents && !turn.IsModern), fault);
        }
        catch (OperationCanceledException)
        {
            // The client went away; a legacy call goes on without it.
        }
        catch (IOException)
        {
            // The same, noticed while writing.
        }

        if (!turn.IsModern && log.Dropped)
        {
            return;
        }

        await answering;
        session.Streams.TryRemove(log.Name, out _);
    }

    private async Task AnswerAsync(Turn turn, EventLog log, Func<string, string?>? header, Fault? fault)
    {
        await Task.Yield();
        var (text, status) = await server.Dispatch.AnswerAsync(turn, header);
        turn.Session.Running.TryRemove(turn.Id.GetRawText(), out _);
        log.Status = status;
        if (text is not null)
        {
            foreach (var message in Mutation.Apply(fault, text, server.Options))
            {
                await log.AppendAsync(message);
            }
        }

        log.Complete();
    }

    private async Task GetAsync(HttpContext context, RecordedRequest request)
    {
        if (!server.Eras.HasFlag(FixtureEras.Legacy) || server.Options.Stateless)
        {
            await StatusAsync(context, 405);
            return;
        }

        var session = await SessionAsync(context, request, default);
        if (session is null)
        {
            return;
        }

        var log = session.Apart;
        var from = log.Delivered;
        var last = request.Header("Last-Event-ID");
        if (last is not null)
        {
            var dash = last.LastIndexOf('-');
            if (dash < 0 || !session.Streams.TryGetValue(last[..dash], out log!) || !int.TryParse(last[(dash + 1)..], out from))
            {
                await RefuseAsync(context, 400, -32000, "unknown event id");
                return;
            }
        }

        try
        {
            await PumpAsync(context, log, new PumpStart(from, Resumed: true, Primed: server.Options.PrimeEvents && last is null), fault: null);
        }
        catch (OperationCanceledException)
        {
            // The client closed its stream; what follows waits for the next one.
        }
        catch (IOException)
        {
            // The same, noticed while writing.
        }
    }

    private async Task DeleteAsync(HttpContext context, RecordedRequest request)
    {
        if (!server.Eras.HasFlag(FixtureEras.Legacy) || server.Options.Stateless)
        {
            await StatusAsync(context, 405);
            return;
        }

        var session = await SessionAsync(context, request, default);
        if (session is not null)
        {
            server.Sessions.TryRemove(session.Id, out _);
            session.Apart.Complete();
            await StatusAsync(context, 204);
        }
    }

    private async Task PumpAsync(HttpContext context, EventLog log, PumpStart start, Fault? fault)
    {
        var next = start.From;
        var streaming = start.Resumed || start.Primed;
        if (streaming)
        {
            await BeginStreamAsync(context, start.Primed ? $"id: {log.EventId(-1)}\nretry: 50\ndata: \n\n" : ": open\n\n");
        }

        while (true)
        {
            var (fresh, complete) = await log.ReadAsync(next, start.Resumed, context.RequestAborted);
            if (!streaming && complete && fresh.Count <= 1 && server.Options.Answers == AnswerForm.Json)
            {
                await WriteJsonAsync(context, log, fresh, fault);
                return;
            }

            if (!streaming && complete && log.Status != 200)
            {
                await WriteJsonAsync(context, log, fresh, fault);
                return;
            }

            if (!streaming && !(complete && fresh.Count == 0))
            {
                streaming = true;
                await BeginStreamAsync(context, null);
            }

            foreach (var message in fresh)
            {
                var isLast = complete && next == start.From + fresh.Count - 1;
                await HttpFault.WriteAsync(isLast || complete ? fault : null, context, EventText.Of(server.Options, log.EventId(next), message), server.Options.DripInterval);
                next++;
                log.MarkDelivered(next);
            }

            if (complete || (log.Dropped && !start.Resumed))
            {
                return;
            }
        }
    }

    private async Task WriteJsonAsync(HttpContext context, EventLog log, IReadOnlyList<string> answer, Fault? fault)
    {
        context.Response.StatusCode = log.Status;
        if (answer.Count == 1)
        {
            context.Response.ContentType = "application/json";
            await HttpFault.WriteAsync(fault, context, answer[0], server.Options.DripInterval);
            log.MarkDelivered(1);
        }
    }

    private static async Task BeginStreamAsync(HttpContext context, string? first)
    {
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers["X-Accel-Buffering"] = "no";
        if (first is not null)
        {
            await context.Response.WriteAsync(first);
        }

        await context.Response.Body.FlushAsync();
    }

    private static Task StatusAsync(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.CompletedTask;
    }

    private static async Task RefuseAsync(HttpContext context, int status, int code, string message, string id = "null")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($$$"""{"jsonrpc":"2.0","id":{{{id}}},"error":{"code":{{{code}}},"message":"{{{message}}}"}}""");
    }

    private readonly record struct PumpStart(int From, bool Resumed, bool Primed);
}
