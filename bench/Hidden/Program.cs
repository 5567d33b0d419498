using System.Globalization;
using Callgate.Bench.Hidden;

// Can a hidden tool be told from one that never was by the time that the refusal takes? `bench/README.md` says what the figure means.
if (args is not [var gate, var pairs, ..])
{
    await Console.Error.WriteLineAsync("usage: bench/hidden [PAIRS [SEED]]");
    return 2;
}

var seed = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : 20261130;
var guesses = await TimingBench.RunAsync([Environment.ProcessPath!, gate], int.Parse(pairs, CultureInfo.InvariantCulture), seed);
Console.Write(guesses.Table());

// Above this an attacker learns something that the answer itself does not say.
return guesses.Auc <= 0.55 ? 0 : 1;
