using Callgate.Fixtures;
using Callgate.Gateway.Catalogue;
using Xunit;

namespace Callgate.Gateway.Tests.Catalogue;

/// <summary>Every name has a part of a path that leads to it alone.</summary>
public sealed class CataloguePathTests
{
    public static TheoryData<string> Odd { get; } = [".", "..", "../..", "a/b", "/", "//", "%2F", "a%2fb", "%252F", "%", "a%41", "\\", "..\\..", "\0", "a\0b", "\r\n", "~", "~~", "~YQ", "x.md", ".md", "a.md.md", " ", " a", "a ", "a b", "?", "#", ";x=1", "+", "😀", "\u202Eevil", "\u200B", "検索", "a.b", "...", "-", new string('é', 300), new string('a', 601), new string('n', 10_000)];

    [Theory]
    [MemberData(nameof(Odd))]
    public void PartOf_AnyName_LeadsBackToIt(string name)
    {
        var part = CataloguePath.PartOf(name);

        Assert.Matches("^[A-Za-z0-9~._%-]{1,600}$", part);
        Assert.DoesNotMatch("^\\.{1,2}$|%00|%0[AaDd]|%5C", part);
        if (CataloguePath.DigestIn(part) is { } digest)
        {
            Assert.Equal(CataloguePath.DigestOf(name), digest);
        }
        else
        {
            Assert.Equal(name, CataloguePath.NameIn(Arrived(part)));
        }
    }

    [Fact]
    public void PartOf_HostileTexts_AreAllDifferent()
    {
        var names = HostileTexts.All.Concat(Odd.Select(static row => row.Data)).Where(static name => name.Length > 0).Distinct(StringComparer.Ordinal).ToList();

        Assert.Equal(names.Count, names.Select(CataloguePath.PartOf).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>A name that looks like a mark of ours, and is none that we would make, is itself.</summary>
    [Theory]
    [InlineData("~")]
    [InlineData("~home")]
    [InlineData("~!")]
    [InlineData("~~x")]
    [InlineData("~YWJj")]
    public void NameIn_WhatWeWouldNotWrite_IsTakenAsItStands(string part) => Assert.Equal(part, CataloguePath.NameIn(part));

    /// <summary>As the server below hands it on: unescaped once, but for slashes.</summary>
    private static string Arrived(string part) => string.Join("%2F", part.Split("%2F").Select(Uri.UnescapeDataString));
}
