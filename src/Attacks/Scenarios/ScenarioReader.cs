using System.Reflection;
using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Attacks.Upstreams;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Scenarios;

/// <summary>Reads scenarios. What a file says and nobody would look at is an error, so that no scenario proves less than it seems to.</summary>
public static partial class ScenarioReader
{
    private static readonly string[] Members =
        ["id", "title", "property", "weakness", "eras", "expect", "outside", "gate", "policy", "policies", "grants", "server", "servers", "upstream", "seed", "patience", "note", "twin", "attack"];

    private static readonly string[] ServerMembers = ["tools", "answers", "instructions", "capabilities", "streams", "list_members", "faces"];

    /// <summary>The scenarios that came with this assembly, by id.</summary>
    public static IReadOnlyList<Scenario> Shipped()
    {
        var assembly = typeof(ScenarioReader).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(static name => name.StartsWith("scenarios/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => Read(Text(assembly, name), Path.GetFileNameWithoutExtension(name)))];
    }

    /// <param name="text">The file.</param>
    /// <param name="name">The name of the file, which is the id.</param>
    public static Scenario Read(string text, string name)
    {
        try
        {
            return Read(YamlTree.Read(text), name);
        }
        catch (Exception fault) when (fault is ScenarioFault or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            throw new ScenarioFault($"{name}: {fault.Message}");
        }
    }

    private static Scenario Read(JsonElement document, string name)
    {
        Known(document, "", Members);
        var id = Required(document, "id");
        if (id != name || !Id().IsMatch(id))
        {
            throw new ScenarioFault($"`id` is `{id}`, not the name of the file");
        }

        var expected = document.Text("expect") switch
        {
            null or "held" => Outcome.Held,
            "breached" => Outcome.Breached,
            var other => throw new ScenarioFault($"`expect` is held or breached, not `{other}`"),
        };
        var scenario = new Scenario
        {
            Id = id,
            Title = Required(document, "title"),
            Properties = Each(document, "property", static property => Property().IsMatch(property), "S1 to S18"),
            Weaknesses = document.Has("weakness") ? Each(document, "weakness", static weakness => Word().IsMatch(weakness), "words") : [],
            Eras = ErasOf(document),
            Expected = expected,
            Outside = document.IsTrue("outside"),
            OwnGate = document.Member("gate") is { ValueKind: JsonValueKind.Object } own ? own : null,
            Twin = Steps(document, "twin"),
            Attack = Steps(document, "attack"),
            Document = document,
            Seed = document.Member("seed") is { ValueKind: JsonValueKind.Number } seed ? seed.GetInt32() : 1,
            Patience = TimeSpan.FromSeconds(document.Member("patience") is { ValueKind: JsonValueKind.Number } patience ? patience.GetInt32() : 30),
        };
        if (expected == Outcome.Held && scenario.Weaknesses.Count == 0)
        {
            throw new ScenarioFault("`weakness` is missing: a scenario must name one that it catches");
        }

        Known(document.Member("gate"), "gate", ["config", "alone", "small_disk"]);
        Servers(document);
        return scenario;
    }

    private static void Servers(JsonElement document)
    {
        foreach (var spec in document.Member("servers").Members().Select(static server => server.Value).Append(document.Member("upstream")))
        {
            Known(spec, "upstream", ServerMembers);
            foreach (var answer in spec.Member("answers").Members())
            {
                Known(answer.Value, $"upstream.answers.{answer.Name}", ScriptedAnswer.Members);
            }
        }
    }

    private static List<JsonElement> Steps(JsonElement document, string part)
    {
        var steps = document.Member(part).Items().ToList();
        if (steps.Count == 0)
        {
            throw new ScenarioFault($"`{part}` has no steps");
        }

        for (var i = 0; i < steps.Count; i++)
        {
            StepKinds.Check(steps[i], $"{part}[{i}]");
        }

        return steps;
    }

    private static List<Era> ErasOf(JsonElement document)
    {
        if (!document.Has("eras"))
        {
            return [Era.Modern, Era.Legacy];
        }

        return [.. Each(document, "eras", static version => Eras.Of(version) is not null, "known versions").Select(static version => Eras.Of(version)!.Value)];
    }

    private static List<string> Each(JsonElement document, string member, Func<string, bool> fits, string what)
    {
        var value = document.Member(member);
        List<string> all = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(static item => item.AsText() ?? "")] : [value.AsText() ?? ""];
        return all.Count > 0 && all.TrueForAll(one => fits(one)) ? all : throw new ScenarioFault($"`{member}` has to be {what}");
    }

    private static string Required(JsonElement document, string member) =>
        document.Text(member) is { Length: > 0 } text ? text : throw new ScenarioFault($"`{member}` is missing");

    internal static void Known(JsonElement value, string where, string[] members)
    {
        foreach (var member in value.Members())
        {
            if (!members.Contains(member.Name, StringComparer.Ordinal))
            {
                throw new ScenarioFault($"`{where}{(where.Length > 0 ? "." : "")}{member.Name}` is no member here");
            }
        }
    }

    private static string Text(Assembly assembly, string name)
    {
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    [GeneratedRegex("^(?:A(?:0[1-9]|[1-4][0-9]|5[0-5])|B(?:0[1-9]|[12][0-9]|3[0-4])|T0[1-6]|O0[1-5])$")]
    private static partial Regex Id();

    [GeneratedRegex("^S(?:[1-9]|1[0-8])$")]
    private static partial Regex Property();

    [GeneratedRegex("^[a-z]+(?:-[a-z0-9]+)*$")]
    private static partial Regex Word();
}
