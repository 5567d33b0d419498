using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>What a client sent and what it had for it.</summary>
/// <param name="Sent">What was sent, for people: one line.</param>
/// <param name="Answer">The answer; null when none came.</param>
/// <param name="Fault">Why none came.</param>
internal sealed record Exchange(string Sent, WireAnswer? Answer, string? Fault)
{
    private JsonElement? response;

    /// <summary>The one response in the answer.</summary>
    public JsonElement Response => response ??= Answer?.Response() ?? default;

    /// <summary>The response, or the whole body where it is none of MCP.</summary>
    public JsonElement Whole => Response.ValueKind == JsonValueKind.Object ? Response : Json.Lenient(Answer?.Body ?? []);

    /// <summary>The client has what it asked for. A stream of several responses counts when one of them is such.</summary>
    public bool IsAnswered => Answer is { Status: >= 200 and < 300 } && Answer.Messages().Any(static message => message.Has("result") && !message.Member("result").IsTrue("isError"));

    /// <summary>The client was told no, in any way that is an answer.</summary>
    public bool IsRefused => !IsAnswered && Answer is { Status: < 500 or 501 or 505 } && (Answer.Status >= 400 || Answer.Messages().Any(static message => message.Has("error") || message.Member("result").IsTrue("isError")));

    /// <summary>The code of the refusal, as this project's gate tells it.</summary>
    public string? Denial => Response.Member("result").Member("_meta").Member("callgate/denial").Text("code") ?? Response.Member("error").Member("data").Text("code");

    public override string ToString()
    {
        var seen = Answer is null ? $"nothing ({Fault})" : $"{Answer.Status}{(Answer.IsCut ? ", cut" : "")} {Shortened.Of(Answer.Text, 300)}";
        return $"{seen} for {Shortened.Of(Sent, 300)}";
    }
}
