namespace Callgate.Gateway;

/// <summary>How a gate is started.</summary>
public sealed record GatewayOptions
{
    /// <summary>Path of <c>callgate.yaml</c>; null when everything is set up through the API.</summary>
    public string? ConfigFile { get; init; }

    public required string DataDirectory { get; init; }

    /// <summary>The address of the front, and of administration unless <see cref="AdminListen"/> is given. Port 0 takes a free one.</summary>
    public string Listen { get; init; } = "http://127.0.0.1:2255";

    public string? AdminListen { get; init; }

    /// <summary>Refuses to start on a runtime below <see cref="RuntimeFloor"/>, instead of warning.</summary>
    public bool StrictRuntime { get; init; }

    public TextWriter Out { get; init; } = Console.Out;

    public TextWriter Error { get; init; } = Console.Error;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    public Func<string, string?> Environment { get; init; } = System.Environment.GetEnvironmentVariable;
}
