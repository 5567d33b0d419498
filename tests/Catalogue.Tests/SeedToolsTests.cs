using System.Text.Json;
using Xunit;

namespace Callgate.Catalogue.Tests;

/// <summary>The five tools whose pages the product was made from, with the texts of those pages.</summary>
public sealed class SeedToolsTests
{
    private const string Identifier = """{"type":"object","properties":{"run_id":{"type":"string"}},"required":["run_id"]}""";

    [Theory]
    [InlineData("Mcp Dagster", "terminate_run", "Terminate an in-progress Dagster run", RiskCategory.Destructive)]
    [InlineData("Trigger Dev", "cancel_run", "Cancel an active task run", RiskCategory.Destructive)]
    [InlineData("Flowforge", "flowforge_cancel_run", "Cancel a run that is currently pending or running. Irreversible: the run stops where it is.", RiskCategory.Destructive)]
    [InlineData("Databricks MCP Server", "cancel_run", "Cancel a job run", RiskCategory.Execute)]
    [InlineData("PiloTY", "terminate", "Terminate a PTY session. Future calls using the same session_id are rejected.", RiskCategory.Write)]
    public void Shipped_ToolOfASeed_ComesOutAsItsPageSays(string server, string tool, string description, RiskCategory category)
    {
        var found = ToolClassifier.Shipped.Classify(Tools.Definition(tool, description, Identifier), server);

        Assert.Equal(category, found.Category);
        Assert.True(found.IsClassified);
        Assert.Equal(RiskLevels.Of(category), found.Risk);
        Assert.Contains(found.Signals, static signal => signal.Kind == RiskSignalKind.AbortsRunningWork);
    }

    [Theory]
    [InlineData("Mcp Dagster", "terminate_run")]
    [InlineData("Trigger Dev", "cancel_run")]
    [InlineData("Flowforge", "flowforge_cancel_run")]
    public void Shipped_TheThreeDestructiveOnes_NeedNoOverride(string server, string tool) => Assert.Null(ReviewedOverrides.Shipped.Find(server, tool));

    [Fact]
    public void Shipped_AnOverride_GivesItsReason()
    {
        var found = ToolClassifier.Shipped.Classify(Tools.Definition("terminate"), "piloty");

        Assert.Equal(1, found.Confidence);
        Assert.NotNull(found.OverrideReason);
        Assert.Contains(found.OverrideReason, found.Evidence[0].Says, StringComparison.Ordinal);
    }

    /// <summary>An override is for one server: the same name elsewhere is judged by its definition.</summary>
    [Fact]
    public void Shipped_TheSameNameElsewhere_IsNotOverridden()
    {
        Assert.Equal(RiskCategory.Destructive, ToolClassifier.Shipped.Classify(Tools.Definition("cancel_run", "Cancel a job run"), "Somebody else").Category);
        Assert.Equal(RiskCategory.Destructive, ToolClassifier.Shipped.Classify(Tools.Definition("cancel_run", "Cancel a job run")).Category);
    }

    /// <summary>The names of the five systems, with the descriptions of our stand-ins.</summary>
    [Theory]
    [InlineData("dagster")]
    [InlineData("databricks")]
    [InlineData("flowforge")]
    [InlineData("piloty")]
    [InlineData("trigger")]
    public void Rules_ToolsOfTheFiveSystems_ReadWhatTheirNamesSay(string system)
    {
        var list = JsonElement.Parse(File.ReadAllBytes(Repository.At("tests", "Fixtures", "Systems", system + ".tools.json"))).GetProperty("tools");
        foreach (var tool in list.EnumerateArray())
        {
            var name = tool.GetProperty("name").GetString()!;
            var expected = name.Split('_') switch
            {
                var parts when parts.Contains("delete") || parts.Contains("uninstall") || parts.Contains("cancel") || parts.Contains("terminate") => RiskCategory.Destructive,
                var parts when parts.Contains("list") || parts.Contains("get") => RiskCategory.Read,
                var parts when parts.Contains("create") || parts.Contains("update") => RiskCategory.Write,
                _ => (RiskCategory?)null,
            };
            Assert.True(expected is null || Tools.Of(name).Category == expected, $"{name} of {system}: {Tools.Of(name).Category}");
        }
    }
}
