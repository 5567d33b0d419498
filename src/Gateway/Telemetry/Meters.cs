using System.Diagnostics.Metrics;

namespace Callgate.Gateway.Telemetry;

/// <summary>What the gate counts of itself. Labels come from closed sets and registered servers only, so their number is bounded.</summary>
public static class Meters
{
    public const string Name = "Callgate";

    private static readonly Meter Meter = new(Name);

    /// <summary>Messages judged, by server, decision and code.</summary>
    public static Counter<long> Judged { get; } = Meter.CreateCounter<long>("callgate_judged_total", description: "Messages judged, by server, decision and refusal code.");

    /// <summary>Forwarded messages that ended, by server and outcome.</summary>
    public static Counter<long> Ended { get; } = Meter.CreateCounter<long>("callgate_ended_total", description: "Forwarded messages that ended, by server and outcome.");

    /// <summary>Time from arrival to the end of forwarded messages, in seconds.</summary>
    public static Counter<double> Seconds { get; } = Meter.CreateCounter<double>("callgate_forwarded_seconds_total", description: "Time from arrival to end of forwarded messages, in seconds.");

    /// <summary>Requests turned away before they were a call, by code.</summary>
    public static Counter<long> Turned { get; } = Meter.CreateCounter<long>("callgate_turned_away_total", description: "Requests turned away before they were judged, by refusal code.");
}
