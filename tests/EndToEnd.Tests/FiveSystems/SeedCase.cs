using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Fixtures;

namespace Callgate.EndToEnd.Tests.FiveSystems;

/// <summary>What the page of one system promises: a tool that is gone, or one that is capped.</summary>
public sealed record SeedCase(string Name, string? Hidden, string? Capped, int Max)
{
    private static readonly SeedCase[] All =
    [
        new("dagster", "terminate_run", null, 0),
        new("trigger", "cancel_run", null, 0),
        new("databricks", null, "cancel_run", 10),
        new("flowforge", "flowforge_cancel_run", null, 0),
        new("piloty", null, "terminate", 30),
    ];

    /// <summary>The policy exactly as the page prints it.</summary>
    public string PolicyFile => Path.Combine(AppContext.BaseDirectory, "FiveSystems", Name + ".policy.json");

    public static SeedCase Of(string name) => All.Single(c => c.Name == name);

    /// <summary>Arguments that fit the tool's own schema; the number makes each call another one.</summary>
    public static JsonObject Arguments(string tool, int number) => tool switch
    {
        "cancel_run" => new JsonObject { ["run_id"] = number },
        "terminate" => new JsonObject { ["session_id"] = $"terminal-{number}" },
        _ => [],
    };

    /// <summary>The definitions the upstream really serves.</summary>
    public IReadOnlyList<JsonElement> UpstreamTools()
    {
        using var stream = typeof(FixtureServer).Assembly.GetManifestResourceStream(Name + ".tools.json")!;
        using var document = JsonDocument.Parse(stream);
        return [.. document.RootElement.GetProperty("tools").EnumerateArray().Select(t => t.Clone())];
    }
}
