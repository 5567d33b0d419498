using Callgate.Demo;

// An MCP server on stdin and stdout: one JSON message a line, until the input ends.
await using var output = new StreamWriter(Console.OpenStandardOutput()) { NewLine = "\n", AutoFlush = true };
using var input = new StreamReader(Console.OpenStandardInput());
var server = new DemoServer(new Shop());
while (await input.ReadLineAsync() is { } line)
{
    if (server.Answer(line) is { } answer)
    {
        await output.WriteLineAsync(answer);
    }
}

return 0;
