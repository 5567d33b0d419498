using Xunit;

namespace Callgate.Catalogue.Tests;

/// <summary>Names of many servers by how they look.</summary>
public sealed class NameIndexTests
{
    [Fact]
    public void Of_NamesThatLookAlikeOrAreTheSame_GivesOtherSpellingsFirst()
    {
        var index = NameIndex.Of([ListedName.Of("a", "read_file"), ListedName.Of("b", "read_file"), ListedName.Of("c", "readFi1e"), ListedName.Of("a", "read_file"), ListedName.Of("a", "write")]);

        Assert.Equal([new Namesake("c", "readFi1e", false), new Namesake("b", "read_file", true)], index.Of("a", "read_file"));
        Assert.Equal([new Namesake("a", "read_file", false), new Namesake("b", "read_file", false)], index.Of("c", "readFi1e"));
        Assert.Empty(index.Of("a", "write"));
        Assert.Empty(index.Of("a", "unknown"));
    }

    [Fact]
    public void Of_NamesWithoutALetter_AreNoGroup() =>
        Assert.Empty(NameIndex.Of([ListedName.Of("a", "--"), ListedName.Of("b", "__")]).Of("a", "--"));

    [Fact]
    public void Of_OneNameOnTenThousandServers_KeepsSoManyOfThem()
    {
        var index = NameIndex.Of(Enumerable.Range(0, 10_000).Select(static at => ListedName.Of($"s{at}", "search")));

        Assert.Equal(NameIndex.MostOfOneLook, index.Of("new", "search").Count);
    }
}
