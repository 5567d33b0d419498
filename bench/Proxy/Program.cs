using Callgate.Bench.Proxy;

if (Plan.Parse(args) is not { } plan)
{
    Console.Error.WriteLine(Plan.Usage);
    return 2;
}

using var scene = new Scene(plan);
try
{
    return await new Comparison(plan, scene).RunAsync();
}
catch (BenchException fault)
{
    Console.Error.WriteLine("bench: " + fault.Message);
    return 1;
}
