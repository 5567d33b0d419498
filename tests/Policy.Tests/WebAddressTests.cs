using Callgate.Policy.Judging;

namespace Callgate.Policy.Tests;

/// <summary>The edges of what is a host: lengths, ports, characters and addresses in numbers.</summary>
public sealed class WebAddressTests
{
    private static readonly string Label63 = new('a', 63);

    /// <summary>253 characters, the most that a name may have.</summary>
    private static readonly string Longest = $"{Label63}.{Label63}.{Label63}.{new string('a', 61)}";

    [Theory]
    [InlineData("https://example.com:0/", "example.com")]
    [InlineData("https://example.com:7/", "example.com")]
    [InlineData("https://example.com:65535/", "example.com")]
    [InlineData("https://example.com:65536/", null)]
    [InlineData("https://example.com:00443/", "example.com")]
    [InlineData("https://example.com:000443/", null)]
    [InlineData("https://example.com:/", null)]
    [InlineData("https://example.com:+1/", null)]
    [InlineData("https://:443/", null)]
    [InlineData("https:///example.com", null)]
    [InlineData("https://?example.com", null)]
    [InlineData("https://", null)]
    [InlineData("://example.com/", null)]
    [InlineData("example.com/", null)]
    [InlineData("https:example.com/", null)]
    [InlineData("https:/example.com/", null)]
    [InlineData("https://example.com/ ", null)]
    [InlineData("https://example.com/\u007f", null)]
    [InlineData("https://example.com/~", "example.com")]
    [InlineData("https://example.com/!", "example.com")]
    [InlineData("https://example.com/é", null)]
    [InlineData("https://example.com../", null)]
    [InlineData("https://a_b.example.com/", null)]
    [InlineData("https://-a.example.com/", null)]
    [InlineData("https://a-.example.com/", null)]
    [InlineData("https://a-b.example.com/", "a-b.example.com")]
    public void HostOf_Address_IsItsHostOrNothing(string url, string? host) => Assert.Equal(host, WebAddress.HostOf(url, ["https"]));

    [Theory]
    [InlineData("https", true)]
    [InlineData("HTTPS", true)]
    [InlineData("wss", false)]
    [InlineData("http", false)]
    [InlineData("s", false)]
    public void HostOf_Scheme_IsOneOfThoseAsked(string scheme, bool known) =>
        Assert.Equal(known ? "example.com" : null, WebAddress.HostOf(scheme + "://example.com/", ["https"]));

    [Theory]
    [InlineData("", null)]
    [InlineData("0.0.0.0", "0.0.0.0")]
    [InlineData("255.255.255.255", "255.255.255.255")]
    [InlineData("256.0.0.1", null)]
    [InlineData("1.2.3", null)]
    [InlineData("1.2.3.4.5", null)]
    [InlineData("1.2.3.04", null)]
    [InlineData("1.2.3.0x4", null)]
    [InlineData("1.2.3.a", "1.2.3.a")]
    [InlineData("1.2.a.4", null)]
    [InlineData("1.2.3.4000", null)]
    [InlineData("4.3.2.100", "4.3.2.100")]
    [InlineData("example.7", null)]
    [InlineData("example.0x7f", null)]
    [InlineData("example.0X7f", null)]
    [InlineData("7.example", "7.example")]
    [InlineData("a..b", null)]
    [InlineData(".a", null)]
    [InlineData(".", null)]
    [InlineData("A.B", "a.b")]
    public void Host_NameOrQuad_IsReadOneWay(string text, string? host) => Assert.Equal(host, WebAddress.Host(text));

    [Fact]
    public void Host_LongestLabelAndName_AreTheLastThatHold()
    {
        Assert.Equal(Label63, WebAddress.Host(Label63));
        Assert.Null(WebAddress.Host(Label63 + "a"));
        Assert.Equal(Longest, WebAddress.Host(Longest));
        Assert.Equal(Longest, WebAddress.Host(Longest + "."));
        Assert.Null(WebAddress.Host(Longest + "a"));
    }

    [Theory]
    [InlineData("[::]", "[::]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("[1::]", "[1::]")]
    [InlineData("[FE80::1]", "[fe80::1]")]
    [InlineData("[2001:db8::1:0:0:1]", "[2001:db8::1:0:0:1]")]
    [InlineData("[1:2:3:4:5:6:7:8]", "[1:2:3:4:5:6:7:8]")]
    [InlineData("[1:2:3:4:5:6::]", "[1:2:3:4:5:6::]")]
    [InlineData("[::3:4:5:6:7:8]", "[::3:4:5:6:7:8]")]
    [InlineData("[1:2:3:4::6:7:8]", null)] // a gap of one group is written out
    [InlineData("[1:2:3:4:5:6:7]", null)]
    [InlineData("[1:2:3:4:5:6:7:8:9]", null)]
    [InlineData("[1:2:3:4:5:6:7:8::]", null)]
    [InlineData("[::1::2]", null)]
    [InlineData("[0:0:0:0:0:0:0:1]", null)]
    [InlineData("[::01]", null)]
    [InlineData("[::12345]", null)]
    [InlineData("[::g]", null)]
    [InlineData("[g::]", null)]
    [InlineData("[fe80::1%1]", null)]
    [InlineData("[fe80::1%25eth0]", null)]
    [InlineData("[::1.2.3.4]", null)]
    [InlineData("[::ffff:1.2.3.4]", null)]
    [InlineData("[1.2.3.4]", null)]
    [InlineData("[]", null)]
    [InlineData("[:]", null)]
    [InlineData("[:::]", null)]
    [InlineData("[1]", null)]
    [InlineData("[::1", null)]
    [InlineData("::1", null)]
    [InlineData("[::1].", null)]
    public void Host_AddressOfIPv6_HasOneSpelling(string text, string? host) => Assert.Equal(host, WebAddress.Host(text));

    [Theory]
    [InlineData("*.example.com", "a.example.com", true)]
    [InlineData("*.example.com", "a.b.example.com", true)]
    [InlineData("*.example.com", "example.com", false)]
    [InlineData("*.example.com", ".example.com", false)]
    [InlineData("*.example.com", "aexample.com", false)]
    [InlineData("*.example.com", "a.example.org", false)]
    [InlineData("example.com", "example.com", true)]
    [InlineData("example.com", "a.example.com", false)]
    [InlineData("Example.com", "example.com", true)]
    public void Matches_Pattern_MeansOneHostOrItsSubdomains(string pattern, string host, bool matches) =>
        Assert.Equal(matches, HostPattern.Parse(pattern)!.Matches(host));

    [Theory]
    [InlineData("example.com.")]
    [InlineData("*.example.com.")]
    [InlineData("*.[::1]")]
    [InlineData("*")]
    [InlineData("*.")]
    [InlineData("a.*.com")]
    [InlineData("")]
    public void Parse_WhatIsNoEntry_IsNone(string text) => Assert.Null(HostPattern.Parse(text));
}
