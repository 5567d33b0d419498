using System.Globalization;
using System.Numerics;

namespace Callgate.Policy.Judging;

/// <summary>
/// A number of JSON by its exact value, never a rounded one (policy language, Conditions). Exact are numbers whose normal
/// form, a whole number without trailing zeros times a power of ten, has at most 28 digits and an exponent within ±28.
/// <c>12</c>, <c>12.0</c> and <c>1.2e1</c> are one value; −0 is 0, and so is <c>default</c>.
/// </summary>
internal readonly struct ExactNumber : IEquatable<ExactNumber>, IComparable<ExactNumber>
{
    /// <summary>The most significant digits of an exact number.</summary>
    public const int MostDigits = 28;

    /// <summary>A number written longer is not exact: reading it must not cost more than comparing it.</summary>
    public const int LongestToken = 256;

    /// <summary>The largest exponent of an exact number, and the smallest below zero.</summary>
    public const int MostExponent = 28;

    // Zero and up to the largest power that a UInt128 holds.
    private static readonly UInt128[] Powers = MakePowers();

    private readonly UInt128 mantissa; // ends in no zero; 0 only with exponent 0
    private readonly sbyte exponent;
    private readonly bool negative;

    private ExactNumber(bool negative, UInt128 mantissa, int exponent)
    {
        this.mantissa = mantissa;
        this.exponent = (sbyte)exponent;
        this.negative = negative;
    }

    /// <summary>Whether the number has no fraction, however it was written.</summary>
    public bool IsInteger => exponent >= 0;

    /// <summary>−1, 0 or 1.</summary>
    public int Sign => mantissa == 0 ? 0 : negative ? -1 : 1;

    public static bool operator ==(ExactNumber left, ExactNumber right) => left.Equals(right);

    public static bool operator !=(ExactNumber left, ExactNumber right) => !left.Equals(right);

    public static bool operator <(ExactNumber left, ExactNumber right) => left.CompareTo(right) < 0;

    public static bool operator <=(ExactNumber left, ExactNumber right) => left.CompareTo(right) <= 0;

    public static bool operator >(ExactNumber left, ExactNumber right) => left.CompareTo(right) > 0;

    public static bool operator >=(ExactNumber left, ExactNumber right) => left.CompareTo(right) >= 0;

    /// <summary>False when the token is no number of JSON, or no exact one. Allocates nothing.</summary>
    /// <param name="utf8Token">A number token of JSON in UTF-8, without white space.</param>
    /// <param name="number">The exact value; 0 when there is none.</param>
    public static bool TryRead(ReadOnlySpan<byte> utf8Token, out ExactNumber number) => TryRead<byte>(utf8Token, out number);

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, out ExactNumber)"/>
    public static bool TryRead(ReadOnlySpan<char> token, out ExactNumber number) => TryRead<char>(token, out number);

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, out ExactNumber)"/>
    public static bool TryRead(string token, out ExactNumber number) => TryRead<char>(token, out number);

    /// <summary>Every 64-bit integer is exact.</summary>
    public static ExactNumber FromInt64(long value)
    {
        var mantissa = value < 0 ? (ulong)-(value + 1) + 1 : (ulong)value;
        var exponent = 0;
        while (mantissa != 0 && mantissa % 10 == 0)
        {
            mantissa /= 10;
            exponent++;
        }

        return new ExactNumber(value < 0, mantissa, exponent);
    }

    /// <summary>False, with 0, where a <see cref="decimal"/> cannot hold the value exactly: from 79228162514264337593543950336 up.</summary>
    public bool TryToDecimal(out decimal value)
    {
        value = 0;
        if (exponent > 0 && Digits(mantissa) + exponent > MostDigits + 1)
        {
            return false;
        }

        var whole = exponent > 0 ? mantissa * Powers[exponent] : mantissa;
        if (whole >> 96 != 0)
        {
            return false;
        }

        value = new decimal((int)(uint)whole, (int)(uint)(whole >> 32), (int)(uint)(whole >> 64), negative, (byte)(exponent < 0 ? -exponent : 0));
        return true;
    }

    /// <summary>Whether some whole number times <paramref name="divisor"/> is this one. No number is a multiple of 0, but 0 is.</summary>
    public bool IsMultipleOf(ExactNumber divisor)
    {
        if (mantissa == 0)
        {
            return true;
        }

        // Below the power of the divisor this one would have to end in a zero, and its normal form does not.
        if (divisor.mantissa == 0 || exponent < divisor.exponent)
        {
            return false;
        }

        const int Chunk = 10; // 28 digits and 10 more are within UInt128
        var rest = mantissa % divisor.mantissa;
        for (var shift = exponent - divisor.exponent; shift > 0 && rest != 0; shift -= Chunk)
        {
            rest = rest * Powers[Math.Min(shift, Chunk)] % divisor.mantissa;
        }

        return rest == 0;
    }

    public int CompareTo(ExactNumber other)
    {
        if (Sign != other.Sign || mantissa == 0)
        {
            return Sign.CompareTo(other.Sign);
        }

        return negative ? other.CompareSize(this) : CompareSize(other);
    }

    public bool Equals(ExactNumber other) =>
        mantissa == other.mantissa && exponent == other.exponent && negative == other.negative;

    public override bool Equals(object? obj) => obj is ExactNumber other && Equals(other);

    /// <summary>The same in every process, so that what is counted with it is, too.</summary>
    public override int GetHashCode()
    {
        const ulong Spread = 0x9E37_79B9_7F4A_7C15;
        var mixed = ((ulong)mantissa ^ ((ulong)(mantissa >> 64) * Spread) ^ (ulong)((exponent * 2) + (negative ? 1 : 0))) * Spread;
        return (int)(mixed >> 32);
    }

    /// <summary>The canonical text: plain digits without an exponent, a point only before a fraction; equal values have equal texts.</summary>
    public override string ToString()
    {
        var digits = mantissa.ToString(CultureInfo.InvariantCulture);
        var sign = negative ? "-" : "";
        if (exponent >= 0)
        {
            return sign + digits + new string('0', exponent);
        }

        digits = digits.PadLeft(1 - exponent, '0');
        return $"{sign}{digits[..^-exponent]}.{digits[^-exponent..]}";
    }

    private static bool TryRead<T>(ReadOnlySpan<T> token, out ExactNumber number)
        where T : unmanaged, IBinaryInteger<T>
    {
        number = default;
        if (token.Length > LongestToken)
        {
            return false;
        }

        var at = 0;
        var negative = Take(token, ref at, '-');
        var whole = at;
        var digits = default(Digitizer);
        if (!digits.Take(token, ref at) || (at - whole > 1 && int.CreateTruncating(token[whole]) == '0'))
        {
            return false;
        }

        var point = Take(token, ref at, '.');
        var fraction = at;
        if (point && !digits.Take(token, ref at))
        {
            return false;
        }

        var scale = at - fraction;
        if (!TryReadExponent(token, ref at, out var written) || at != token.Length || digits.TooMany)
        {
            return false;
        }

        var exponent = written - scale + digits.TrailingZeros;
        if (digits.Value == 0)
        {
            return true;
        }

        var exact = exponent is >= -MostExponent and <= MostExponent;
        number = exact ? new ExactNumber(negative, digits.Value, (int)exponent) : default;
        return exact;
    }

    /// <summary>The exponent, held within bounds that no token in memory can bring back to an exact number.</summary>
    private static bool TryReadExponent<T>(ReadOnlySpan<T> token, ref int at, out long exponent)
        where T : unmanaged, IBinaryInteger<T>
    {
        const long Beyond = 1L << 40;
        exponent = 0;
        if (!Take(token, ref at, 'e') && !Take(token, ref at, 'E'))
        {
            return true;
        }

        var below = Take(token, ref at, '-');
        _ = below || Take(token, ref at, '+');
        var first = at;
        for (; at < token.Length && IsDigit(token[at], out var digit); at++)
        {
            exponent = Math.Min((exponent * 10) + digit, Beyond);
        }

        exponent = below ? -exponent : exponent;
        return at > first;
    }

    private static bool Take<T>(ReadOnlySpan<T> token, ref int at, char wanted)
        where T : unmanaged, IBinaryInteger<T>
    {
        var there = at < token.Length && int.CreateTruncating(token[at]) == wanted;
        at += there ? 1 : 0;
        return there;
    }

    private static bool IsDigit<T>(T unit, out uint digit)
        where T : unmanaged, IBinaryInteger<T>
    {
        digit = uint.CreateTruncating(unit) - '0';
        return digit <= 9;
    }

    private static int Digits(UInt128 value)
    {
        var digits = 0;
        while (digits < Powers.Length && value >= Powers[digits])
        {
            digits++;
        }

        return digits;
    }

    private static UInt128[] MakePowers()
    {
        var powers = new UInt128[39];
        powers[0] = 1;
        for (var i = 1; i < powers.Length; i++)
        {
            powers[i] = powers[i - 1] * 10;
        }

        return powers;
    }

    /// <summary>By absolute value. First by the place of the leading digit, then both brought to one exponent, which 28 digits allow.</summary>
    private int CompareSize(ExactNumber other)
    {
        if (exponent == other.exponent)
        {
            return mantissa.CompareTo(other.mantissa);
        }

        var (ours, theirs) = (Digits(mantissa), Digits(other.mantissa));
        if (ours + exponent != theirs + other.exponent)
        {
            return (ours + exponent).CompareTo(theirs + other.exponent);
        }

        return (mantissa * Powers[MostDigits - ours]).CompareTo(other.mantissa * Powers[MostDigits - theirs]);
    }

    /// <summary>Digits to a number: leading zeros add nothing, and zeros count only once a digit follows them.</summary>
    private struct Digitizer
    {
        private const int InOneWord = 19;

        private ulong small;
        private UInt128 large;
        private int significant;

        public int TrailingZeros { get; private set; }

        public bool TooMany { get; private set; }

        public readonly UInt128 Value => significant <= InOneWord ? small : large;

        /// <summary>Takes the run of digits at a place; false when there is none.</summary>
        public bool Take<T>(ReadOnlySpan<T> token, ref int at)
            where T : unmanaged, IBinaryInteger<T>
        {
            var first = at;
            for (; at < token.Length && IsDigit(token[at], out var digit); at++)
            {
                Add(digit);
            }

            return at > first;
        }

        private void Add(uint digit)
        {
            if (digit == 0)
            {
                TrailingZeros += significant == 0 ? 0 : 1;
                return;
            }

            var shift = TrailingZeros + 1;
            if (TooMany || significant + shift > MostDigits)
            {
                TooMany = true;
                return;
            }

            if (significant + shift <= InOneWord)
            {
                small = (small * (ulong)Powers[shift]) + digit;
            }
            else
            {
                large = ((significant <= InOneWord ? small : large) * Powers[shift]) + digit;
            }

            significant += shift;
            TrailingZeros = 0;
        }
    }
}
