using System.Globalization;

namespace Callgate.Mutation;

/// <summary>What each test takes, in milliseconds of processor time, and which mutants it passes.</summary>
internal sealed class Coverage
{
    /// <summary>Slower tests take no part: a mutant that only they could kill counts as survived.</summary>
    public const int Slowest = 250;

    /// <summary>A test that looks at the assembly itself may mind the classes that Stryker puts into it.</summary>
    private const int MostFailing = 3;

    private const int Failed = int.MaxValue;

    private readonly Dictionary<int, List<int>> testsOf = [];
    private readonly HashSet<int> initial;

    private Coverage(IReadOnlyList<string> names, int[] milliseconds, HashSet<int> initial)
    {
        Names = names;
        Milliseconds = milliseconds;
        this.initial = initial;
        Quick = [.. Enumerable.Range(0, names.Count).Where(test => milliseconds[test] <= Slowest).OrderBy(test => milliseconds[test])];
    }

    public IReadOnlyList<string> Names { get; }

    public int[] Milliseconds { get; }

    /// <summary>The tests that take part, the quickest first.</summary>
    public IReadOnlyList<int> Quick { get; }

    /// <summary>Whether a static initialiser passes the mutant, so that only a fresh process can show it.</summary>
    public bool IsInitial(int mutant) => initial.Contains(mutant);

    /// <summary>The tests that pass the mutant, the quickest first.</summary>
    public IReadOnlyList<int> Of(int mutant) => testsOf.GetValueOrDefault(mutant) ?? [];

    /// <summary>A test gets twenty times its time and a second.</summary>
    public int Limit(int test) => (Milliseconds[test] * 20) + 1000;

    public static Coverage Take(string tests)
    {
        using var worker = new WorkerProcess(tests);
        var names = worker.Ask("list")!.Split('\t');
        var milliseconds = new int[names.Length];
        for (var test = 0; test < names.Length; test++)
        {
            var answer = worker.Ask(string.Create(CultureInfo.InvariantCulture, $"measure {test}"));
            milliseconds[test] = int.TryParse(answer, CultureInfo.InvariantCulture, out var spent) ? spent : Failed;
            if (milliseconds[test] == Failed)
            {
                Console.WriteLine($"left out, for it fails without a mutant: {names[test]}");
            }
        }

        if (milliseconds.Count(static spent => spent == Failed) > MostFailing)
        {
            throw new InvalidOperationException("too many tests fail without a mutant");
        }

        var coverage = new Coverage(names, milliseconds, [.. worker.Initial]);
        Console.WriteLine($"{names.Length} tests, {coverage.Quick.Count} of at most {Slowest} ms, {coverage.Quick.Sum(test => milliseconds[test])} ms together");
        var done = 0;
        foreach (var test in coverage.Quick)
        {
            foreach (var mutant in WorkerProcess.Numbers(worker.Ask(string.Create(CultureInfo.InvariantCulture, $"cover {test}"))!))
            {
                (coverage.testsOf.TryGetValue(mutant, out var list) ? list : coverage.testsOf[mutant] = []).Add(test);
            }

            if (++done % 100 == 0)
            {
                Console.WriteLine($"  coverage: {done} of {coverage.Quick.Count}");
            }
        }

        return coverage;
    }
}
