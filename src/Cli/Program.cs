return await Callgate.Cli.CommandLine.RunAsync(args, Console.Out, Console.Error, CancellationToken.None);
