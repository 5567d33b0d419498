using Callgate.Fixtures;
using Callgate.Gateway.Quota;
using Xunit;

namespace Callgate.Gateway.Tests.Quota;

/// <summary>The charges of a sliding window against a plain list, in numbers that take many blocks.</summary>
public sealed class SlidingChargesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(null)]
    public void Charges_AddedInAnyOrderAndTakenAway_AreThoseOfAList(int? fixedSeed)
    {
        var random = new Random(new LongRun(nameof(SlidingChargesTests), fixedSeed).Seed);
        var charges = new SlidingCharges();
        var list = new List<(long At, decimal Amount)>();
        var now = 0L;
        for (var step = 0; step < 30_000; step++)
        {
            now += random.Next(3);
            switch (random.Next(100))
            {
                case < 80:
                    var (at, amount) = (now - (random.Next(5) == 0 ? random.Next(Math.Max(1, (int)Math.Min(now, 600))) : 0), 1 + (random.Next(4) / 4m));
                    charges.Add(at, amount);
                    list.Add((at, amount));
                    break;
                case < 95 when list.Count > 0:
                    var gone = list[random.Next(list.Count)];
                    Assert.True(charges.TryRemove(gone.At, gone.Amount));
                    list.Remove(gone);
                    break;
                case < 97:
                    Assert.False(charges.TryRemove(now, 17));
                    break;
                default:
                    var last = now - random.Next(9_000);
                    charges.DropUntil(last);
                    list.RemoveAll(charge => charge.At <= last);
                    break;
            }

            if (step % 100 == 0)
            {
                Compare(charges, list, now - random.Next(5_000), random.Next(4_000) / 4m);
            }
        }
    }

    private static void Compare(SlidingCharges charges, List<(long At, decimal Amount)> list, long last, decimal amount)
    {
        var sorted = list.OrderBy(static charge => charge.At).ToList();
        Assert.Equal(sorted.Select(static charge => charge.At), charges.All().Select(static charge => charge.At));
        Assert.Equal(sorted.Order(), charges.All().Order());
        Assert.Equal((sorted.Count, Total.Of(sorted.Sum(static charge => charge.Amount))), (charges.Count, charges.Total));
        Assert.Equal(Total.Of(sorted.Where(charge => charge.At > last).Sum(static charge => charge.Amount)), charges.After(last));
        Assert.True(sorted.Count == 0 || charges.Oldest == sorted[0].At);

        var sum = 0m;
        long? expected = null;
        foreach (var (at, of) in sorted)
        {
            sum += of;
            if (sum >= amount)
            {
                expected = at;
                break;
            }
        }

        Assert.Equal(expected, charges.GoneWith(Total.Of(amount)));
    }
}
