using System.Globalization;
using System.Text.Json;

namespace Callgate.Gateway.Tests.Hostile.Inputs;

/// <summary>A03: the allowed <c>echo</c> and the hidden <c>add</c>, each spelled in many ways that are neither.</summary>
internal static class NameInputs
{
    /// <summary>What a reader may drop, show as nothing or take for something else, as JSON escapes.</summary>
    private static readonly string[] Unseen =
    [
        "\\t", "\\n", "\\r", "\\u0000", "\\u0008", "\\u00a0", "\\u00ad", "\\u0301", "\\u034f", "\\u115f", "\\u180e", "\\u2000", "\\u200b", "\\u200c", "\\u200d", "\\u200e", "\\u202e", "\\u2028",
        "\\u2060", "\\u2800", "\\u3000", "\\u3164", "\\ufe0f", "\\ufeff", "\\uffa0", "\\udb40\\udc61",
    ];

    public static IEnumerable<HostileInput> Inputs(Era era) => new[] { "echo", "add" }.SelectMany(name => Spellings(name).Select(spelling => Input(era, name, spelling)));

    /// <summary>At least sixty of each name, none of them a name of the server.</summary>
    public static IReadOnlyList<string> Spellings(string name)
    {
        var first = (int)name[0];
        string[] spellings =
        [
            name.ToUpperInvariant(), char.ToUpperInvariant(name[0]) + name[1..], name[..^1] + char.ToUpperInvariant(name[^1]), name + " ", " " + name, name[..1] + " " + name[1..],
            .. Unseen.Select(unseen => name + unseen), .. Unseen.Where(static unseen => unseen.StartsWith("\\u", StringComparison.Ordinal)).SelectMany(unseen => new[] { unseen + name, name.Insert(1, unseen) }),
            "up__" + name, "up." + name, "up/" + name, "up:" + name, "up-" + name, "./" + name, "/" + name, name + "/", name + ".", "../" + name, "%" + first.ToString("x2", CultureInfo.InvariantCulture) + name[1..], name + "%00", name + "%20",
            name + "#", name + "?", name + ";", name + "," + name, name + "\\\\", "\\\"" + name + "\\\"", "'" + name + "'", "`" + name + "`", name[..1] + "*", name[..^1] + "?", "[" + name[0] + "]" + name[1..], "^" + name + "$", name + "|x", "(" + name + ")",
            "&#" + first.ToString(CultureInfo.InvariantCulture) + ";" + name[1..], "\\\\u" + first.ToString("x4", CultureInfo.InvariantCulture) + name[1..], name.Replace('o', '0').Replace('a', '4'), name.Replace('a', '\u0430').Replace('e', '\u0435').Replace('o', '\u043e'),
            name.Replace('a', '\u03b1').Replace('o', '\u03bf').Replace('e', '\u03b5'), new([.. name.Select(static letter => (char)(letter + 0xFEE0))]), name.Replace('e', '\u00e9').Replace('a', '\u00e1'),
            "\\ud835\\udc1a" + name[1..], name + name, name[1..], name[..^1], name + "x", "x" + name, new([.. name.Reverse()]), name + "()", "tools/" + name, "",
        ];
        return [.. spellings.Where(spelling => spelling != name).Distinct(StringComparer.Ordinal)];
    }

    private static HostileInput Input(Era era, string name, string spelling)
    {
        var plain = JsonElement.Parse(System.Text.Encoding.UTF8.GetBytes($"\"{spelling}\"")).GetString()!;
        var body = Bodies.Call(era == Era.Modern, $"\"{spelling}\"", name == "add" ? """{"a":1,"b":2}""" : """{"text":"hi"}""");
        return new HostileInput(body, Expected.UnknownTool(plain)) { Mirrored = plain };
    }
}
