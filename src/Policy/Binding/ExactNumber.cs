using System.Globalization;
using System.Numerics;

namespace Callgate.Policy.Binding;

/// <summary>Number text to its exact decimal value, never a rounded one.</summary>
internal static class ExactNumber
{
    private const int MostDigits = 28;

    /// <summary>
    /// False when the value has more than 28 significant digits, more than 28 decimal places, or is out of decimal range.
    /// <c>12</c>, <c>12.0</c> and <c>1.2e1</c> are one value; −0 is 0.
    /// </summary>
    /// <param name="text">A number token of JSON.</param>
    /// <param name="value">The exact value; 0 when there is none.</param>
    public static bool TryRead(string text, out decimal value)
    {
        value = 0;
        var mark = text.AsSpan().IndexOfAny('e', 'E');
        var mantissa = mark < 0 ? text.AsSpan() : text.AsSpan(0, mark);
        var negative = mantissa.StartsWith("-", StringComparison.Ordinal);
        mantissa = negative ? mantissa[1..] : mantissa;

        var point = mantissa.IndexOf('.');
        var fraction = point < 0 ? 0 : mantissa.Length - point - 1;
        var all = point < 0 ? mantissa.ToString() : string.Concat(mantissa[..point], mantissa[(point + 1)..]);
        var digits = all.TrimStart('0').TrimEnd('0');
        if (digits.Length == 0)
        {
            return true;
        }

        var trailing = all.Length - all.TrimEnd('0').Length;
        var exponent = Exponent(mark < 0 ? "" : text[(mark + 1)..]) - fraction + trailing;
        return digits.Length <= MostDigits && TryScale(BigInteger.Parse(digits, CultureInfo.InvariantCulture), exponent, negative, out value);
    }

    /// <summary>The exponent, held within bounds that no fitting number passes.</summary>
    private static long Exponent(string text)
    {
        const long Beyond = 1L << 40;
        if (text.Length == 0)
        {
            return 0;
        }

        var digits = text.TrimStart('+', '-').TrimStart('0');
        var size = digits.Length switch
        {
            0 => 0,
            > 12 => Beyond,
            _ => long.Parse(digits, CultureInfo.InvariantCulture),
        };
        return text[0] == '-' ? -size : size;
    }

    private static bool TryScale(BigInteger digits, long exponent, bool negative, out decimal value)
    {
        value = 0;
        if (exponent is < -MostDigits or > MostDigits)
        {
            return false;
        }

        var whole = exponent > 0 ? digits * BigInteger.Pow(10, (int)exponent) : digits;
        if (whole > (BigInteger)decimal.MaxValue)
        {
            return false;
        }

        var bits = decimal.GetBits((decimal)whole);
        value = new decimal(bits[0], bits[1], bits[2], negative, (byte)(exponent < 0 ? -exponent : 0));
        return true;
    }
}
