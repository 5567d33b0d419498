using System.Globalization;

namespace Callgate.Mutation;

/// <summary>Tries mutants one after the other in a process that stays warm, and starts another one when a mutant ends it.</summary>
internal sealed class Hunter(string tests, Coverage coverage) : IDisposable
{
    /// <summary>What killed the last mutants of a file often kills the next one, so it comes first.</summary>
    private const int Remembered = 8;

    private readonly List<int> killers = [];
    private string file = "";
    private WorkerProcess? warm;

    public (Outcome Outcome, string? Test) Try(Mutant mutant)
    {
        if (mutant.File != file)
        {
            (file, _) = (mutant.File, 0);
            killers.Clear();
        }

        var covering = coverage.Of(mutant.Id);
        var initial = coverage.IsInitial(mutant.Id);
        if (covering.Count == 0 && !initial)
        {
            return (Outcome.NoCoverage, null);
        }

        var outcome = covering.Count == 0 ? (Outcome.Survived, null) : Warm(mutant.Id, covering);
        return outcome.Item1 == Outcome.Survived && initial ? Fresh(mutant.Id, coverage.Quick) : outcome;
    }

    private (Outcome, string?) Warm(int mutant, IReadOnlyList<int> covering)
    {
        warm ??= new WorkerProcess(tests);
        var answer = warm.Ask(Command(mutant, covering));
        if (answer is null || !answer.StartsWith("spoilt", StringComparison.Ordinal))
        {
            return Judge(answer);
        }

        // The killing test fails without the mutant too: something was left behind in the process.
        Dispose();
        return Fresh(mutant, covering);
    }

    private (Outcome, string?) Fresh(int mutant, IReadOnlyList<int> covering)
    {
        using var fresh = new WorkerProcess(tests, mutant);
        return Judge(fresh.Ask(Command(mutant, covering)), fresh);
    }

    private (Outcome, string?) Judge(string? answer, WorkerProcess? fresh = null)
    {
        var words = (answer ?? "").Split(' ');
        var test = words.Length == 2 ? int.Parse(words[1], CultureInfo.InvariantCulture) : -1;
        if (test >= 0)
        {
            killers.Remove(test);
            killers.Insert(0, test);
            killers.RemoveRange(Math.Min(Remembered, killers.Count), Math.Max(0, killers.Count - Remembered));
        }

        if (words[0] is "killed" or "survived")
        {
            return words[0] == "survived" ? (Outcome.Survived, null) : (Outcome.Killed, coverage.Names[test]);
        }

        if (fresh is null)
        {
            Dispose();
        }

        return words[0] == "endless" ? (Outcome.Endless, coverage.Names[test]) : (Outcome.Crashed, null);
    }

    private string Command(int mutant, IReadOnlyList<int> covering)
    {
        var first = killers.Where(covering.Contains).ToList();
        var order = first.Concat(covering.Except(first));
        return $"try {mutant} {string.Join(' ', order.Select(test => $"{test} {coverage.Limit(test)}"))}";
    }

    public void Dispose()
    {
        warm?.Dispose();
        warm = null;
    }
}
