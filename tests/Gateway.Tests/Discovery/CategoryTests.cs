using System.Text.Json;
using Callgate.Gateway.Discovery;
using Callgate.Policy;
using Xunit;

namespace Callgate.Gateway.Tests.Discovery;

/// <summary>A category that an operator gave a tool holds in every era of the server, whatever comes later.</summary>
public sealed class CategoryTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 4, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Later_EraOfAKnownServer_TakesTheCategories()
    {
        var reviewed = PinComparison.Categorise(PinComparison.First("up", Shown("a", "b"), Now), "a", ToolCategory.Destructive);

        var later = PinComparison.Later("up@2026-07-28", Shown("a", "b"), reviewed, Now);

        Assert.Equal(ToolCategory.Destructive, later.Tools["a"].Category);
        Assert.Null(later.Tools["b"].Category);
    }

    [Fact]
    public void Accept_ToolThatWaitedInOneEra_TakesTheCategoryOfTheOther()
    {
        var legacy = PinComparison.Categorise(PinComparison.First("up", Shown("a"), Now), "a", ToolCategory.Financial);
        var waiting = PinComparison.Later("up@2026-07-28", Described("a", "another"), legacy, Now);
        Assert.True(waiting.Waiting.ContainsKey("a"));

        var accepted = PinComparison.Accept(waiting, legacy, Acceptance.All);

        Assert.Equal(ToolCategory.Financial, accepted.Tools["a"].Category);
    }

    [Fact]
    public void Accept_NameThatDriftedAndWaitsAsWell_TakesWhatItDriftedTo()
    {
        var server = new Callgate.Gateway.Upstreams.ServerDefinition { Name = "up", Transport = Callgate.Gateway.Upstreams.TransportKind.Http };
        var pinned = PinComparison.First("up", Shown("a"), Now);
        var drifted = PinComparison.Compare(pinned, server, Described("a", "another").Tools, []) with { Waiting = PinComparison.First("up", Described("a", "a third"), Now).Tools };

        var accepted = PinComparison.Accept(drifted, null, Acceptance.All);

        Assert.Equal("another", JsonElement.Parse(accepted.Tools["a"].Definition.Span).GetProperty("description").GetString());
        Assert.Empty(accepted.Waiting);
    }

    [Fact]
    public void Accept_ToolThatDrifted_KeepsItsCategory()
    {
        var pinned = PinComparison.Categorise(PinComparison.First("up", Shown("a"), Now), "a", ToolCategory.Write);
        var server = new Callgate.Gateway.Upstreams.ServerDefinition { Name = "up", Transport = Callgate.Gateway.Upstreams.TransportKind.Http };
        var drifted = PinComparison.Compare(pinned, server, Described("a", "another").Tools, []);
        Assert.NotNull(drifted.Tools["a"].DriftedTo);

        Assert.Equal(ToolCategory.Write, PinComparison.Accept(drifted, null, Acceptance.All).Tools["a"].Category);
    }

    [Theory]
    [InlineData("delete_order", "Deletes an order for good.", ToolCategory.Destructive)]
    [InlineData("list_orders", "Lists the orders.", ToolCategory.Read)]
    [InlineData("xqzt", "", null)]
    public void First_ToolOfADefinition_HasTheCategoryThatItSays(string name, string description, ToolCategory? category) =>
        Assert.Equal(category, PinComparison.First("up", Described(name, description), Now).Tools[name].Category);

    [Fact]
    public void Accept_DefinitionOfAMoreDangerousCategory_RaisesIt()
    {
        var server = new Callgate.Gateway.Upstreams.ServerDefinition { Name = "up", Transport = Callgate.Gateway.Upstreams.TransportKind.Http };
        var pinned = PinComparison.Categorise(PinComparison.First("up", Described("order", "Lists the orders."), Now), "order", ToolCategory.Read);
        var worse = PinComparison.Compare(pinned, server, Described("order", "Deletes all orders for good.").Tools, []);
        var accepted = PinComparison.Accept(worse, null, Acceptance.All);
        var milder = PinComparison.Accept(PinComparison.Compare(accepted, server, Described("order", "Lists the orders.").Tools, []), null, Acceptance.All);

        // A definition that only says less does not take a category down: that is an operator's to do.
        Assert.Equal((ToolCategory.Read, ToolCategory.Destructive, ToolCategory.Destructive), (pinned.Tools["order"].Category, accepted.Tools["order"].Category, milder.Tools["order"].Category));
    }

    private static Showing Shown(params string[] names) => Shown(names, "");

    private static Showing Described(string name, string description) => Shown([name], description);

    private static Showing Shown(IEnumerable<string> names, string description) => new(
        [.. names.Select(name => JsonElement.Parse($$"""{ "name": "{{name}}", "description": "{{description}}", "inputSchema": { "type": "object" } }"""))], null, "2025-11-25", "server");
}
