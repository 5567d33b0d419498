using System.Globalization;

namespace Callgate.Mutation;

/// <summary>
/// What a run is about: the tests beside the mutated assembly, Stryker's list of mutants, and where the outcome goes.
/// <c>Only</c> keeps the mutants of files whose path contains it; <c>Survivors</c> those that the last run in the folder left.
/// </summary>
internal sealed record Options(string Tests, string Report, string Out)
{
    public int Workers { get; private init; } = 2;

    public double Least { get; private init; }

    public string Only { get; private init; } = "";

    public bool Survivors { get; private init; }

    public static Options? Read(string[] args)
    {
        var told = new Dictionary<string, string>(StringComparer.Ordinal);
        for (var at = 0; at < args.Length; at++)
        {
            var name = args[at];
            if (name != "--survivors" && ++at == args.Length)
            {
                return null;
            }

            told[name] = args[at];
        }

        return told.TryGetValue("--tests", out var tests) && told.TryGetValue("--report", out var report) && told.TryGetValue("--out", out var folder)
            ? new Options(Path.GetFullPath(tests), report, folder)
            {
                Workers = int.Parse(told.GetValueOrDefault("--workers", "2"), CultureInfo.InvariantCulture),
                Least = double.Parse(told.GetValueOrDefault("--least", "0"), CultureInfo.InvariantCulture),
                Only = told.GetValueOrDefault("--only", ""),
                Survivors = told.ContainsKey("--survivors"),
            }
            : null;
    }
}
