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
    /// <summary>How many labels a series can have; a measurement with more counts with the first of them.</summary>
    public const int MostLabels = 3;

    private readonly ConcurrentDictionary<Series, Sum> sums = new();
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
        var lines = sums.Select(static pair => (pair.Key.Name, Labels: pair.Key.Labels(), pair.Value.Value));
        foreach (var family in lines.OrderBy(static line => line.Name, StringComparer.Ordinal).ThenBy(static line => line.Labels, StringComparer.Ordinal).GroupBy(static line => line.Name))
        {
            Head(text, family.Key, help.GetValueOrDefault(family.Key, ""), "counter");
            foreach (var (name, labels, value) in family)
            {
                text.Append(name).Append(labels).Append(' ').Append(value.ToString(CultureInfo.InvariantCulture)).Append('\n');
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

    /// <summary>Each call passes here several times, so a series that is known costs no allocation.</summary>
    private void Add(string name, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        sums.GetOrAdd(Series.Of(name, tags), static _ => new Sum()).Add(value);

    private static void Head(StringBuilder text, string name, string helpText, string type) =>
        text.Append("# HELP ").Append(name).Append(' ').Append(helpText).Append('\n').Append("# TYPE ").Append(name).Append(' ').Append(type).Append('\n');

    /// <summary>A counter with its labels. More than the meters of this gate have are left out: no call fails because of a count.</summary>
    private readonly record struct Series(string Name, KeyValuePair<string, object?> First, KeyValuePair<string, object?> Second, KeyValuePair<string, object?> Third)
    {
        public static Series Of(string name, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
            new(name, At(tags, 0), At(tags, 1), At(tags, 2));

        public bool Equals(Series other) => Name == other.Name && Same(First, other.First) && Same(Second, other.Second) && Same(Third, other.Third);

        public override int GetHashCode() => HashCode.Combine(Name, First.Value, Second.Value, Third.Value);

        public string Labels()
        {
            var text = new StringBuilder();
            foreach (var (name, value) in new[] { First, Second, Third })
            {
                if (name is null)
                {
                    continue;
                }

                var escaped = (value?.ToString() ?? "").Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
                text.Append(text.Length > 0 ? "," : "{").Append(name).Append("=\"").Append(escaped).Append('"');
            }

            return text.Length > 0 ? text.Append('}').ToString() : "";
        }

        private static KeyValuePair<string, object?> At(ReadOnlySpan<KeyValuePair<string, object?>> tags, int index) => index < tags.Length ? tags[index] : default;

        private static bool Same(KeyValuePair<string, object?> left, KeyValuePair<string, object?> right) => left.Key == right.Key && Equals(left.Value, right.Value);
    }

    /// <summary>Added to from many threads.</summary>
    private sealed class Sum
    {
        private double value;

        public double Value => Volatile.Read(ref value);

        public void Add(double more)
        {
            double seen;
            do
            {
                seen = Volatile.Read(ref value);
            }
            while (Interlocked.CompareExchange(ref value, seen + more, seen) != seen);
        }
    }
}
