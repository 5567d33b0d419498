using System.Text;
using Xunit;

namespace Callgate.Catalogue.Tests;

public sealed class ReviewedOverridesTests
{
    [Fact]
    public void Shipped_TheFileOfThePack_IsWhatIsBuiltIn()
    {
        var read = ReviewedOverrides.Read(File.ReadAllBytes(Repository.At("catalogue", "overrides.jsonl")));

        Assert.Equal(read.All, ReviewedOverrides.Shipped.All);
        Assert.NotEmpty(read.All);
    }

    [Theory]
    [InlineData("Databricks MCP Server", "cancel_run", true)]
    [InlineData("databricks-mcp-server", "cancel_run", true)]
    [InlineData("databricks_mcp_server", "Cancel_Run", false)]
    [InlineData("databricks", "cancel_run", false)]
    public void Find_ServerLooselyAndToolExactly(string server, string tool, bool found) =>
        Assert.Equal(found, ReviewedOverrides.Shipped.Find(server, tool) is not null);

    [Theory]
    [InlineData("{", "line 1: no JSON")]
    [InlineData("[]", "line 1: `category` is missing; it is a text")]
    [InlineData("""{"server":"a","tool":"b","category":"Bad","reason":"c"}""", "line 1: there is no category `Bad`; use one of Read, Write, Execute, Destructive, Financial, Other")]
    [InlineData("""{"server":"a","tool":"b","category":"1","reason":"c"}""", "line 1: there is no category `1`; use one of Read, Write, Execute, Destructive, Financial, Other")]
    [InlineData("""{"server":"a","tool":"b","category":"Read","reason":""}""", "line 1: `reason` is missing; it is a text")]
    [InlineData("\n{\"server\":\"a\",\"tool\":7,\"category\":\"Read\",\"reason\":\"c\"}", "line 2: `tool` is missing; it is a text")]
    [InlineData("""
        {"server":"a b","tool":"t","category":"Read","reason":"c"}
        {"server":"A-B","tool":"t","category":"Write","reason":"d"}
        """, "line 2: `t` of `A-B` is there already; keep one of the two")]
    public void Read_AWrongLine_IsNamed(string text, string message) =>
        Assert.Equal(message, Assert.Throws<FormatException>(() => ReviewedOverrides.Read(Encoding.UTF8.GetBytes(text))).Message);

    [Fact]
    public void Read_EmptyLinesAndCarriageReturns_AreSkipped() =>
        Assert.Single(ReviewedOverrides.Read(Encoding.UTF8.GetBytes("\r\n{\"server\":\"a\",\"tool\":\"b\",\"category\":\"Read\",\"reason\":\"c\"}\r\n\n")).All);

    /// <summary>A review of a label says what the label was, so that it falls away when the label changes.</summary>
    [Fact]
    public void LabelReviews_EachOfThem_FitsALabelAndChangesIt()
    {
        var tools = Figures.LabelledTool.ReadAll(Repository.At("catalogue"));

        Assert.Equal(File.ReadLines(Repository.At("catalogue", "label-reviews.jsonl")).Count(), tools.Count(static tool => tool.Raw != tool.Reviewed));
    }
}
