using System.Text;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>Bends valid texts by chance: bytes flipped, cut, doubled, and pieces put in that readers stumble over.</summary>
internal static class Bending
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\u0000", "\\ud800", "\\udc00", "\\u006e", "\"id\":1,", "\"Id\":1,", "\"method\":\"x\",", "\"name\":\"add\",", "\"n\\u0061me\":\"add\",", "null", "true", "1e400", "-", "0", ".5", " ", "\n", "//", "/**/",
            "\uFEFF", "\u200b", "\u2028", "\u212a", "\u017f", "\0", "[[[[[[[[[[[[[[[[", "{\"a\":{\"a\":{\"a\":",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82],
    ];

    /// <summary>One of the texts with one to three changes.</summary>
    public static byte[] Bend(byte[][] seeds, Random chance)
    {
        var bent = new List<byte>(seeds[chance.Next(seeds.Length)]);
        for (var times = chance.Next(1, 4); times > 0; times--)
        {
            var at = chance.Next(bent.Count);
            switch (chance.Next(7))
            {
                case 0:
                    bent[at] = (byte)chance.Next(256);
                    break;
                case 1:
                    bent[at] ^= (byte)(1 << chance.Next(8));
                    break;
                case 2:
                    bent.RemoveRange(at, Math.Min(chance.Next(1, 9), bent.Count - at - (at == 0 ? 1 : 0)));
                    break;
                case 3:
                    bent.InsertRange(at, bent.GetRange(at, Math.Min(chance.Next(1, 40), bent.Count - at)));
                    break;
                case 4:
                    bent.InsertRange(at, seeds[chance.Next(seeds.Length)].AsSpan(0, 20).ToArray());
                    break;
                default:
                    bent.InsertRange(at, Pieces[chance.Next(Pieces.Length)]);
                    break;
            }
        }

        return [.. bent];
    }
}
