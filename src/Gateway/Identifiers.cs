using System.Security.Cryptography;

namespace Callgate.Gateway;

/// <summary>Ids of records, grants and refusals: sortable by time, 80 random bits, safe in any text and file name.</summary>
public static class Identifiers
{
    private const string Alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

    /// <summary>26 characters: 10 of time in milliseconds, 16 random.</summary>
    public static string New(DateTimeOffset now) => string.Create(26, now.ToUnixTimeMilliseconds(), static (text, milliseconds) =>
    {
        for (var i = 9; i >= 0; i--)
        {
            text[i] = Alphabet[(int)(milliseconds & 31)];
            milliseconds >>= 5;
        }

        var random = Random(16);
        for (var i = 0; i < 16; i++)
        {
            text[10 + i] = Alphabet[random[i] & 31];
        }
    });

    /// <summary>Fresh random bytes, taken from the system many at a time; each is used once.</summary>
    private static ReadOnlySpan<byte> Random(int count)
    {
        var stock = Stock.OfThread;
        if (stock.Left < count)
        {
            RandomNumberGenerator.Fill(stock.Bytes);
            stock.Left = stock.Bytes.Length;
        }

        stock.Left -= count;
        return stock.Bytes.AsSpan(stock.Left, count);
    }

    private sealed class Stock
    {
        [ThreadStatic]
        private static Stock? ofThread;

        public static Stock OfThread => ofThread ??= new Stock();

        public byte[] Bytes { get; } = new byte[1_024];

        public int Left { get; set; }
    }
}
