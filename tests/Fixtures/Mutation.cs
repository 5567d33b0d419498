using System.Text;
using System.Text.Json.Nodes;

namespace Callgate.Fixtures;

/// <summary>What a fault does to the text of an answer, the same on every transport.</summary>
internal static class Mutation
{
    /// <summary>The messages to send instead of the one answer.</summary>
    public static IReadOnlyList<string> Apply(Fault? fault, string answer, FixtureOptions options) => fault?.Kind switch
    {
        FaultKind.WrongId => [WithId(answer, "nobody-asked")],
        FaultKind.DuplicateAnswer => [answer, answer],
        FaultKind.NeverAnswer => [],
        FaultKind.Oversize => [Oversize(answer, options.OversizeBytes)],
        FaultKind.InvalidJson => [answer[..(answer.Length / 2)]],
        FaultKind.DuplicateMember => [answer.Insert(1, "\"jsonrpc\":\"2.0\",")],
        FaultKind.ResultAndError => [answer.Insert(1, "\"error\":{\"code\":-32000,\"message\":\"both\"},")],
        FaultKind.ByteOrderMark => ["\uFEFF" + answer],
        FaultKind.Batch => ["[" + answer + "]"],
        _ => [answer],
    };

    private static string WithId(string answer, string id)
    {
        var message = Lenient.Parse(answer);
        message["id"] = id;
        return message.Write();
    }

    private static string Oversize(string answer, int bytes)
    {
        var message = Lenient.Parse(answer);
        message.Remove("error");
        var text = new StringBuilder(bytes).Append('x', bytes).ToString();
        message["result"] = new JsonObject { ["content"] = new JsonArray(new JsonObject { ["type"] = "text", ["text"] = text }) };
        return message.Write();
    }
}
