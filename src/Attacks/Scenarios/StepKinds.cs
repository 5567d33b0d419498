using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Scenarios;

/// <summary>The kinds of steps, and which members each may have.</summary>
internal static class StepKinds
{
    private static readonly string[] Common = ["note", "eras"];

    /// <summary>Of whatever gets an answer.</summary>
    private static readonly string[] Asking = ["as", "expect", "each", "repeat", "parallel", "until", "count", "up", "record", "save", "grant", "server", "token"];

    private static readonly string[] Framed = ["headers", "without", "path", "verb", "capabilities", "encoding"];

    private static readonly Dictionary<string, string[]> Members = new(StringComparer.Ordinal)
    {
        // A whole message of the era: what is named, called with `args`, or with `args_text` byte for byte.
        ["call"] = [.. Common, .. Asking, .. Framed, "args", "args_text", "meta", "id", "more", "mirror", "reconnect", "client"],
        ["method"] = [.. Common, .. Asking, .. Framed, "params", "params_text", "id", "mirror", "reconnect"],

        // The text of a body, under the headers of an honest call.
        ["body"] = [.. Common, .. Asking, .. Framed, "mirror", "encoding", "mirror_method"],

        // The bytes of a connection.
        ["raw"] = [.. Common, .. Asking, "closed"],

        // A request to administration or to a page, as whoever `as_who` says.
        ["http"] = [.. Common, .. Asking, "headers", "body", "json", "as_who", "side"],

        // Connections that send a part and then nothing.
        ["slow"] = [.. Common, "connections"],
        ["open"] = [.. Common, "as", "grant", "server"],
        ["closed"] = [.. Common],
        ["tell"] = [.. Common, "times", "server"],
        ["upstream"] = [.. Common, "server"],
        ["policy"] = [.. Common, "name", "expect"],
        ["policy_text"] = [.. Common, "name", "expect", "each"],
        ["revoke"] = [.. Common],
        ["approve"] = [.. Common, "expect", "grant"],
        ["pending"] = [.. Common, "hasnt", "has"],
        ["same"] = [.. Common, "mask", "differ"],
        ["streamed"] = [.. Common, "at_most", "method"],
        ["seen"] = [.. Common, "at_most"],
        ["restart"] = [.. Common],
        ["kill"] = [.. Common],
        ["load"] = [.. Common, "clients", "until", "server", "tool"],
        ["pause"] = [.. Common],
        ["canary"] = [.. Common],
        ["headers_up"] = [.. Common, "hasnt", "has"],
        ["record"] = [.. Common, "hasnt", "has", "lines", "within", "spacing", "revisions", "ordered", "growth"],
        ["file"] = [.. Common, "exists"],
        ["measure"] = [.. Common, "most"],
        ["full_disk"] = [.. Common],
        ["store"] = [.. Common],
        ["swaps"] = [.. Common, "odd", "even", "calls", "clients"],
    };

    /// <summary>The kind of a step that was checked: its first member.</summary>
    public static string Of(JsonElement step) => step.EnumerateObject().First().Name;

    public static void Check(JsonElement step, string where)
    {
        // A kind may have the name of another kind's member, so the first member says which it is.
        if (step.Members().FirstOrDefault().Name is not { } kind || !Members.TryGetValue(kind, out var members))
        {
            throw new ScenarioFault($"`{where}` begins with no kind of step");
        }

        ScenarioReader.Known(step, where, [kind, .. members]);
        Expectation.Check(step.Member("expect"), where);
    }
}
