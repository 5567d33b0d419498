using System.Globalization;
using Callgate.Bench.Catalogue;
using Callgate.Bench.Record;

// The catalogue alone: taking so many servers in, then searching them and opening their pages. `bench/README.md` says what each means.
if (args is not [var count, ..] || !int.TryParse(count, CultureInfo.InvariantCulture, out var servers) || servers < 400)
{
    await Console.Error.WriteLineAsync("usage: bench/catalogue SERVERS [SEED [FOLDER]]; at least 400 servers. A FOLDER is kept, and a store in it is not filled again");
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
    await PageBench.RunAsync(data.FullName, generated.Sample);
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
