using System.Globalization;
using System.Numerics;
using Callgate.Policy.Binding;

namespace Callgate.Policy.Tests;

public sealed class ExactNumberTests
{
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
    [InlineData("1e28", "10000000000000000000000000000")]
    [InlineData("7.9e28", "79000000000000000000000000000")]
    [InlineData("1e-28", "0.0000000000000000000000000001")]
    [InlineData("1234567890123456789012345678", "1234567890123456789012345678")]
    [InlineData("0.1234567890123456789012345678", "0.1234567890123456789012345678")]
    [InlineData("1000000000000000000000000000000e-30", "1")]
    [InlineData("8e28", null)]
    [InlineData("1e29", null)]
    [InlineData("1e-29", null)]
    [InlineData("12345678901234567890123456789", null)]
    [InlineData("1.2345678901234567890123456789", null)]
    [InlineData("1e999999999999999999999999", null)]
    [InlineData("1e-999999999999999999999999", null)]
    public void TryRead_NumberText_IsExactOrNothing(string text, string? value)
    {
        var exact = ExactNumber.TryRead(text, out var read);

        Assert.Equal(value, exact ? read.ToString(CultureInfo.InvariantCulture) : null);
    }

    [Fact]
    public void TryRead_RandomNumbers_NeverRounds()
    {
        const int Seed = 1_618;
        var random = new Random(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var digits = string.Concat(Enumerable.Range(0, random.Next(1, 32)).Select(_ => (char)('0' + random.Next(10))));
            var (whole, scale) = (BigInteger.Parse(digits, CultureInfo.InvariantCulture), random.Next(0, 31));
            if (ExactNumber.TryRead(FormattableString.Invariant($"{whole}e-{scale}"), out var value))
            {
                // value × 10^scale, without decimal arithmetic
                var bits = decimal.GetBits(value);
                var mantissa = new BigInteger(new decimal(bits[0], bits[1], bits[2], false, 0)) * BigInteger.Pow(10, scale);
                Assert.True(mantissa == whole * BigInteger.Pow(10, value.Scale), $"seed {Seed}: {whole}e-{scale}");
            }
            else
            {
                var tooFine = whole.ToString(CultureInfo.InvariantCulture).TrimEnd('0').Length > 28 || scale > 28;
                Assert.True(tooFine || whole > (BigInteger)decimal.MaxValue, $"seed {Seed}: {whole}e-{scale}");
            }
        }
    }
}
