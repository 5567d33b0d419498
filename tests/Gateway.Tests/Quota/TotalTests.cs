using System.Numerics;
using Callgate.Fixtures;
using Callgate.Gateway.Quota;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>Sums of decimals against whole numbers of any size.</summary>
public sealed class TotalTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public void Sums_OfAnyDecimals_AreExact(int? fixedSeed)
    {
        var random = new Random(new LongRun(nameof(TotalTests), fixedSeed).Seed);
        for (var round = 0; round < 2_000; round++)
        {
            var total = default(Total);
            var exact = BigInteger.Zero;
            for (var i = 0; i < 8; i++)
            {
                var amount = AmountOf(random);
                var (isLess, next) = (random.Next(3) == 0, NaiveCounters.Exact(amount));
                total = isLess ? total - Total.Of(amount) : total + Total.Of(amount);
                exact = isLess ? BigInteger.Max(0, exact - next) : exact + next;
                Assert.Equal(exact, total.Parts().Aggregate(BigInteger.Zero, static (sum, part) => sum + NaiveCounters.Exact(part)));
                Assert.Equal(NaiveCounters.HasDecimal(exact), total.TryToDecimal(out var single));
                Assert.True(!NaiveCounters.HasDecimal(exact) || NaiveCounters.Exact(single) == exact);
                Assert.Equal(exact.CompareTo(next), total.CompareTo(Total.Of(amount)));
                Assert.Equal(exact.IsZero, total.IsZero);
            }
        }
    }

    [Fact]
    public void ToDecimal_BeyondTheLargest_IsTheLargest() =>
        Assert.Equal(decimal.MaxValue, (Total.Of(decimal.MaxValue) + Total.Of(0.9m)).ToDecimal());

    private static decimal AmountOf(Random random) => random.Next(6) switch
    {
        0 => decimal.MaxValue,
        1 => new decimal(1, 0, 0, false, 28),
        2 => random.Next(100),
        _ => new decimal(random.Next(), random.Next(), random.Next(2) == 0 ? 0 : random.Next(), false, (byte)random.Next(29)),
    };
}
