using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Callgate.Fixtures.Transports;

/// <summary>HTTP+SSE of 2024-11-05: one stream down, one address to post to.</summary>
internal sealed class OldSse(FixtureServer server)
{
    public async Task OpenAsync(HttpContext context)
    {
        var session = new FixtureSession(RandomNumberGenerator.GetHexString(32, lowercase: true));
        session.Unrelated = session.Apart.AppendAsync;
        server.Sessions[session.Id] = session;
        context.Response.ContentType = "text/event-stream";
        context.Response.Headers.CacheControl = "no-cache";
        await context.Response.WriteAsync($"event: endpoint\ndata: {server.Options.SseEndpoint ?? "/messages"}?sessionId={session.Id}\n\n");
        await context.Response.Body.FlushAsync();
        try
        {
            await PumpAsync(context, session.Apart);
        }
        catch (OperationCanceledException)
        {
            server.Recording.AddDisconnect();
        }
        catch (IOException)
        {
            server.Recording.AddDisconnect();
        }
        finally
        {
            server.Sessions.TryRemove(session.Id, out _);
        }
    }

    public async Task PostAsync(HttpContext context, RecordedRequest request, Fault? fault)
    {
        if (!server.Sessions.TryGetValue(context.Request.Query["sessionId"].ToString(), out var session))
        {
            context.Response.StatusCode = server.Options.UnknownSessionStatus;
            return;
        }

        var message = request.Json;
        context.Response.StatusCode = message.ValueKind == System.Text.Json.JsonValueKind.Object ? 202 : 400;
        if (!message.Has("method"))
        {
            session.Answer(message);
        }
        else if (!message.Has("id"))
        {
            server.Dispatch.Notice(session, message);
        }
        else if (server.Profile.Dies(session, message))
        {
            server.IsDead = true;
            session.Apart.Complete();
            context.Abort();
            return;
        }
        else
        {
            _ = AnswerAsync(new Turn(server, session, message, session.Apart.AppendAsync), fault);
        }

        await context.Response.WriteAsync("Accepted");
    }

    private async Task AnswerAsync(Turn turn, Fault? fault)
    {
        await Task.Yield();
        turn.Session.Running[turn.Id.GetRawText()] = turn;
        var (text, _) = await server.Dispatch.AnswerAsync(turn);
        turn.Session.Running.TryRemove(turn.Id.GetRawText(), out _);
        if (fault?.Kind == FaultKind.CloseMidBody)
        {
            turn.Session.Apart.Complete();
            return;
        }

        foreach (var answer in text is null ? [] : Mutation.Apply(fault, text, server.Options))
        {
            await turn.Session.Apart.AppendAsync(answer);
        }
    }

    private async Task PumpAsync(HttpContext context, EventLog log)
    {
        var next = 0;
        while (true)
        {
            var (fresh, complete) = await log.ReadAsync(next, ignoreDrop: true, context.RequestAborted);
            foreach (var message in fresh)
            {
                await context.Response.WriteAsync(EventText.Of(server.Options, id: null, message), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                next++;
            }

            if (complete)
            {
                return;
            }
        }
    }
}
