using System.Diagnostics;
using System.Globalization;

namespace Callgate.Mutation;

/// <summary>
/// The child process: loads the tests and the mutated assembly once, then answers one line for each line it reads.
/// A mutant that never ends takes the process with it, after the limit of the test that runs.
/// </summary>
internal sealed class Worker
{
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(2);

    private readonly TestSuite suite;
    private readonly MutantSwitch mutants;
    private readonly TextWriter answers;
    private readonly int always;
    private readonly Lock gate = new();
    private readonly Timer watch;

    private (int Test, TimeSpan Spent, long Began, TimeSpan Limit)? running;

    private Worker(string tests, int always)
    {
        answers = Console.Out;
        Console.SetOut(TextWriter.Null);
        this.always = always;
        watch = new Timer(_ => Watch());
        suite = new TestSuite(tests);
        mutants = new MutantSwitch(suite.Subject);
        mutants.Activate(MutantSwitch.None);
    }

    /// <summary><paramref name="always"/> is active from the first static initialiser on.</summary>
    public static int Run(string tests, int always)
    {
        var worker = new Worker(tests, always);
        worker.Start();
        while (Console.In.ReadLine() is { } line)
        {
            worker.Answer(worker.Obey(line.Split(' ')));
        }

        return 0;
    }

    private void Start()
    {
        mutants.Activate(always);
        IReadOnlyCollection<int> initial = [];
        if (always == MutantSwitch.None)
        {
            initial = mutants.Covered(() => TestSuite.Initialise(suite.Subject));
        }
        else
        {
            TestSuite.Initialise(suite.Subject);
        }

        mutants.Activate(MutantSwitch.None);
        TestSuite.Initialise(suite.Tests);
        suite.Find();
        watch.Change(Look, Look);
        Answer(string.Join(' ', initial));
    }

    private string Obey(string[] words)
    {
        var numbers = words.Skip(1).Select(static word => int.Parse(word, CultureInfo.InvariantCulture)).ToArray();
        return words[0] switch
        {
            "list" => string.Join('\t', suite.Names),
            "measure" => Measure(numbers[0]),
            "cover" => string.Join(' ', mutants.Covered(() => suite.Passes(numbers[0]))),
            "try" => Try(numbers[0], numbers.AsSpan(1)),
            _ => throw new InvalidOperationException($"`{words[0]}` is no command"),
        };
    }

    /// <summary>The second run counts, for the first one compiles; but a long one is long enough.</summary>
    private string Measure(int test)
    {
        var (passed, spent) = Measured(test);
        if (passed && spent < 4 * Coverage.Slowest)
        {
            (passed, spent) = Measured(test);
        }

        return passed ? spent.ToString(CultureInfo.InvariantCulture) : "failed";
    }

    private (bool Passed, int Milliseconds) Measured(int test)
    {
        var before = Spent();
        var passed = suite.Passes(test);
        return (passed, (int)(Spent() - before).TotalMilliseconds);
    }

    /// <summary>Runs the tests, given with their limits, until one fails.</summary>
    private string Try(int mutant, ReadOnlySpan<int> tests)
    {
        for (var at = 0; at < tests.Length; at += 2)
        {
            if (Passes(mutant, tests[at], tests[at + 1]))
            {
                continue;
            }

            var killer = tests[at];
            return always != MutantSwitch.None || Passes(MutantSwitch.None, killer, tests[at + 1]) ? $"killed {killer}" : $"spoilt {killer}";
        }

        return "survived";
    }

    private bool Passes(int mutant, int test, int limit)
    {
        lock (gate)
        {
            running = (test, Spent(), Stopwatch.GetTimestamp(), TimeSpan.FromMilliseconds(limit));
        }

        mutants.Activate(mutant);
        var passed = suite.Passes(test);
        mutants.Activate(MutantSwitch.None);
        lock (gate)
        {
            running = null;
        }

        return passed;
    }

    private void Watch()
    {
        lock (gate)
        {
            if (running is { } now && (Spent() - now.Spent >= now.Limit || Stopwatch.GetElapsedTime(now.Began) >= LongestWait))
            {
                Answer($"endless {now.Test}");
                Process.GetCurrentProcess().Kill();
            }
        }
    }

    private void Answer(string line)
    {
        answers.WriteLine(line);
        answers.Flush();
    }

    /// <summary>The processor time of this process: what else the machine does is no part of a limit.</summary>
    private static TimeSpan Spent()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }
}
