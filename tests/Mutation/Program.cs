using Callgate.Mutation;

// `worker TESTS MUTANT` runs tests in this process, told over standard input; anything else is a whole run.
if (args is ["worker", var tests, var mutant])
{
    return Worker.Run(tests, int.Parse(mutant, System.Globalization.CultureInfo.InvariantCulture));
}

var options = Options.Read(args);
if (options is null)
{
    Console.Error.WriteLine("usage: callgate-mutation --tests DLL --report JSON --out FOLDER [--workers N] [--least PERCENT] [--only TEXT] [--survivors]");
    return 2;
}

return new Campaign(options).Run();
