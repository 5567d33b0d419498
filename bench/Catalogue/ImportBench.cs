using System.Diagnostics;
using System.Globalization;
using Callgate.Gateway.Catalogue;
using Microsoft.Extensions.Logging.Abstractions;

namespace Callgate.Bench.Catalogue;

/// <summary>Takes servers in as the API does, 200 at a time, then some of them again unchanged.</summary>
internal static class ImportBench
{
    private const int Batch = 200;

    public static async Task RunAsync(string file, GeneratedServers generated, int servers)
    {
        if (File.Exists(file))
        {
            generated.Take(servers);
            await AgainAsync(file, generated);
            return;
        }

        TimeSpan making = default, taking = default;
        await using (var store = new CatalogueStore(file, TimeProvider.System, NullLogger<CatalogueStore>.Instance))
        {
            for (var done = 0; done < servers; done += Batch)
            {
                var begun = Stopwatch.GetTimestamp();
                var items = generated.Take(Math.Min(Batch, servers - done));
                making += Stopwatch.GetElapsedTime(begun);
                begun = Stopwatch.GetTimestamp();
                await store.PutAsync(items);
                taking += Stopwatch.GetElapsedTime(begun);
                if (done % (10 * Batch) == 0)
                {
                    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{done + items.Count} servers, {generated.Tools} tools after {taking.TotalSeconds:0} s"));
                }
            }
        }

        Print($"{servers} servers, {generated.Tools} tools; taken in within {taking.TotalSeconds:0} s ({servers / taking.TotalSeconds:0} servers a second, classified and indexed), beside {making.TotalSeconds:0} s for making them up; {new FileInfo(file).Length / 1_000_000} MB on disk");
        await AgainAsync(file, generated);
    }

    private static async Task AgainAsync(string file, GeneratedServers generated)
    {
        var begun = Stopwatch.GetTimestamp();
        await using var store = new CatalogueStore(file, TimeProvider.System, NullLogger<CatalogueStore>.Instance);
        await store.TotalsAsync(CatalogueScope.All);
        var opening = Stopwatch.GetElapsedTime(begun);
        var items = generated.Sample.Select(static entry => new CatalogueItem(entry, CatalogueSource.Pack, IsPublic: true)).ToList();
        await store.PutAsync(items);
        begun = Stopwatch.GetTimestamp();
        var taken = await store.PutAsync(items);
        Print($"Opened and counted within {opening.TotalSeconds:0.0} s. The same servers once more: {taken.Unchanged / Stopwatch.GetElapsedTime(begun).TotalSeconds:0} a second.\n");
        await store.ReplaceAsync(CatalogueSource.Pack, []);
    }

    private static void Print(FormattableString text) => Console.WriteLine(FormattableString.Invariant(text));
}
