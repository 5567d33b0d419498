using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Telemetry;

/// <summary>A value read at the moment of asking.</summary>
public sealed record Gauge(string Name, string Help, Func<double> Read);

/// <summary><c>/metrics</c>: the gate's counters and gauges in the Prometheus text format.</summary>
public sealed class PrometheusText : IDisposable
{
    private readonly ConcurrentDictionary<(string Name, string Labels), double> sums = new();
    private readonly ConcurrentDictionary<string, string> help = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<Gauge> gauges;
    private readonly MeterListener listener = new();

    public PrometheusText(IReadOnlyList<Gauge> gauges)
    {
        this.gauges = gauges;
        listener.InstrumentPublished = (instrument, listening) =>
        {
            if (instrument.Meter.Name == Meters.Name)
            {
                help[instrument.Name] = instrument.Description ?? "";
                listening.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add(instrument.Name, value, tags));
        listener.Start();
    }

    public string Render()
    {
        var text = new StringBuilder();
        foreach (var family in sums.OrderBy(static pair => pair.Key.Name, StringComparer.Ordinal).ThenBy(static pair => pair.Key.Labels, StringComparer.Ordinal).GroupBy(static pair => pair.Key.Name))
        {
            Head(text, family.Key, help.GetValueOrDefault(family.Key, ""), "counter");
            foreach (var (key, value) in family)
            {
                text.Append(key.Name).Append(key.Labels).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
            }
        }

        foreach (var gauge in gauges)
        {
            Head(text, gauge.Name, gauge.Help, "gauge");
            text.Append(gauge.Name).Append(' ').Append(gauge.Read().ToString(CultureInfo.InvariantCulture)).Append('\n');
        }

        return text.ToString();
    }

    public void Dispose() => listener.Dispose();

    private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        sums.AddOrUpdate((name, Labels(tags)), static (_, added) => added, static (_, sum, added) => sum + added, value);

    private static string Labels(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        if (tags.IsEmpty)
        {
            return "";
        }

        var text = new StringBuilder("{");
        foreach (var (name, value) in tags)
        {
            var escaped = (value?.ToString() ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
            text.Append(text.Length > 1 ? "," : "").Append(name).Append("=\"").Append(escaped).Append('"');
        }

        return text.Append('}').ToString();
    }

    private static void Head(StringBuilder text, string name, string helpText, string type) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(helpText).Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');
}
