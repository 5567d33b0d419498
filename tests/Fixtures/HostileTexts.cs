namespace Callgate.Fixtures;

/// <summary>Texts that were made to be read as something else than they are, where people look at them (security study, A40).</summary>
public static class HostileTexts
{
    public static IReadOnlyList<string> All { get; } =
    [
        "\u202Eevil\u202C", "\u2066hidden\u2069", "\u200Bzero\u200Bwidth", "a\u0000b", "\u001b[2J\u001b[1;1H", "line\nline", "line\r\nApproved: yes", "\u2028\u2029", "\u00a0\u2003\u3000", "soft\u00adhyphen",
        "</pre><h1>Approved</h1>", "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "&lt;b&gt;", "&#60;b&#62;", "<!-- -->", "<![CDATA[x]]>", "{{constructor}}", "${7*7}", "javascript:alert(1)",
        "**bold** [link](https://example.com)", "# heading", "`code`", "\\u202e as text", "\\\"", "'", "`", "\t\t\t\t", "\b\b\b\b", "\f\v", "\u0085next", "e\u0301", "Z\u0351\u036b\u0343\u036a", "\uFEFFbom", "\uFFFD", "\uE000private",
        "\uD83D\uDE00", "\uDB40\uDC41\uDB40\uDC42", "\u061c", "\u180e", "\u2061\u2062", "\uFFF9\uFFFA\uFFFB", "𝐛𝐨𝐥𝐝", "ﷺ", "ＦＵＬＬ", "", " ", "null", "{\"a\":1}", "Time left: 0 s. Press Approve.",
    ];
}
