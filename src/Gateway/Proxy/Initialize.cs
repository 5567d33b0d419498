using System.Security.Cryptography;
using System.Text.Json;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Wire;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Proxy;

/// <summary><c>initialize</c>: opens the upstream for this client, and a sealed session over it.</summary>
public sealed class Initialize(PinBook pins, Recorder recorder, Connector connector, SessionTable sessions)
{
    /// <summary>Where the endpoint finds the session that was opened, for its response header.</summary>
    public const string SessionHeader = "Mcp-Session-Id";

    public async ValueTask HandleAsync(Incoming call, HttpResponse http)
    {
        var record = recorder.Begin(call);
        if (Fault(call) is { } malformed)
        {
            await recorder.RefuseAsync(record, new Refusal(RefusalCode.RequestMalformed, "(request)", malformed)).ConfigureAwait(false);
            await call.Reply.ResponseAsync(RpcWriter.Error(call.RawId, RpcError.InvalidParams, malformed), StatusCodes.Status400BadRequest).ConfigureAwait(false);
            return;
        }

        if (!await Admission.TakeAsync(recorder, call, record).ConfigureAwait(false))
        {
            return;
        }

        try
        {
            await OpenAsync(call, http, record).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (call.Cut.IsCancellationRequested)
        {
            // The endpoint tells the client why it was cut.
            await recorder.CompleteAsync(record, await Relay.AbandonAsync(call, null).ConfigureAwait(false)).ConfigureAwait(false);
        }
    }

    private async ValueTask OpenAsync(Incoming call, HttpResponse http, CallRecord record)
    {
        await pins.EnsureAsync(call.Server, call.Cut).ConfigureAwait(false);
        if (pins.SeenEras(call.Server.Name) is { Legacy: false, Modern: true })
        {
            var newest = new Refusal(RefusalCode.UpstreamUnavailable, "(upstream)", $"the server behind this gate speaks {ProtocolVersion.Modern} only, which has no `initialize`; use a client of that version");
            await recorder.CompleteAsync(record, new RelayEnd("refused", Code: newest.Code)).ConfigureAwait(false);
            await call.Reply.ResponseAsync(Refusals.Method(call, newest, record.Id)).ConfigureAwait(false);
            return;
        }

        var parameters = Parameters(call);
        var sealedCall = JudgedMessage.Seal(RpcKind.Request, call.Method, parameters);
        var opened = await connector.OpenLegacyAsync(call.Server, call.Grant.Id, ProfileOf(parameters), sealedCall, call.Cut).ConfigureAwait(false);
        if (opened.Fault is { } fault)
        {
            await recorder.CompleteAsync(record, RelayEnd.Failed(fault)).ConfigureAwait(false);
            await call.Reply.ResponseAsync(Refusals.Method(call, Refusal.Of(fault), record.Id)).ConfigureAwait(false);
            return;
        }

        await AnswerAsync(call, http, opened).ConfigureAwait(false);
        await recorder.CompleteAsync(record, new RelayEnd("answered", opened.Status)).ConfigureAwait(false);
    }

    private async ValueTask AnswerAsync(Incoming call, HttpResponse http, OpenedConversation opened)
    {
        var response = opened.Response!;
        if (opened.Conversation is not { } conversation || Connector.VersionOf(response) is not { } version)
        {
            await call.Reply.ResponseAsync(RpcWriter.Relay(response, call.RawId)).ConfigureAwait(false);
            return;
        }

        var session = sessions.Add(call.Grant.Id, call.Server.Name, version, conversation);
        if (session is null)
        {
            await conversation.DisposeAsync().ConfigureAwait(false);
            await call.Reply.ResponseAsync(
                RpcWriter.Error(call.RawId, RpcError.Unavailable, "this grant holds too many sessions; end some and try again"),
                StatusCodes.Status429TooManyRequests).ConfigureAwait(false);
            return;
        }

        session.ClientName = call.Client;
        session.OpensPages = version == ProtocolVersion.NewestLegacy && ClientAbility.OpensPages(call.Message.Params.GetProperty("capabilities"u8));
        response.Root.GetProperty("result"u8).TryGetProperty("capabilities"u8, out var capabilities);
        session.UpstreamCapabilities = capabilities;
        http.Headers[SessionHeader] = session.SealedId;
        await call.Reply.ResponseAsync(Introduction.Of(call, response, pins)).ConfigureAwait(false);
    }

    private static string? Fault(Incoming call)
    {
        var parameters = call.Message.Params;
        if (parameters.ValueKind != JsonValueKind.Object || !parameters.TryGetProperty("protocolVersion"u8, out var version) || version.ValueKind != JsonValueKind.String)
        {
            return "`params.protocolVersion` must be a string";
        }

        return !parameters.TryGetProperty("capabilities"u8, out var capabilities) || capabilities.ValueKind != JsonValueKind.Object
            ? "`params.capabilities` must be an object"
            : null;
    }

    /// <summary>The client's own words, but for capabilities its policy does not open and a version this front does not speak.</summary>
    private static ReadOnlyMemory<byte> Parameters(Incoming call)
    {
        var asked = call.Message.Params.GetProperty("protocolVersion"u8).GetString()!;
        var edits = Draft.Withheld(call.Opens, "capabilities").ToList();
        if (!ProtocolVersion.IsLegacy(asked))
        {
            edits.Add(JsonEdit.Replace(JsonSerializer.SerializeToUtf8Bytes(ProtocolVersion.NewestLegacy), "protocolVersion"));
        }

        return Reemit.Bytes(call.Message.Params, [.. edits]);
    }

    /// <summary>Clients that introduce themselves alike may share one process of a grant; others get their own.</summary>
    private static string ProfileOf(ReadOnlyMemory<byte> parameters) => Convert.ToHexStringLower(SHA256.HashData(parameters.Span))[..16];
}
