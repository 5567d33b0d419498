using System.Globalization;

namespace Callgate.Bench.Proxy;

/// <summary>What makes a run worthless: a wrong answer, a missing record, a part that did not start.</summary>
public sealed class BenchException(string message) : Exception(message);

/// <summary>What one run measures.</summary>
public sealed record Plan
{
    public const string Usage =
        """
        usage: callgate-bench --gate FILE [options]
          --gate FILE         the published executable
          --rounds N          interleaved rounds (7)
          --seconds N         length of one slice (2)
          --connections LIST  closed-loop connections (1,16,64)
          --gateway FILE      its assembly before code is made ahead of time; for the last three variants
          --variants LIST     settings of the gate to compare: default, inline (default,inline);
                              recorded, unindexed, unrecorded: copies without search index, or without record
          --era modern|legacy protocol version of the load: 2026-07-28 or 2025-11-25 (modern)
          --streams N         idle proxied streams to hold at the end; 0 leaves that out (8000)
          --starts N          cold starts to time; 0 leaves that out (7)
          --seed N            order of the slices (1)
          --save FILE         write the report there as well
        """;

    public required string Gate { get; init; }

    public string Gateway { get; init; } = "";

    public int Rounds { get; init; } = 7;

    public int Seconds { get; init; } = 2;

    public IReadOnlyList<int> Connections { get; init; } = [1, 16, 64];

    public IReadOnlyList<string> Variants { get; init; } = ["default", "inline"];

    public bool Modern { get; init; } = true;

    public int Streams { get; init; } = 8_000;

    public int Starts { get; init; } = 7;

    public int Seed { get; init; } = 1;

    public string? Save { get; init; }

    /// <summary>Null for what cannot be read.</summary>
    public static Plan? Parse(string[] arguments)
    {
        Plan plan = new() { Gate = "" };
        for (var at = 0; at + 1 < arguments.Length; at += 2)
        {
            var value = arguments[at + 1];
            Plan? next = arguments[at] switch
            {
                "--gate" => plan with { Gate = Path.GetFullPath(value) },
                "--gateway" => plan with { Gateway = Path.GetFullPath(value) },
                "--variants" => plan with { Variants = value.Split(',') },
                "--era" => plan with { Modern = value == "modern" },
                "--save" => plan with { Save = value },
                "--connections" => plan with { Connections = [.. value.Split(',').Select(static number => int.Parse(number, CultureInfo.InvariantCulture))] },
                _ => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Numbered(plan, arguments[at], number) : null,
            };
            if (next is null)
            {
                return null;
            }

            plan = next;
        }

        return File.Exists(plan.Gate) && arguments.Length % 2 == 0 ? plan : null;
    }

    private static Plan? Numbered(Plan plan, string option, int number) => option switch
    {
        "--rounds" => plan with { Rounds = number },
        "--seconds" => plan with { Seconds = number },
        "--streams" => plan with { Streams = number },
        "--starts" => plan with { Starts = number },
        "--seed" => plan with { Seed = number },
        _ => null,
    };
}
