using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>Fails with every offence on a line of its own, so that one run shows all there is to mend.</summary>
internal static class Offences
{
    public static void AssertNone(IEnumerable<string> offences)
    {
        var all = offences.ToList();
        Assert.True(all.Count == 0, string.Join('\n', all));
    }

    /// <summary>Checks every line of the files and names the place of each that the check dislikes.</summary>
    public static IEnumerable<string> ByLine(IEnumerable<string> files, Func<string, string?> check) =>
        files.SelectMany(path => InText(path, SourceTree.Read(path), check));

    public static IEnumerable<string> InText(string path, string text, Func<string, string?> check) =>
        text.Split('\n')
            .Select((line, index) => (What: check(line), Number: index + 1))
            .Where(static found => found.What is not null)
            .Select(found => $"{path}:{found.Number}: {found.What}");
}
