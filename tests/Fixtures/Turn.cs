using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures;

/// <summary>A JSON-RPC error to answer with; the status matters for modern HTTP only.</summary>
public sealed class RpcException(int code, string message, JsonNode? data = null, int status = 200) : Exception(message)
{
    public int Code => code;

    public int Status => status;

    public JsonNode? ErrorData => data;
}

/// <summary>A modern call needs an answer of the client before it can go on.</summary>
internal sealed class InputRequired(JsonObject result) : Exception("input required")
{
    public JsonObject Result => result;
}

/// <summary>One request being answered: what was asked, and the ways to speak to the client meanwhile.</summary>
public sealed class Turn
{
    private readonly Func<string, ValueTask> related;

    internal Turn(FixtureServer server, FixtureSession session, JsonElement message, Func<string, ValueTask> related)
    {
        Server = server;
        Session = session;
        Message = message;
        this.related = related;
        Method = message.Text("method") ?? "";
        Params = message.Member("params");
        Meta = Params.Member("_meta");
        Version = Meta.Text(Modern.VersionKey) ?? session.Version;
        IsModern = Meta.Has(Modern.VersionKey);
        Cancellation = new CancellationTokenSource();
    }

    public FixtureServer Server { get; }

    public FixtureSession Session { get; }

    public JsonElement Message { get; }

    public string Method { get; }

    public JsonElement Params { get; }

    public JsonElement Meta { get; }

    public string Version { get; }

    public bool IsModern { get; }

    public JsonElement Id => Message.Member("id");

    public string Tool => Params.Text("name") ?? "";

    public JsonElement Arguments => Params.Member("arguments");

    public CancellationToken Cancelled => Cancellation.Token;

    /// <summary>What the client says it can do: of this request (modern) or of its initialize (legacy).</summary>
    public JsonElement ClientCapabilities => IsModern ? Meta.Member(Modern.CapabilitiesKey) : Session.ClientCapabilities;

    internal CancellationTokenSource Cancellation { get; }

    /// <summary>Ends the HTTP connection of this call's stream; the rest of the stream waits for `Last-Event-ID`.</summary>
    internal Action? DropConnection { get; set; }

    /// <summary>The stream of a modern `subscriptions/listen` keeps this turn open.</summary>
    internal TaskCompletionSource? Listening { get; set; }

    /// <summary>Sends a notification on this call's own stream.</summary>
    public ValueTask NotifyAsync(string method, JsonObject parameters) => related(Notification(method, parameters));

    /// <summary>Sends a notification that belongs to no call: the GET stream of a session.</summary>
    public ValueTask NotifyApartAsync(string method, JsonObject parameters) => Session.Unrelated(Notification(method, parameters));

    /// <summary>Reports progress if the request carries a token.</summary>
    public async ValueTask ProgressAsync(int progress, int total, string? text = null)
    {
        var token = Meta.Member("progressToken");
        if (token.ValueKind == JsonValueKind.Undefined)
        {
            return;
        }

        var parameters = new JsonObject { ["progressToken"] = token.ToNode(), ["progress"] = progress, ["total"] = total };
        if (text is not null)
        {
            parameters["message"] = text;
        }

        if (Server.ProgressOnGet && !IsModern)
        {
            await NotifyApartAsync("notifications/progress", parameters);
            return;
        }

        await NotifyAsync("notifications/progress", parameters);
    }

    /// <summary>
    /// Asks the client something. A legacy client gets a request of ours on this call's stream; a modern one gets the
    /// result `input_required`, and the whole call is made anew with the answer, so this throws until it is there.
    /// </summary>
    public ValueTask<JsonElement> AskAsync(string key, string method, JsonObject parameters)
    {
        var capability = method[..method.IndexOf('/', StringComparison.Ordinal)];
        if (!ClientCapabilities.Has(capability))
        {
            throw IsModern
                ? new RpcException(Modern.MissingCapability, $"this needs the capability {capability}", new JsonObject { ["requiredCapabilities"] = new JsonObject { [capability] = new JsonObject() } }, 400)
                : new RpcException(-32603, $"the client cannot answer {method}");
        }

        return IsModern ? Modern.AnswerOf(this, key, method, parameters) : Session.AskAsync(method, parameters, related, Cancelled);
    }

    internal static string Notification(string method, JsonObject parameters) =>
        new JsonObject { ["jsonrpc"] = "2.0", ["method"] = method, ["params"] = parameters }.Write();
}
