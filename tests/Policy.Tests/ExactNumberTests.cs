using System.Globalization;
using System.Numerics;
using System.Text;
using Callgate.Policy.Judging;

namespace Callgate.Policy.Tests;

public sealed class ExactNumberTests
{
    private const int Seed = 1_618;

    [Theory]
    [InlineData("0", "0")]
    [InlineData("-0", "0")]
    [InlineData("0.000", "0")]
    [InlineData("0e-999999999999999999999999", "0")]
    [InlineData("12", "12")]
    [InlineData("12.0", "12")]
    [InlineData("1.2e1", "12")]
    [InlineData("120E-1", "12")]
    [InlineData("1e+2", "100")]
    [InlineData("-2.50", "-2.5")]
    [InlineData("0.05", "0.05")]
    [InlineData("-0.001e1", "-0.01")]
    [InlineData("1e28", "10000000000000000000000000000")]
    [InlineData("7.9e28", "79000000000000000000000000000")]
    [InlineData("1e-28", "0.0000000000000000000000000001")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("0.1234567890123456789012345678", "0.1234567890123456789012345678")]
    [InlineData("1000000000000000000000000000000e-30", "1")]
    [InlineData("12345678901234567890", "12345678901234567890")]
    [InlineData("1234567890123456789", "1234567890123456789")]
    [InlineData("8e28", "80000000000000000000000000000")]
    [InlineData("1234567890123456789012345678e28", "12345678901234567890123456780000000000000000000000000000")]
    [InlineData("12345678901234567890123456789e27", null)]
    [InlineData("10000000000000000000000000001", null)]
    [InlineData("1e29", null)]
    [InlineData("100000000000000000000000000000", null)]
    [InlineData("1e-29", null)]
    [InlineData("12345678901234567890123456789", null)]
    [InlineData("1.2345678901234567890123456789", null)]
    [InlineData("1e999999999999999999999999", null)]
    [InlineData("1e-999999999999999999999999", null)]
    public void TryRead_NumberText_IsExactOrNothing(string text, string? value)
    {
        Assert.Equal(value, ExactNumber.TryRead(text, out var read) ? read.ToString() : null);
        Assert.Equal(value, ExactNumber.TryRead(Encoding.UTF8.GetBytes(text), out var bytes) ? bytes.ToString() : null);
        Assert.Equal(read, bytes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("-")]
    [InlineData("+1")]
    [InlineData("01")]
    [InlineData("00")]
    [InlineData("-01")]
    [InlineData("1.")]
    [InlineData(".5")]
    [InlineData("1.e1")]
    [InlineData("1e")]
    [InlineData("1e+")]
    [InlineData("1e-")]
    [InlineData("1e1.5")]
    [InlineData("1 ")]
    [InlineData(" 1")]
    [InlineData("--1")]
    [InlineData("1e+-1")]
    [InlineData("0x1")]
    [InlineData("NaN")]
    [InlineData("1\u0130")]
    [InlineData("\u0661")]
    [InlineData("\u0131")]
    public void TryRead_NoNumberOfJson_IsNothing(string text)
    {
        Assert.False(ExactNumber.TryRead(text, out var read));
        Assert.Equal(default, read);
        Assert.False(ExactNumber.TryRead(Encoding.UTF8.GetBytes(text), out _));
    }

    [Theory]
    [InlineData("79228162514264337593543950335", null)] // 29 digits
    [InlineData("7922816251426433759354395033e1", "79228162514264337593543950330")]
    [InlineData("7922816251426433759354395034e1", null)]
    [InlineData("-7922816251426433759354395033e1", "-79228162514264337593543950330")]
    [InlineData("7.9e28", "79000000000000000000000000000")]
    [InlineData("8e28", null)]
    [InlineData("1234567890123456789012345678e28", null)]
    [InlineData("12e28", null)]
    [InlineData("-12.50", "-12.5")]
    [InlineData("1e-28", "0.0000000000000000000000000001")]
    [InlineData("0", "0")]
    [InlineData("1e28", "10000000000000000000000000000")]
    [InlineData("70e27", "70000000000000000000000000000")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("0.1234567890123456789012345678", "0.1234567890123456789012345678")]
    [InlineData("18446744073709551616", "18446744073709551616")] // 2^64
    [InlineData("4294967296", "4294967296")] // 2^32
    public void TryToDecimal_ExactNumber_IsExactOrNothing(string text, string? value)
    {
        var held = ExactNumber.TryRead(text, out var read) & read.TryToDecimal(out var converted);

        Assert.Equal(value, held ? converted.ToString(CultureInfo.InvariantCulture) : null);
        Assert.True(held || converted == 0);
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(1200, "1200")]
    [InlineData(-7, "-7")]
    [InlineData(long.MaxValue, "9223372036854775807")]
    [InlineData(long.MinValue, "-9223372036854775808")]
    public void FromInt64_Value_IsTheNumberOfItsText(long value, string text)
    {
        Assert.True(ExactNumber.TryRead(text, out var read));
        Assert.Equal(read, ExactNumber.FromInt64(value));
        Assert.Equal(text, ExactNumber.FromInt64(value).ToString());
    }

    [Theory]
    [InlineData("12", "12.0", 0)]
    [InlineData("-0", "0", 0)]
    [InlineData("0", "1e-28", -1)]
    [InlineData("0", "-1e-28", 1)]
    [InlineData("-1", "1", -1)]
    [InlineData("9", "10", -1)]
    [InlineData("0.9", "0.10", 1)]
    [InlineData("-9", "-10", 1)]
    [InlineData("9999999999999999999999999999", "1e28", -1)]
    [InlineData("9999999999999999999999999999e28", "1e28", 1)]
    [InlineData("1.000000000000000000000000001", "1", 1)]
    [InlineData("100", "99", 1)]
    [InlineData("1e3", "1001", -1)]
    [InlineData("1.5e3", "1.5e4", -1)]
    [InlineData("-1.5e3", "-15e2", 0)]
    public void CompareTo_TwoNumbers_IsByValue(string one, string other, int sign)
    {
        Assert.True(ExactNumber.TryRead(one, out var left) & ExactNumber.TryRead(other, out var right));
        Assert.Equal(sign != 0, left != right);
        Assert.Equal(sign, left.CompareTo(right));
        Assert.Equal(-sign, right.CompareTo(left));
        Assert.Equal(sign == 0, left == right);
        Assert.Equal(sign < 0, left < right);
        Assert.Equal(sign <= 0, left <= right);
        Assert.Equal(sign > 0, left > right);
        Assert.Equal(sign >= 0, left >= right);
    }

    [Theory]
    [InlineData("0", "7", true)]
    [InlineData("0", "0", true)]
    [InlineData("7", "0", false)]
    [InlineData("0.3", "0.1", true)]
    [InlineData("0.35", "0.1", false)]
    [InlineData("19.99", "0.01", true)]
    [InlineData("-6", "3", true)]
    [InlineData("6", "-3", true)]
    [InlineData("5", "10", false)]
    [InlineData("1e28", "3", false)]
    [InlineData("1e28", "1e-28", true)]
    [InlineData("1e28", "0.0000000000000000000000000003", false)]
    [InlineData("9e28", "0.0000000000000000000000000003", true)]
    [InlineData("7e28", "9999999999999999999999999997e-28", false)]
    public void IsMultipleOf_Divisor_IsExact(string number, string divisor, bool multiple)
    {
        Assert.True(ExactNumber.TryRead(number, out var left) & ExactNumber.TryRead(divisor, out var right));
        Assert.Equal(multiple, left.IsMultipleOf(right));
    }

    [Fact]
    public void TryRead_RandomNumbers_NeverRounds()
    {
        var random = new Random(Seed);
        var (exact, inexact) = (0, 0);
        for (var i = 0; i < 20_000; i++)
        {
            var (text, whole, scale) = RandomNumber(random);
            var normal = whole;
            var exponent = scale;
            while (!normal.IsZero && normal % 10 == 0)
            {
                (normal, exponent) = (normal / 10, exponent + 1);
            }

            var expected = normal.IsZero || (BigInteger.Abs(normal).ToString(CultureInfo.InvariantCulture).Length <= 28 && exponent is >= -28 and <= 28);
            var read = ExactNumber.TryRead(text, out var number);
            Assert.True(expected == read, $"seed {Seed}: {text}");
            _ = read ? exact++ : inexact++;
            if (read)
            {
                Assert.True(Scaled(whole, scale) == Scaled(number), $"seed {Seed}: {text} read as {number}");
                Assert.True(number.IsInteger == (normal.IsZero || exponent >= 0), $"seed {Seed}: {text}");
                Assert.True(ExactNumber.TryRead(number.ToString(), out var again) && again == number && again.GetHashCode() == number.GetHashCode(), $"seed {Seed}: {text}");
            }
        }

        Assert.InRange(exact, 2_000, 18_000);
        Assert.InRange(inexact, 2_000, 18_000);
    }

    [Fact]
    public void CompareTo_RandomPairs_AgreesWithWholeNumbers()
    {
        var random = new Random(Seed);
        var (pairs, multiples) = (0, 0);
        for (var i = 0; i < 40_000; i++)
        {
            var (one, other) = (RandomNumber(random, few: i % 2 == 0).Text, RandomNumber(random, few: i % 2 == 0).Text);
            if (!ExactNumber.TryRead(one, out var left) || !ExactNumber.TryRead(other, out var right))
            {
                continue;
            }

            pairs++;
            var (wide, thin) = (Scaled(left), Scaled(right));
            Assert.True(wide.CompareTo(thin) == left.CompareTo(right), $"seed {Seed}: {one} and {other}");
            Assert.True((wide == thin) == left.Equals(right), $"seed {Seed}: {one} and {other}");
            var multiple = wide.IsZero || (!thin.IsZero && (wide % thin).IsZero);
            multiples += multiple ? 1 : 0;
            Assert.True(multiple == left.IsMultipleOf(right), $"seed {Seed}: {one} and {other}");
        }

        Assert.True(pairs > 10_000 && multiples > 1_000, $"{pairs} pairs, {multiples} multiples");
    }

    private static (string Text, BigInteger Whole, int Scale) RandomNumber(Random random, bool few = false)
    {
        var length = few ? random.Next(1, 4) : random.Next(1, 33);
        var digits = string.Concat(Enumerable.Range(0, length).Select(_ => (char)('0' + (random.Next(3) == 0 ? 0 : random.Next(10)))));
        var whole = BigInteger.Parse(digits, CultureInfo.InvariantCulture) * (random.Next(4) == 0 ? -1 : 1);
        var exponent = few ? random.Next(-3, 4) : random.Next(-40, 41);
        var text = whole.ToString(CultureInfo.InvariantCulture);
        var scale = exponent;
        if (random.Next(2) == 0)
        {
            var fraction = string.Concat(Enumerable.Range(0, random.Next(1, 4)).Select(_ => (char)('0' + random.Next(10))));
            text += "." + fraction;
            whole = BigInteger.Parse(whole + fraction, CultureInfo.InvariantCulture);
            scale -= fraction.Length;
        }

        return (FormattableString.Invariant($"{text}{(random.Next(2) == 0 ? 'e' : 'E')}{(exponent >= 0 && random.Next(2) == 0 ? "+" : "")}{exponent}"), whole, scale);
    }

    /// <summary>The value times 10^100, which is whole for every number here.</summary>
    private static BigInteger Scaled(BigInteger whole, int scale) => whole * BigInteger.Pow(10, 100 + scale);

    private static BigInteger Scaled(ExactNumber number)
    {
        var text = number.ToString();
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var digits = BigInteger.Parse(text.Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture);
        return Scaled(digits, point < 0 ? 0 : point + 1 - text.Length);
    }
}
