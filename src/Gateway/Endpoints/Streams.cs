using Callgate.Gateway.Proxy;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Endpoints;

/// <summary>GET (the listening stream) and DELETE (the end of a session) of the versions with sessions.</summary>
public sealed class Streams(Listening listening, SessionDoor sessions, SessionTable table)
{
    public async ValueTask<Turned?> ListenAsync(Door door)
    {
        var request = door.Http.Request;
        if (EraCheck.RepeatedHeader(request) is { } repeated)
        {
            return Turned.Malformed($"`{repeated}` may stand once");
        }

        // Clients of the stateless era, and those that only look, are told that there is no stream without a session.
        if (request.Headers["Mcp-Session-Id"].Count == 0)
        {
            return new Turned(405, RefusalCode.RequestMalformed, "a stream needs a session; send `initialize` by POST first", Recorded: false);
        }

        if (!request.Headers.Accept.ToString().Contains("text/event-stream", StringComparison.OrdinalIgnoreCase) && request.Headers.Accept.Count > 0)
        {
            return Turned.Malformed("a stream is `text/event-stream`; accept it", 406);
        }

        if (door.Closing)
        {
            return Turned.Closing();
        }

        var (session, turned) = sessions.Find(door);
        if (session is null)
        {
            return turned;
        }

        var party = new Party
        {
            Now = door.Now, Grant = door.Grant, Server = door.Server, Modern = false, Session = session, Stale = door.Stale, Lasting = true,
            Client = session.ClientName, Cut = door.Life.Streams, ClientGone = door.Http.RequestAborted,
        };
        if (party.Halted is { } halted)
        {
            return Turned.Of(halted);
        }

        var resumes = request.Headers["Last-Event-ID"].Count > 0;
        if (!session.TryListen(resumes))
        {
            return Turned.Malformed("this session has a stream open already", 409);
        }

        try
        {
            var fault = await listening.RunAsync(party, door.Reply = new ReplyStream(door.Http, 0, batch: false), request.Headers["Last-Event-ID"]).ConfigureAwait(false);
            return fault is null ? null : StreamFault(fault);
        }
        finally
        {
            session.StopListening(resumes);
        }
    }

    public async ValueTask<Turned?> EndAsync(Door door)
    {
        var request = door.Http.Request;
        if (request.Headers["Mcp-Session-Id"].Count == 0 && string.Equals(request.Headers["MCP-Protocol-Version"], ProtocolVersion.Modern, StringComparison.Ordinal))
        {
            return new Turned(405, RefusalCode.RequestMalformed, $"there are no sessions in {ProtocolVersion.Modern}", Recorded: false);
        }

        var (session, turned) = sessions.Find(door);
        if (session is null)
        {
            return turned;
        }

        var status = await session.Conversation.EndAsync(door.Life.Calls).ConfigureAwait(false);
        if (status == StatusCodes.Status405MethodNotAllowed)
        {
            return new Turned(405, RefusalCode.RequestMalformed, "the server does not let clients end their sessions", Recorded: false);
        }

        await table.EndAsync(session).ConfigureAwait(false);
        await session.Conversation.DisposeAsync().ConfigureAwait(false);
        door.Http.Response.StatusCode = status is 200 or 202 or 204 or 404 ? status : 200;
        return null;
    }

    private static Turned StreamFault(UpstreamFault fault) => fault switch
    {
        { Status: 405 } => new Turned(405, RefusalCode.RequestMalformed, "the server offers no stream", Recorded: false),
        { Status: 400 } => Turned.Malformed("the server cannot go on from this `Last-Event-ID`; open a stream without one"),
        { Status: 409 } => Turned.Malformed("this session has a stream open already", 409),
        _ => Turned.Of(fault),
    };
}

/// <summary>Finds the session a request belongs to.</summary>
public sealed class SessionDoor(SessionTable table, Connector connector)
{
    public (ClientSession? Session, Turned? Turned) Find(Door door)
    {
        var request = door.Http.Request;
        if (request.Headers["Mcp-Session-Id"].ToString() is not { Length: > 0 } sealedId)
        {
            return (null, Turned.Malformed("`Mcp-Session-Id` is missing; send `initialize` first"));
        }

        var version = (string?)request.Headers["MCP-Protocol-Version"];
        if (version is not null && !ProtocolVersion.IsLegacy(version))
        {
            return (null, Turned.Malformed("this `MCP-Protocol-Version` has no sessions, or is not served here"));
        }

        var gone = new Turned(404, RefusalCode.RequestMalformed, "this session does not exist; send `initialize` again", RpcError.SessionGone);
        if (table.Open(sealedId, door.Grant.Id, door.Server.Name) is not { } secret)
        {
            return (null, gone);
        }

        if (table.Find(secret) is { } session)
        {
            return (session, null);
        }

        return connector.Resume(door.Server, secret.Version, secret.UpstreamSession) is { } conversation && secret.UpstreamSession is not null
            ? (table.Resume(secret, sealedId, door.Grant.Id, door.Server.Name, conversation), null)
            : (null, gone);
    }
}
