using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Wire;

namespace Callgate.Gateway.Proxy;

/// <summary>One leg of a call that takes several (2026-07-28, multi round-trip requests).</summary>
/// <param name="Fault">Why the leg is refused; null when it may be judged.</param>
/// <param name="Round">0 for the first leg.</param>
/// <param name="Edits">Put the upstream's own state back in the place of ours.</param>
public sealed record Leg(string? Fault, int Round, JsonEdit[] Edits)
{
    public static Leg First { get; } = new(null, 0, []);

    /// <summary>The upstream's own state, where this leg brings it back; null without.</summary>
    public string? Upstream { get; init; }

    /// <summary>How often the client has been sent to the page of an approval before this leg.</summary>
    public int Asks { get; init; }

    /// <summary>The answers for the upstream that came with an earlier leg and wait for an approval; null where they are in this one, or there are none.</summary>
    public string? Responses { get; init; }

    /// <summary>The client did not open the page.</summary>
    public bool Declined { get; init; }

    /// <summary>The answers for the upstream, whichever leg brought them; undefined without any.</summary>
    public JsonElement ResponsesIn(Incoming call)
    {
        if (Asks > 0)
        {
            return Responses is { } kept ? JsonElement.Parse(kept) : default;
        }

        return call.Message.Params.TryGetProperty("inputResponses"u8, out var given) ? given : default;
    }
}

/// <summary>
/// The <c>requestState</c> that a client carries between the legs of one call is ours: the upstream's state, sealed to the
/// grant, the server and exactly what was called. Each leg is judged, counted and recorded like a call of its own.
/// </summary>
public sealed class Continuations(Keyring keyring, TimeProvider time)
{
    private const int MaxRounds = 5;
    private static readonly TimeSpan Life = TimeSpan.FromHours(1);

    private readonly Sealer sealer = keyring.Sealer("request-state");

    /// <summary>Under which the client's answer about our own page comes back.</summary>
    private const string PageKey = "callgate.approval";

    private sealed record State(string Subject, int Round, long Issued, string? Upstream, int Asks = 0, string? Responses = null);

    /// <summary>Reads which leg this is. A state that is not ours, for other arguments, too old or of too many rounds is refused.</summary>
    public Leg Read(Incoming call)
    {
        if (!call.Modern || call.Message.Params.ValueKind != JsonValueKind.Object || !call.Message.Params.TryGetProperty("requestState"u8, out var element))
        {
            return Leg.First;
        }

        if (element.ValueKind != JsonValueKind.String || !sealer.TryOpen(element.GetString()!, Owner(call), out var plain)
            || JsonSerializer.Deserialize<State>(plain) is not { } state
            || !string.Equals(state.Subject, SubjectOf(call), StringComparison.Ordinal))
        {
            return Refused("`requestState` does not belong to this call; start it again without one");
        }

        if (DateTimeOffset.FromUnixTimeSeconds(state.Issued) + Life < time.GetUtcNow())
        {
            return Refused("`requestState` has expired; start the call again without one");
        }

        if (state.Round >= MaxRounds)
        {
            return Refused("this call has taken five rounds already; start it again");
        }

        var edit = state.Upstream is { } upstream
            ? JsonEdit.Replace(JsonSerializer.SerializeToUtf8Bytes(upstream), "requestState")
            : JsonEdit.Remove("requestState");
        var leg = new Leg(null, state.Round, [edit]) { Upstream = state.Upstream };
        return state.Asks == 0 ? leg : AfterPage(call, leg, state);
    }

    /// <summary>The answer about our own page is ours alone: what goes up is the call as it was when people were asked.</summary>
    private static Leg AfterPage(Incoming call, Leg leg, State state)
    {
        var answers = state.Responses is { } kept ? JsonEdit.Replace(Encoding.UTF8.GetBytes(kept), "inputResponses") : JsonEdit.Remove("inputResponses");
        var declined = call.Message.Params.TryGetProperty("inputResponses"u8, out var given) && given.ValueKind == JsonValueKind.Object
            && given.TryGetProperty(PageKey, out var answer) && answer.ValueKind == JsonValueKind.Object
            && answer.TryGetProperty("action"u8, out var action) && !(action.ValueKind == JsonValueKind.String && action.ValueEquals("accept"u8));
        return leg with { Edits = [.. leg.Edits, answers], Asks = state.Asks, Responses = state.Responses, Declined = declined };
    }

    /// <summary>Sends the client to the page of an approval; it comes back with the same call and this state.</summary>
    public ReadOnlyMemory<byte> AskForPage(Incoming call, Leg leg, Uri page, string message)
    {
        var responses = leg.ResponsesIn(call) is { ValueKind: not JsonValueKind.Undefined } given ? given.GetRawText() : null;
        var state = new State(SubjectOf(call), leg.Round, time.GetUtcNow().ToUnixTimeSeconds(), leg.Upstream, leg.Asks + 1, responses);
        var sealedState = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(state), Owner(call));
        return RpcWriter.Result(call.RawId, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("resultType"u8, "input_required"u8);
            writer.WriteStartObject("inputRequests"u8);
            writer.WriteStartObject(PageKey);
            writer.WriteString("method"u8, "elicitation/create"u8);
            writer.WriteStartObject("params"u8);
            writer.WriteString("mode"u8, "url"u8);
            writer.WriteString("message"u8, message);
            writer.WriteString("url"u8, page.AbsoluteUri);
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteEndObject();
            writer.WriteString("requestState"u8, sealedState);
            writer.WriteEndObject();
        });
    }

    /// <summary>
    /// Turns the upstream's response into the client's. When the upstream asks for input, each question must be opened by
    /// the policy, and its state is sealed; otherwise the response passes under the client's id.
    /// </summary>
    public Finished Finish(Incoming call, Leg leg, RpcMessage response, string reference)
    {
        if (HopErrors.Of(call, response) is { } hop)
        {
            return Finished.Refused(call, hop, reference);
        }

        if (AsksToOpenPage(response) && !call.Opens("elicitation/create"))
        {
            return Withheld(call, "elicitation/create", reference);
        }

        response.Root.TryGetProperty("result"u8, out var result);
        var asks = result.ValueKind == JsonValueKind.Object && result.TryGetProperty("resultType"u8, out var type) && type.ValueKind == JsonValueKind.String && type.ValueEquals("input_required"u8);
        if (asks && Forbidden(call, result) is { } method)
        {
            return Withheld(call, method, reference);
        }

        // In a session questions come on the stream; a client of one that is told otherwise has nothing to come back with.
        if (!asks || !call.Modern)
        {
            return new Finished(RpcWriter.Relay(response, call.RawId, Caching.Edits(call, result)));
        }

        var upstream = result.TryGetProperty("requestState"u8, out var own) && own.ValueKind == JsonValueKind.String ? own.GetString() : null;
        var state = new State(SubjectOf(call), leg.Round + 1, time.GetUtcNow().ToUnixTimeSeconds(), upstream);
        var sealedState = sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(state), Owner(call));
        return new Finished(RpcWriter.Relay(response, call.RawId, JsonEdit.Set(JsonSerializer.SerializeToUtf8Bytes(sealedState), "result", "requestState")));
    }

    private static Leg Refused(string why) => new(why, 0, []);

    private static Finished Withheld(Incoming call, string method, string reference) => Finished.Refused(
        call,
        new Refusal(RefusalCode.MethodDenied, "/methods/allow", $"the server asks for `{method}`, which the policy of this grant does not open"),
        reference);

    /// <summary>2025-11-25: an error that sends the person to a page is an elicitation by another name.</summary>
    private static bool AsksToOpenPage(RpcMessage response) =>
        response.IsError && response.Root.GetProperty("error"u8).TryGetProperty("code"u8, out var code)
        && code.ValueKind == JsonValueKind.Number && code.TryGetDecimal(out var number) && number == RpcError.UrlElicitationRequired;

    private static string? Forbidden(Incoming call, JsonElement result)
    {
        if (!result.TryGetProperty("inputRequests"u8, out var requests))
        {
            return null;
        }

        if (requests.ValueKind != JsonValueKind.Object)
        {
            return "inputRequests";
        }

        foreach (var request in requests.EnumerateObject())
        {
            var method = request.Value.ValueKind == JsonValueKind.Object && request.Value.TryGetProperty("method"u8, out var element) && element.ValueKind == JsonValueKind.String
                ? element.GetString()!
                : "(no method)";
            if (string.Equals(method, "ping", StringComparison.Ordinal) || !Vocabulary.AllowsQuestion(call, method))
            {
                return Recorder.Bounded(method);
            }
        }

        return null;
    }

    /// <summary>What was called: method, name and arguments. The client's answers and the state itself are not part of it.</summary>
    private static string SubjectOf(Incoming call)
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        buffer.Write(Encoding.UTF8.GetBytes(call.Method + "\n" + Draft.MirroredNameOf(call) + "\n"));
        if (call.Message.Params.ValueKind == JsonValueKind.Object && call.Message.Params.TryGetProperty("arguments"u8, out var arguments))
        {
            CanonicalJson.Write(arguments, buffer);
        }

        return Convert.ToHexStringLower(SHA256.HashData(buffer.WrittenSpan));
    }

    private static byte[] Owner(Incoming call) => JsonSerializer.SerializeToUtf8Bytes(new[] { call.Grant.Id, call.Server.Name });
}
