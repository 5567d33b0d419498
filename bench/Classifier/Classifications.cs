using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Callgate.Catalogue;

namespace Callgate.Bench.Classifier;

/// <summary>One tool classified, its definition parsed beforehand.</summary>
public class Classifications
{
    private const string Sentence = "Cancel a run that is currently pending or running; the run stops where it is and ends in the state cancelled. ";

    private readonly JsonElement small = Tool("cancel_run", "Cancel a job run", 1);
    private readonly JsonElement typical = Tool("flowforge_cancel_run", string.Concat(Enumerable.Repeat(Sentence, 4)), 8);
    private readonly JsonElement large = Tool("update_everything_of_a_project", string.Concat(Enumerable.Repeat(Sentence, 19)), 60);
    private readonly JsonElement hostile = Tool(new string('n', 10_000), new string('d', 100_000) + ". Deletes", 10_000);
    private readonly JsonElement[] labelled =
    [
        .. File.ReadLines(Path.Combine(Root(), "catalogue", "labels.jsonl")).Select(static line => JsonElement.Parse(line))
            .Select(static line => Tool(line.GetProperty("tool").GetString()!, line.GetProperty("description").GetString() ?? "", 4)),
    ];

    [Benchmark(Baseline = true)]
    public ToolClassification ShortDescriptionOneArgument() => ToolClassifier.Shipped.Classify(small, "Databricks");

    [Benchmark]
    public ToolClassification FourSentencesEightArguments() => ToolClassifier.Shipped.Classify(typical, "Flowforge");

    [Benchmark]
    public ToolClassification AtTheBoundOfTheDescriptionSixtyArguments() => ToolClassifier.Shipped.Classify(large, "Projects");

    [Benchmark]
    public ToolClassification HostileOfSixHundredKilobytes() => ToolClassifier.Shipped.Classify(hostile, "Evil");

    [Benchmark]
    public int AllLabelledTools()
    {
        var critical = 0;
        foreach (var tool in labelled)
        {
            critical += ToolClassifier.Shipped.Classify(tool).Risk == RiskLevel.Critical ? 1 : 0;
        }

        return critical;
    }

    private static JsonElement Tool(string name, string description, int arguments)
    {
        var properties = Enumerable.Range(0, arguments).ToDictionary(static i => $"{(i % 4) switch { 0 => "run_id", 1 => "file_path", 2 => "query", _ => "limit" }}_{i}", static _ => new { type = "string", description = "what it is" });
        return JsonElement.Parse(JsonSerializer.SerializeToUtf8Bytes(new { name, description, inputSchema = new { type = "object", properties }, annotations = new { readOnlyHint = false } }));
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Callgate.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("the measure runs outside the repository");
    }
}
