namespace Callgate.Policy.Tests.Reference;

/// <summary>Few words, so that policies and calls meet often, and the ones beside which mistakes are made.</summary>
internal static class Vocabulary
{
    public static readonly string[] Tools = ["read", "read_a", "read_b", "write_a", "write_all", "del", "a/b", "a~c", "star*", "😀", "Read"];

    /// <summary>Two of these overlap at most where their literal code points differ in number; a document takes one of each.</summary>
    public static readonly string[] Globs =
    [
        "*", "?", "*_*", "r*d", "*_a", "*a*", "re*", "read*", "read_?", "read_*", "write_*", "wr?te_a*", "*/*", @"star\*", "????", "*😀",
    ];

    public static readonly string[] Categories = ["Read", "Write", "Execute", "Destructive", "Financial", "Other"];

    /// <summary>Numbers a policy may hold: exact, in several spellings.</summary>
    public static readonly string[] Numbers =
    [
        "0", "-0", "1", "1.0", "2", "12", "12.0", "1.2e1", "120E-1", "0.12e+2", "-1", "-12", "0.1", "1e-1", "500", "5.00e2", "500.01", "499.99", "23",
        "9007199254740992", "9007199254740993", "1e28", "1e-28", "1234567890123456789012345678", "0.1234567890123456789012345678",
    ];

    /// <summary>What calls hold besides: at and past the edges of what is exact.</summary>
    public static readonly string[] WildNumbers =
    [
        "1e29", "-1e29", "10e27", "10e28", "0.1e29", "12e27", "12e28", "1.2e28", "1.2e29", "1e-29", "12e-29", "0.00e99", "-0.0", "1e400",
        "1e-400", "0e999999999999",
        "12345678901234567890123456789", "12345678901234567890123456780", "79228162514264337593543950335", "79228162514264337593543950336",
        "7e28", "8e28", "9999999999999999999999999999e1", "9999999999999999999999999999e28", "0.00000000000000000000000000001",
        "1.20000000000000000000000000000000000000e1",
    ];

    public static readonly string[] Texts =
    [
        "", "a", "b", "ab", "abc", "foo", "Foo", "12", "true", "null", "é", "e\u0301", "😀", "😀b", "a😀", "a\nc", "a c", "a\u000bb", "a\n",
        "read", "read_a", "acme", "mon", "a*b", "x\u0000y", "ÿ", "\u2028",
    ];

    public static readonly string[] Parts = ["", "a", "b", "ab", "fo", "o", "é", "😀", "\n", "c"];

    public static readonly string[] Patterns =
    [
        "^a", "a$", "b+", "^[a-c]+$", @"\d{2,3}", "^(foo|bar)?$", @"\w\s\w", "[^a-z]", "a.c", "^$", "(?:ab)+c?", "x?y*z", @"^\w+$", "é",
        "[0-9]", @"^\S$", @"^\D*$", @"\W", "^.$", "^..$", "[^a]{2}", "^[😀x]$", "^(a|ab)(c|b)$", "(^|x)r", @"^[\da-b]*$", @"a\*b", "",
    ];

    public static readonly string[] GlobPatterns = ["*", "?", "a*", "*b", "a?c", "??", "*a*b*", @"a\*b", "[a]", "f?o", "😀*", "read*", @"\?"];

    public static readonly string[] Folders = ["/srv/data", "/srv", "/", "/home/a", "/srv/é"];

    public static readonly string[] Paths =
    [
        "/srv/data", "/srv/data/", "/srv/data/x", "/srv//data/./x", "/srv/database", "/srv/data/../x", "/srv/data/../../x", "/../x",
        "/srv/data/../../../x", "/", "//", "//srv/data", "///", "srv/data", "./x", "..", "",
        "/srv/%2e%2e/x", "/srv/data/%2E", "/srv/data/100%", "/srv/data/%zz", "/srv/data/%2", "/srv/data/%%41", @"/srv\data", "/srv/data\0x",
        "/srv/data/..", "/srv/data/...", "/SRV/data", "/srv/é/😀", "~/x", "/.", "/a/../b", "/home/a/b/..", " /srv", "/srv/data\n",
    ];

    public static readonly string[] Hosts = ["example.com", "*.example.com", "api.example.com", "10.0.0.1", "*.com", "evil.org"];

    public static readonly string[] Schemes = ["http", "wss", "https", "ftp"];

    public static readonly string[] Urls =
    [
        "https://example.com", "https://example.com/", "https://EXAMPLE.com./x", "HTTPS://example.com/a?b#c", "http://example.com/",
        "wss://api.example.com:443/x", "https://api.example.com:8443/", "https://a.b.example.com", "https://badexample.com/",
        "https://example.com.evil.org/", "https://user@example.com/", "https://example.com:80@evil.org/", @"https://example.com\@evil.org/",
        "https://example.com/a b", "https://example.com:65535/", "https://example.com:65536/", "https://example.com:/",
        "https://example.com:00443/", "https://example.com:99999999999999999999/", "https://example.com?x=1", "https://example.com#f",
        "https:///x", "https:example.com", "//example.com/x", "example.com", "https://exa_mple.com/", "https://-a.example.com",
        "https://a-.example.com/",
        "https://" + new string('a', 63) + ".example.com/", "https://" + new string('a', 64) + ".example.com/", Long(253), Long(254),
        Long(253) + ".", "https://example.com../", "https://.example.com/", "https://example..com/", "https://./", "https://10.0.0.1/",
        "https://10.0.0.1.", "https://256.1.1.1/",
        "https://010.0.0.1/", "https://2130706433/", "https://0x7f.1/", "https://[::1]/", "https://[2001:DB8::1]:443/x", "https://[::1",
        "https://[:::1]/", "https://[]/", "https://[::ffff:10.0.0.1]/", "https://[::256.0.0.1]/", "https://[fe80::1%25eth0]/",
        "https://[1:2:3:4:5:6:7:8]/", "https://[1:2:3:4:5:6:7:8:9]/",
        "https://exämple.com/", "https://example.com/é", "https://example.com/\u007f", "https://example.com/\t", " https://example.com",
        "https://example.com\n", "https://*.example.com/", "https://example.com/%2e%2e/@x", "ftp://example.com/", "https://com/",
        "h ttps://example.com/", "https://xn--exmple-cua.com/", "",
    ];

    public static readonly string[] Attributes = ["tenant", "home", "host", "cap", "a b"];

    /// <summary>Paths by what is found there when a call is as its tool expects; a call often is not.</summary>
    public static readonly Dictionary<string, string[]> Facts = new()
    {
        ["number"] =
        [
        "args.n", "args.n", "args.m", "args.nums[0]", "args.nums[*]", "args.items[*].q", "args.items[1].q", "args.items[*].p[*].n",
        "args.items[0].p[*].n", "args.grid[*][*]", "args.grid[0][*]", "args.grid[*][0]", """args["a b"].n""", "args.deep.x.n", "time.hour",
        ],
        ["text"] =
        [
        "args.s", "args.s", "args.t", "args.tags[0]", "args.tags[*]", "args.items[*].s", """args["a b"]["q\"x"]""", """args["😀"]""",
        "args.deep.x.s", "grant.label", "grant.identity", "grant.attributes.tenant", """grant.attributes["a b"]""", "server.name",
        "tool.name", "tool.category", "client.name", "time.weekday",
        ],
        ["flag"] = ["args.flag", "args.items[*].ok", "args.deep.x.ok"],
        ["path"] = ["args.path", "args.path", "args.paths[*]", "grant.attributes.home"],
        ["url"] = ["args.url", "args.url", "args.urls[*]", "grant.attributes.host"],
        ["array"] = ["args.nums", "args.tags", "args.items", "args.grid[*]", "args.items[*].p", "args.mixed"],
        ["odd"] =
        [
        "args", "args.deep", "args.deep.x", "args.s.inner", "args.tags.inner", "args.deep[0]", "args.deep[*]", "args.s[*]", "args.gone",
        "args.gone.inner[*]", "args.none", "args.none.inner", "args.items[*]", "args.items[*].gone", "args.mixed[*]", "args.nums[99]",
        "args._x-1", "grant.attributes", "grant.attributes.gone", "grant.label.inner", "time.hour.inner",
        ],
    };

    public static readonly string[] AllFacts = [.. Facts.Values.SelectMany(paths => paths).Distinct()];

    private static string Long(int host) => "https://" + string.Concat(Enumerable.Repeat("abcdefg.", 32))[..(host - 11)] + "example.com";
}
