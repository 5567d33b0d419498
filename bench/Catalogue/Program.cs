using System.Globalization;
using Callgate.Bench.Catalogue;
using Callgate.Bench.Record;

if (args is ["dashboard", var calls] && int.TryParse(calls, CultureInfo.InvariantCulture, out var records))
{
    var folder = Directory.CreateTempSubdirectory("callgate-bench-dashboard-");
    try
    {
        await DashboardBench.FillAsync(folder.FullName, records);
        await PageBench.RunAsync(folder.FullName, [.. DashboardBench.Pages()], PageReaders.SignedIn, records);
        Console.WriteLine($"\n{records} calls in the record; {Machine.Describe()}");
        return 0;
    }
    finally
    {
        folder.Delete(recursive: true);
    }
}

// The catalogue alone: taking so many servers in, then searching them and opening their pages. `bench/README.md` says what each means.
if (args is not [var count, ..] || !int.TryParse(count, CultureInfo.InvariantCulture, out var servers) || servers < 400)
{
    await Console.Error.WriteLineAsync("usage: bench/catalogue dashboard CALLS | SERVERS [SEED [FOLDER]]; at least 400 servers. A FOLDER is kept, and a store in it is not filled again");
    return 2;
}

var generated = new GeneratedServers(args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 20261130);
var kept = args.Length > 2 ? Directory.CreateDirectory(args[2]) : null;
var data = kept ?? Directory.CreateTempSubdirectory("callgate-bench-catalogue-");
try
{
    var file = Path.Combine(data.FullName, "catalogue.db");
    await ImportBench.RunAsync(file, generated, servers);
    await SearchBench.RunAsync(file, generated.Sample);
    await PageBench.RunAsync(data.FullName, [.. PageBench.CataloguePages(generated.Sample)], PageReaders.Both);
    Console.WriteLine($"\n{Machine.Describe()}");
    return 0;
}
finally
{
    if (kept is null)
    {
        data.Delete(recursive: true);
    }
}
