using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using Callgate.Gateway.Telemetry;
using Callgate.Gateway.Tests.Repository;
using Xunit;

namespace Callgate.Gateway.Tests.Telemetry;

public sealed partial class PrometheusTextTests
{
    [Fact]
    public void Add_MoreLabelsThanASeriesHas_CountsWithTheFirst()
    {
        using var text = new PrometheusText([]);
        using var meter = new Meter(Meters.Name);
        var counter = meter.CreateCounter<long>("callgate_four_labels_total");

        counter.Add(1, new("a", 1), new("b", 2), new("c", 3), new("d", 4));
        counter.Add(1, new("a", 1), new("b", 2), new("c", 3), new("d", 5));

        Assert.Contains("callgate_four_labels_total{a=\"1\",b=\"2\",c=\"3\"} 2\n", text.Render(), StringComparison.Ordinal);
    }

    [Fact]
    public void Meters_EachUse_HasNoMoreLabelsThanASeries()
    {
        var names = string.Join('|', typeof(Meters).GetProperties().Select(static meter => meter.Name));
        var uses = SourceTree.CodeUnder("src/").SelectMany(file => Regex.Matches(SourceTree.Read(file), $@"\bMeters\.({names})\.Add\((?<given>[^;]*);")).ToList();

        Assert.NotEmpty(uses);
        Assert.All(uses, static use => Assert.InRange(Label().Count(use.Groups["given"].Value), 0, PrometheusText.MostLabels));
    }

    [GeneratedRegex(@"\bnew\b")]
    private static partial Regex Label();
}
