namespace Callgate.Gateway.Quota;

/// <summary>
/// A sum of amounts that is never rounded, whatever is added and taken away in which order. A decimal holds about 28 digits
/// anywhere; this holds 28 on each side of the point.
/// </summary>
/// <param name="Whole">More than four thousand million of the largest amounts, so it does not overflow.</param>
/// <param name="Fraction">At least 0 and below 1. Its sums with other fractions have room in a decimal.</param>
internal readonly record struct Total(UInt128 Whole, decimal Fraction) : IComparable<Total>
{
    private static readonly UInt128 LargestWhole = (UInt128)decimal.MaxValue;

    public bool IsZero => Whole == UInt128.Zero && Fraction == 0;

    public static bool operator >(Total left, Total right) => left.CompareTo(right) > 0;

    public static bool operator <(Total left, Total right) => left.CompareTo(right) < 0;

    public static bool operator >=(Total left, Total right) => left.CompareTo(right) >= 0;

    public static bool operator <=(Total left, Total right) => left.CompareTo(right) <= 0;

    public static Total operator +(Total left, Total right)
    {
        var fraction = left.Fraction + right.Fraction;
        return fraction < 1
            ? new Total(left.Whole + right.Whole, fraction)
            : new Total(left.Whole + right.Whole + UInt128.One, fraction - 1);
    }

    /// <summary>What is left, never below nothing.</summary>
    public static Total operator -(Total left, Total right)
    {
        if (left <= right)
        {
            return default;
        }

        var fraction = left.Fraction - right.Fraction;
        return fraction >= 0
            ? new Total(left.Whole - right.Whole, fraction)
            : new Total(left.Whole - right.Whole - UInt128.One, fraction + 1);
    }

    /// <param name="amount">At least 0.</param>
    public static Total Of(decimal amount)
    {
        var whole = decimal.Truncate(amount);
        return new Total((UInt128)whole, amount - whole);
    }

    public int CompareTo(Total other)
    {
        var byWhole = Whole.CompareTo(other.Whole);
        return byWhole != 0 ? byWhole : Fraction.CompareTo(other.Fraction);
    }

    /// <summary>False when no decimal is exactly this.</summary>
    public bool TryToDecimal(out decimal amount)
    {
        amount = 0;
        if (Whole > LargestWhole || (Whole == LargestWhole && Fraction > 0))
        {
            return false;
        }

        var whole = (decimal)Whole;
        amount = whole + Fraction;
        return decimal.Truncate(amount) == whole && amount - whole == Fraction;
    }

    /// <summary>For people: as close as a decimal comes to it.</summary>
    public decimal ToDecimal() => TryToDecimal(out var amount) ? amount : Whole >= LargestWhole ? decimal.MaxValue : (decimal)Whole + Fraction;

    /// <summary>Decimals, one unless there is none, that together are exactly this.</summary>
    public IEnumerable<decimal> Parts()
    {
        if (TryToDecimal(out var amount))
        {
            yield return amount;
            yield break;
        }

        for (var left = Whole; left > UInt128.Zero;)
        {
            var part = left > LargestWhole ? LargestWhole : left;
            yield return (decimal)part;
            left -= part;
        }

        if (Fraction > 0)
        {
            yield return Fraction;
        }
    }
}
