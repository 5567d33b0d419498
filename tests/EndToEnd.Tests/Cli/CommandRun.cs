using Callgate.Cli;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>One command, run in this process as the executable would.</summary>
internal sealed record CommandRun(int Code, string Out, string Error)
{
    public static Task<CommandRun> OfAsync(params string[] arguments) => WithInputAsync(string.Empty, arguments);

    public static async Task<CommandRun> WithInputAsync(string input, params string[] arguments)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        using var reader = new StringReader(input);
        var code = await CommandLine.RunAsync(arguments, output, error, CancellationToken.None, reader);
        return new CommandRun(code, output.ToString().ReplaceLineEndings("\n"), error.ToString().ReplaceLineEndings("\n"));
    }
}
