using System.Text;
using Callgate.Gateway.Operators;
using Xunit;

namespace Callgate.Gateway.Tests.Operators;

/// <summary>Codes by time against the vectors of RFC 6238, and what around them is taken.</summary>
public sealed class TimeCodesTests
{
    private static readonly byte[] Secret = "12345678901234567890"u8.ToArray();

    [Theory]
    [InlineData(59, 94287082)]
    [InlineData(1111111109, 7081804)]
    [InlineData(1111111111, 14050471)]
    [InlineData(1234567890, 89005924)]
    [InlineData(2000000000, 69279037)]
    [InlineData(20000000000, 65353130)]
    public void Code_OfAppendixB_IsAsPrinted(long seconds, int printed)
    {
        var step = TimeCodes.StepAt(DateTimeOffset.FromUnixTimeSeconds(seconds));

        Assert.Equal(printed, TimeCodes.Truncated(Secret, step) % 100_000_000);
        Assert.Equal((printed % 1_000_000).ToString("D6", System.Globalization.CultureInfo.InvariantCulture), TimeCodes.CodeAt(Secret, step));
    }

    [Theory]
    [InlineData(-2, false)]
    [InlineData(-1, true)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void Match_OfStepsAround_TakesOneEitherWay(int off, bool taken)
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1234567890);
        var step = TimeCodes.StepAt(now) + off;

        Assert.Equal(taken ? step : null, TimeCodes.Match(Secret, TimeCodes.CodeAt(Secret, step), now, -1));
    }

    [Fact]
    public void Match_OfAUsedStepOrOneBefore_IsNone()
    {
        var now = DateTimeOffset.FromUnixTimeSeconds(1234567890);
        var step = TimeCodes.StepAt(now);

        Assert.Null(TimeCodes.Match(Secret, TimeCodes.CodeAt(Secret, step), now, step));
        Assert.Null(TimeCodes.Match(Secret, TimeCodes.CodeAt(Secret, step - 1), now, step));
        Assert.Equal(step + 1, TimeCodes.Match(Secret, TimeCodes.CodeAt(Secret, step + 1), now, step));
    }

    [Theory]
    [InlineData("")]
    [InlineData("5924")]
    [InlineData("0005924")]
    [InlineData("89005924")]
    [InlineData("００５９２４")]
    public void Match_OfOtherTexts_IsNone(string typed) => Assert.Null(TimeCodes.Match(Secret, typed, DateTimeOffset.FromUnixTimeSeconds(1234567890), -1));

    [Theory]
    [InlineData("", "")]
    [InlineData("f", "MY")]
    [InlineData("fo", "MZXQ")]
    [InlineData("foo", "MZXW6")]
    [InlineData("foob", "MZXW6YQ")]
    [InlineData("fooba", "MZXW6YTB")]
    [InlineData("foobar", "MZXW6YTBOI")]
    public void Base32_OfRfc4648_IsAsPrinted(string plain, string printed) => Assert.Equal(printed, TimeCodes.Base32(Encoding.ASCII.GetBytes(plain)));

    [Fact]
    public void Enrolment_OfAHostileHost_IsOneAddress()
    {
        var address = new Enrolment("ada@example.com", Secret).AddressAt("gate.example.com?secret=x&issuer=y");

        Assert.Equal("otpauth://totp/Callgate%20gate.example.com%3Fsecret%3Dx%26issuer%3Dy:ada%40example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Callgate%20gate.example.com%3Fsecret%3Dx%26issuer%3Dy&algorithm=SHA1&digits=6&period=30", address);
    }
}
