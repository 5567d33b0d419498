using Callgate.Gateway.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Configuration;

/// <summary>
/// Every file in <c>Cases</c> is a wrong configuration. Its <c># expect LINE:COLUMN MESSAGE</c> lines are all of its errors,
/// in order and word for word; a line that begins with a file name means an error in that file.
/// </summary>
public sealed class ConfigurationCasesTests
{
    private static readonly Dictionary<string, string> Variables = new(StringComparer.Ordinal)
    {
        ["LONG_TOKEN"] = "canary-0123456789abcdef0123456789abcdef",
        ["SHORT_TOKEN"] = "canary-short",
        ["LINES"] = "canary\r\nInjected: 1",
    };

    public static TheoryData<string> Cases() =>
        [.. Directory.EnumerateFiles(RepositoryFiles.At("tests", "Gateway.Tests", "Configuration", "Cases"), "*.yaml").Select(static path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Load_WrongFile_ReportsEveryErrorAtItsPlace(string name)
    {
        var path = RepositoryFiles.At("tests", "Gateway.Tests", "Configuration", "Cases", name);
        var expected = File.ReadLines(path).Where(static line => line.StartsWith("# expect ", StringComparison.Ordinal)).Select(static line => line[9..]).ToList();

        var load = ConfigurationFile.Load(path, Variables.GetValueOrDefault);

        Assert.NotEmpty(expected);
        Assert.Equal(expected, load.Errors.Select(error => Show(error, path)));
        Assert.Null(load.Configuration);
        Assert.DoesNotContain(load.Errors, static error => error.Message.Contains("canary", StringComparison.Ordinal));
    }

    private static string Show(ConfigurationError error, string path) =>
        (error.File == path ? string.Empty : Path.GetFileName(error.File) + ":") + $"{error.Line}:{error.Column} {error.Message}";
}
