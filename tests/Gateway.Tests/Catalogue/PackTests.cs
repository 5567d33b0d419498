using Callgate.Catalogue;
using Callgate.Gateway.Catalogue;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>The servers that ship with the product.</summary>
public sealed class PackTests
{
    private static readonly IReadOnlyList<CatalogueItem> Pack = CataloguePack.Read();

    [Fact]
    public void Pack_Whole_NamesEachServerOnceAndHoldsTheFiveSystems()
    {
        Assert.Equal(Pack.Count, Pack.Select(static item => item.Entry.Name).Distinct(StringComparer.Ordinal).Count());
        Assert.Empty(new[] { "Databricks MCP Server", "Flowforge", "Mcp Dagster", "PiloTY", "Trigger Dev" }.Except(Pack.Select(static item => item.Entry.Title), StringComparer.Ordinal));
        Assert.True(Pack.Count(static item => item.Entry.Tools.Count > 2) >= 35);
        Assert.All(Pack, static item => Assert.True(item is { IsPublic: true, Source: CatalogueSource.Pack, Entry.Tools.Count: > 0, Entry.Description.Length: > 0 }, item.Entry.Name));
    }

    /// <summary>As the pages say that the product was created from.</summary>
    [Theory]
    [InlineData("Mcp Dagster", "terminate_run", RiskCategory.Destructive)]
    [InlineData("Trigger Dev", "cancel_run", RiskCategory.Destructive)]
    [InlineData("Flowforge", "flowforge_cancel_run", RiskCategory.Destructive)]
    [InlineData("Databricks MCP Server", "cancel_run", RiskCategory.Execute)]
    [InlineData("PiloTY", "terminate", RiskCategory.Write)]
    public void Tool_OfASeed_ComesOutAsItsPageSays(string server, string tool, RiskCategory category)
    {
        var definition = Pack.Single(item => item.Entry.Title == server).Entry.Tools.Single(one => one.GetProperty("name").GetString() == tool);

        Assert.Equal(category, ToolClassifier.Shipped.Classify(definition, server).Settled);
    }

    [Fact]
    public void Policy_RecommendedForAnyServerOfThePack_IsValidWhenItIsPasted()
    {
        foreach (var item in Pack)
        {
            var tools = item.Entry.Tools.Select(tool => OfferedTool.Of(tool, ToolClassifier.Shipped.Classify(tool, item.Entry.Title).Settled?.ToString())!).ToList();
            var compiled = PolicyCompiler.Compile(PolicyRecommendation.Write(tools), null, tools);

            Assert.True(compiled.Diagnostics.IsEmpty && compiled.Warnings.IsEmpty, $"{item.Entry.Name}: {string.Join("; ", compiled.Diagnostics.Concat(compiled.Warnings).Select(static found => found.Message).Take(5))}");
        }
    }
}
