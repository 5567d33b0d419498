using System.Globalization;

namespace Callgate.Policy.Tests;

public sealed class LimitWindowTests
{
    [Theory]
    [InlineData("second", "2026-03-04T05:06:07.999Z", "2026-03-04T05:06:07Z", "2026-03-04T05:06:08Z")]
    [InlineData("minute", "2026-03-04T05:06:59.999Z", "2026-03-04T05:06:00Z", "2026-03-04T05:07:00Z")]
    [InlineData("minute", "2026-03-04T05:07:00Z", "2026-03-04T05:07:00Z", "2026-03-04T05:08:00Z")]
    [InlineData("hour", "2026-12-31T23:59:59Z", "2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z")]
    [InlineData("day", "2028-02-29T12:00:00Z", "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z")]
    [InlineData("day", "2026-03-04T01:30:00+02:00", "2026-03-03T00:00:00Z", "2026-03-04T00:00:00Z")]
    [InlineData("week", "2026-01-01T00:00:00Z", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z")]
    [InlineData("week", "2026-01-04T23:59:59Z", "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z")]
    [InlineData("week", "2026-01-05T00:00:00Z", "2026-01-05T00:00:00Z", "2026-01-12T00:00:00Z")]
    [InlineData("week", "1970-01-01T00:00:00Z", "1969-12-29T00:00:00Z", "1970-01-05T00:00:00Z")]
    [InlineData("month", "2026-01-31T23:59:59Z", "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z")]
    [InlineData("month", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z")]
    [InlineData("month", "2028-02-29T23:59:59Z", "2028-02-01T00:00:00Z", "2028-03-01T00:00:00Z")]
    [InlineData("month", "2026-12-31T23:30:00-01:00", "2027-01-01T00:00:00Z", "2027-02-01T00:00:00Z")]
    [InlineData("month", "1969-12-31T23:59:59Z", "1969-12-01T00:00:00Z", "1970-01-01T00:00:00Z")]
    [InlineData("90", "1970-01-01T00:01:29Z", "1970-01-01T00:00:00Z", "1970-01-01T00:01:30Z")]
    [InlineData("90", "1970-01-01T00:01:30Z", "1970-01-01T00:01:30Z", "1970-01-01T00:03:00Z")]
    [InlineData("90", "1969-12-31T23:59:59.5Z", "1969-12-31T23:58:30Z", "1970-01-01T00:00:00Z")]
    [InlineData("hour", "1969-12-31T23:59:59.999Z", "1969-12-31T23:00:00Z", "1970-01-01T00:00:00Z")]
    [InlineData("604800", "1970-01-05T00:00:00Z", "1970-01-01T00:00:00Z", "1970-01-08T00:00:00Z")]
    public void StartOf_Instant_IsTheAlignedStart(string name, string instant, string start, string end)
    {
        Assert.True(LimitWindow.TryParse(name, out var window));

        Assert.Equal(At(start), window.StartOf(At(instant)));
        Assert.Equal(TimeSpan.Zero, window.StartOf(At(instant)).Offset);
        Assert.Equal(At(end), window.EndOf(At(start)));
    }

    [Fact]
    public void StartOf_RandomInstants_IsHalfOpenAndStable()
    {
        const int Seed = 2_718;
        var random = new Random(Seed);
        string[] names = ["second", "minute", "hour", "day", "week", "month", "7", "90", "1000", "604800", "31622400"];
        for (var i = 0; i < 20_000; i++)
        {
            Assert.True(LimitWindow.TryParse(names[i % names.Length], out var window));
            var instant = DateTimeOffset.UnixEpoch.AddMilliseconds(random.NextInt64(-2_000_000_000_000, 8_000_000_000_000));

            var start = window.StartOf(instant);
            var end = window.EndOf(start);

            Assert.True(start <= instant && instant < end, $"seed {Seed}: {window.Name} at {instant:O}");
            Assert.Equal(start, window.StartOf(start));
            Assert.Equal(start, window.StartOf(end.AddTicks(-1)));
            Assert.Equal(end, window.StartOf(end));
        }
    }

    [Theory]
    [InlineData("second")]
    [InlineData("minute")]
    [InlineData("hour")]
    [InlineData("day")]
    [InlineData("week")]
    [InlineData("month")]
    [InlineData("90")]
    [InlineData("604800")]
    public void Name_OfAWindow_ReadsBackAsTheSameWindow(string name)
    {
        Assert.True(LimitWindow.TryParse(name, out var window));

        Assert.Equal(name, window.Name);
    }

    [Theory]
    [InlineData("60", "minute")]
    [InlineData("1", "second")]
    [InlineData("86400", "day")]
    public void TryParse_SecondsOfANamedWindow_IsThatWindow(string seconds, string name)
    {
        Assert.True(LimitWindow.TryParse(seconds, out var one));
        Assert.True(LimitWindow.TryParse(name, out var other));

        Assert.Equal(other, one);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.5")]
    [InlineData("Minute")]
    [InlineData("99999999999999999999")]
    public void TryParse_NoWindow_IsFalse(string name) => Assert.False(LimitWindow.TryParse(name, out _));

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind);
}
