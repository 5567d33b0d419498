using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Callgate.Mutation;

/// <summary>A whole run: measures the tests, tries every mutant, and tells the score.</summary>
internal sealed class Campaign(Options options)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private readonly Stopwatch clock = Stopwatch.StartNew();
    private readonly ConcurrentBag<Result> results = [];
    private int done;

    private string ResultsFile => Path.Combine(options.Out, "results.json");

    public int Run()
    {
        Directory.CreateDirectory(options.Out);
        File.Copy(typeof(Campaign).Assembly.Location, Path.Combine(Path.GetDirectoryName(options.Tests)!, Path.GetFileName(typeof(Campaign).Assembly.Location)), overwrite: true);
        var mutants = Mutant.Read(options.Report);
        var wanted = mutants.Where(static mutant => mutant.LeftOut is null).Where(mutant => mutant.File.Contains(options.Only, StringComparison.Ordinal)).ToList();
        var earlier = options.Survivors ? Earlier() : [];
        if (options.Survivors)
        {
            var killed = earlier.Where(static result => Result.IsKill(result.Outcome)).Select(static result => result.Mutant).ToHashSet();
            wanted.RemoveAll(mutant => killed.Contains(mutant.Id));
        }

        Console.WriteLine($"{mutants.Count} mutants, {wanted.Count} to try");
        Try(wanted, Coverage.Take(options.Tests));
        var tried = results.Select(static result => result.Mutant).ToHashSet();
        var known = mutants.Where(static mutant => mutant.LeftOut is null).Select(static mutant => mutant.Id).ToHashSet();
        var kept = earlier.Where(result => known.Contains(result.Mutant) && !tried.Contains(result.Mutant));
        Result[] all = [.. results.Concat(kept).OrderBy(static result => result.Mutant)];
        File.WriteAllText(ResultsFile, JsonSerializer.Serialize(all, Indented));

        var summary = new Summary(mutants, all);
        File.WriteAllText(Path.Combine(options.Out, "summary.md"), summary.Text());
        File.WriteAllText(Path.Combine(options.Out, "score.txt"), summary.Line + "\n");
        Console.WriteLine(summary.Text());
        Console.WriteLine(summary.Line);
        if (summary.Score < options.Least)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the score is under {options.Least} %"));
            return 1;
        }

        return 0;
    }

    private Result[] Earlier() =>
        JsonSerializer.Deserialize<Result[]>(File.ReadAllText(ResultsFile)) ?? [];

    private void Try(List<Mutant> wanted, Coverage coverage)
    {
        var files = new ConcurrentQueue<IGrouping<string, Mutant>>(wanted.GroupBy(static mutant => mutant.File).OrderByDescending(static file => file.Count()));
        var hunters = Enumerable.Range(0, options.Workers).Select(_ => new Thread(() => Hunt(files, coverage, wanted.Count))).ToList();
        hunters.ForEach(static hunter => hunter.Start());
        hunters.ForEach(static hunter => hunter.Join());
    }

    private void Hunt(ConcurrentQueue<IGrouping<string, Mutant>> files, Coverage coverage, int all)
    {
        using var hunter = new Hunter(options.Tests, coverage);
        while (files.TryDequeue(out var file))
        {
            var killed = 0;
            foreach (var mutant in file)
            {
                var (outcome, test) = hunter.Try(mutant);
                killed += Result.IsKill(outcome) ? 1 : 0;
                results.Add(new Result(mutant.Id, $"{mutant.File}:{mutant.Line}", mutant.Kind, mutant.Original, mutant.Replacement, outcome, test));
                if (Interlocked.Increment(ref done) % 100 == 0)
                {
                    Console.WriteLine($"  {clock.Elapsed:hh\\:mm\\:ss}  {done} of {all}");
                }
            }

            Console.WriteLine($"  {clock.Elapsed:hh\\:mm\\:ss}  {file.Key}: {killed} of {file.Count()} killed");
            lock (files)
            {
                File.WriteAllText(ResultsFile + ".part", JsonSerializer.Serialize(results.ToArray(), Indented));
            }
        }
    }
}
