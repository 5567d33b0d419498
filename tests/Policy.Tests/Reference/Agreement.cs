using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Callgate.Policy.Tests.Reference;

/// <summary>Goes through generated cases with both evaluators, and makes the first disagreement small enough to read.</summary>
internal sealed class Agreement(int seed, int triples)
{
    private const int CallsPerDocument = 50;

    public int Seed => seed;

    public static Agreement FromEnvironment() => new(
        Read("CALLGATE_SEED") ?? Random.Shared.Next(),
        Read("CALLGATE_TRIPLES") ?? 200_000);

    private static int? Read(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } text ? int.Parse(text, CultureInfo.InvariantCulture) : null;

    /// <summary>The naive side alone, for counting what it meets.</summary>
    public void Run(Action<NaiveDecision> decided, Action<string, bool?> seen)
    {
        for (var index = 0; index * CallsPerDocument < triples; index++)
        {
            var policy = JsonSerializer.SerializeToElement(PolicyGenerator.Document(seed, index));
            foreach (var call in Calls(index))
            {
                decided(new NaiveEvaluator(policy, call, seen).Judge());
            }
        }
    }

    /// <summary>What is wrong first, told whole; null where both sides agree on every case.</summary>
    public string? Compare(Func<byte[], Func<NaiveFacts, NaiveDecision>> engine)
    {
        for (var index = 0; index * CallsPerDocument < triples; index++)
        {
            var document = PolicyGenerator.Document(seed, index);
            var policy = JsonSerializer.SerializeToElement(document);
            Func<NaiveFacts, NaiveDecision> judge;
            try
            {
                judge = engine(Bytes(document));
            }
            catch (InvalidOperationException refused)
            {
                return $"seed {seed}, document {index}: the engine does not take it: {refused.Message}\n{document.ToJsonString()}";
            }

            var number = 0;
            foreach (var call in Calls(index))
            {
                if (new NaiveEvaluator(policy, call).Judge() != Answer(judge, call)) return Tell(engine, index, number, call);
                number++;
            }
        }

        return null;
    }

    private IEnumerable<NaiveFacts> Calls(int index) => Enumerable.Range(0, Math.Min(CallsPerDocument, triples - (index * CallsPerDocument)))
        .Select(number => CallGenerator.Call(seed, index, number));

    private string Tell(Func<byte[], Func<NaiveFacts, NaiveDecision>> engine, int index, int number, NaiveFacts call)
    {
        var document = PolicyGenerator.Document(seed, index);
        var small = Shrunk(document, candidate => Disagree(engine, candidate, call));
        var args = JsonNode.Parse(call.Args?.GetRawText() ?? "{}")!.AsObject();
        var smallArgs = Shrunk(args, candidate => Disagree(engine, small, call with { Args = JsonSerializer.SerializeToElement(candidate) }));
        var smallCall = call.Args is null ? call : call with { Args = JsonSerializer.SerializeToElement(smallArgs) };
        return new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"seed {seed}, document {index}, call {number}:")
            .AppendLine(Shown(document.ToJsonString()))
            .AppendLine(Shown(call + " " + args.ToJsonString()))
            .AppendLine(CultureInfo.InvariantCulture, $"naive:  {Naive(document, call)}")
            .AppendLine(CultureInfo.InvariantCulture, $"engine: {Answer(engine(Bytes(document)), call)}")
            .AppendLine("shrunk:")
            .AppendLine(Shown(small.ToJsonString()))
            .AppendLine(Shown(smallArgs.ToJsonString()))
            .AppendLine(CultureInfo.InvariantCulture, $"naive:  {Naive(small, smallCall)}")
            .AppendLine(CultureInfo.InvariantCulture, $"engine: {Answer(engine(Bytes(small)), smallCall)}")
            .ToString();
    }

    /// <summary>What the engine says; an exception is an answer that never agrees.</summary>
    private static NaiveDecision Answer(Func<NaiveFacts, NaiveDecision> judge, NaiveFacts call)
    {
        try
        {
            return judge(call);
        }
        catch (Exception thrown)
        {
            return new("threw", thrown.GetType().Name, thrown.Message, "");
        }
    }

    private static bool Disagree(Func<byte[], Func<NaiveFacts, NaiveDecision>> engine, JsonObject document, NaiveFacts call)
    {
        try
        {
            return Answer(engine(Bytes(document)), call) != Naive(document, call);
        }
        catch (Exception)
        {
            // A smaller document that one side does not take is no smaller case.
            return false;
        }
    }

    /// <summary>Takes away members and elements, one at a time, as long as the disagreement stays.</summary>
    internal static JsonObject Shrunk(JsonObject whole, Func<JsonObject, bool> stays)
    {
        for (var index = 0; index < Removals(whole).Count();)
        {
            var smaller = whole.DeepClone().AsObject();
            Removals(smaller).ElementAt(index)();
            if (stays(smaller))
            {
                whole = smaller;
                index = 0;
            }
            else
            {
                index++;
            }
        }

        return whole;
    }

    private static IEnumerable<Action> Removals(JsonNode? node) => node switch
    {
        JsonObject members => members.ToArray().SelectMany(member => Removals(member.Value).Prepend(() => members.Remove(member.Key))),
        JsonArray elements => Enumerable.Range(0, elements.Count)
            .SelectMany(index => Removals(elements[index]).Prepend(() => elements.RemoveAt(index))),
        _ => [],
    };

    private static NaiveDecision Naive(JsonObject document, NaiveFacts call) =>
        new NaiveEvaluator(JsonSerializer.SerializeToElement(document), call).Judge();

    private static byte[] Bytes(JsonObject document) => JsonSerializer.SerializeToUtf8Bytes(document);

    private static string Shown(string text) => text.Length <= 4_000 ? text : text[..4_000] + "…";
}
