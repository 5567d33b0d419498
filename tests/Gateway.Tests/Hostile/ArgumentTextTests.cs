using System.Text;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// A07 and A08 as far as a language without conditions can hold them: numbers and types of arguments go up exactly as they
/// were written, so that the server judges what the gate recorded.
/// </summary>
[Collection(HostileCollection.Name)]
public sealed class ArgumentTextTests(HostileGate hostile)
{
    private static readonly string[] Values =
    [
        "0", "-0", "0.0", "-0.0", "0e0", "1", "-1", "1.0", "1.00", "100e-2", "10e2", "1e3", "1E3", "1e+3", "1000", "1000.0", "1000.000", "0.1e4", "499.99999999999999999999", "500.00000000000000000001",
        "9007199254740991", "9007199254740992", "9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "18446744073709551616", "123456789012345678901234567890.123456789012345678901234567890",
        "1e308", "1e309", "1e400", "-1e400", "1e-400", "1E-5000", "5e-324", "79228162514264337593543950335", "79228162514264337593543950336", "0.30000000000000004",
        "\"600\"", "\"1e3\"", "\" 1\"", "\"NaN\"", "\"\"", "[600]", "[[600]]", "[]", "{}", "{\"value\":600}", "true", "false", "null", "[1,\"1\",1.0,true,null]",
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Value_OfAnArgument_GoesUpAsItIsWritten(bool modern)
    {
        foreach (var value in Values)
        {
            var arguments = $$"""{"amount":{{value}},"text":"hi","deep":[{"amount":{{value}}}]}""";
            var answer = await hostile.PostAsync(Encoding.UTF8.GetBytes(Bodies.Call(modern, arguments: arguments)), hostile.Headers(modern));
            Assert.True(answer.Status == 200, $"{value}: {answer.Status} {answer.Text}");
            var sent = hostile.Upstream.Recording.Requests[^1].Text;
            Assert.Contains($"\"arguments\":{arguments}", sent, StringComparison.Ordinal);
        }
    }
}
