using System.Globalization;
using Callgate.Bench.Record;

// The record alone: no socket, no policy. Each measure prints a table; `bench/README.md` says what it means.
var seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20270304;
switch (args)
{
    case ["search", var records, ..]:
        SearchBench.Run(long.Parse(records, CultureInfo.InvariantCulture), seed);
        return 0;
    case ["verify", var entries, ..]:
        await VerifyBench.RunAsync(int.Parse(entries, CultureInfo.InvariantCulture));
        return 0;
    case ["cost", var calls, ..]:
        await CostBench.RunAsync(int.Parse(calls, CultureInfo.InvariantCulture));
        return 0;
    default:
        await Console.Error.WriteLineAsync("usage: bench/record search RECORDS [SEED] | verify ENTRIES | cost CALLS");
        return 2;
}
