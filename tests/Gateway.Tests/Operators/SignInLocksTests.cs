using System.Net;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Tests.Admin;
using Callgate.Gateway.Tests.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Operators;

/// <summary>Guessing is slow, and the real operator always has a way in.</summary>
public sealed class SignInLocksTests
{
    private readonly HandTime time = new();

    [Fact]
    public void Name_FailedFiveTimes_WaitsTwiceAsLongEachTimeUpToFiveMinutes()
    {
        var locks = new SignInLocks(time);
        for (var i = 0; i < 4; i++)
        {
            locks.Failed("ada", $"10.0.0.{i}");
            Assert.Equal(TimeSpan.Zero, locks.Left("ada", "10.0.0.9"));
        }

        var waits = new List<double>();
        for (var i = 4; i < 12; i++)
        {
            locks.Failed("ada", $"10.0.0.{i}");
            waits.Add(locks.Left("ada", "10.0.0.99").TotalSeconds);
            time.Move(locks.Left("ada", "10.0.0.99"));
            Assert.Equal(TimeSpan.Zero, locks.Left("ada", "10.0.0.99"));
        }

        Assert.Equal([15, 30, 60, 120, 240, 300, 300, 300], waits);
        Assert.Equal(TimeSpan.Zero, locks.Left("bob", "10.0.0.99"));
        time.Move(TimeSpan.FromHours(1));
        locks.Failed("ada", "10.0.0.1");
        Assert.Equal(TimeSpan.Zero, locks.Left("ada", "10.0.0.1"));
    }

    [Fact]
    public void Address_FailedTwentyTimes_WaitsForEveryName()
    {
        var locks = new SignInLocks(time);
        for (var i = 0; i < 20; i++)
        {
            locks.Failed($"n{i}", "10.0.0.1");
        }

        Assert.Equal(5, locks.Left("ada", "10.0.0.1").TotalSeconds);
        Assert.Equal(TimeSpan.Zero, locks.Left("ada", "10.0.0.2"));
        locks.Succeeded("ada", "10.0.0.1");
        Assert.Equal(5, locks.Left("ada", "10.0.0.1").TotalSeconds);
    }

    [Fact]
    public void Operator_KnownByAddress_IsNotLockedOutByStrangers()
    {
        var locks = new SignInLocks(time);
        locks.Succeeded("ada", "10.0.0.1");
        for (var i = 0; i < 50; i++)
        {
            locks.Failed("ada", $"10.1.0.{i}");
        }

        Assert.True(locks.Left("ada", "10.2.0.1") > TimeSpan.FromMinutes(4));
        Assert.Equal(TimeSpan.Zero, locks.Left("ada", "10.0.0.1"));
        locks.Lift("ada");
        Assert.Equal(TimeSpan.Zero, locks.Left("ada", "10.2.0.1"));
    }

    [Fact]
    public void Counts_OfEndlessNames_StayFew()
    {
        var locks = new SignInLocks(time);
        for (var i = 0; i < 10_050; i++)
        {
            locks.Failed($"n{i}", "10.0.0.1");
            time.Move(TimeSpan.FromMilliseconds(1));
        }

        for (var i = 0; i < 5; i++)
        {
            locks.Failed("ada", "10.0.0.2");
        }

        Assert.True(locks.Left("ada", "10.0.0.3") > TimeSpan.Zero);
    }

    [Fact]
    public async Task SignIn_LockedName_IsRefusedAlikeForUnknownOnesAndLiftedByTheAdministrator()
    {
        await using var host = await AdminHost.StartAsync(time);
        await OperatorsApiTests.AddAsync(host, "ada", "viewer");

        foreach (var name in (string[])["ada", "nobody"])
        {
            var answers = new List<(HttpStatusCode, string?)>();
            for (var i = 0; i < 6; i++)
            {
                var (status, body, headers) = await host.SendAsync(AdminHost.Basic(name, "wrong wrong wrong"), HttpMethod.Post, "session");
                answers.Add((status, body.GetProperty("error").GetProperty("message").GetString()));
                Assert.Equal(status == HttpStatusCode.TooManyRequests, headers.RetryAfter is not null);
            }

            Assert.Equal([.. Enumerable.Repeat((HttpStatusCode.Unauthorized, "the name or the password is wrong"), 5), (HttpStatusCode.TooManyRequests, "too many attempts; try again in 15 seconds")], answers);
        }

        Assert.Equal(HttpStatusCode.TooManyRequests, (await host.SendAsync(AdminHost.Basic("ada", "correct horse battery"), HttpMethod.Post, "session")).Status);
        await host.OkAsync(HttpMethod.Delete, "operators/ada/lock");
        Assert.NotEmpty(await OperatorsApiTests.SignInAsync(host, "ada", "correct horse battery"));
        Assert.Contains("locked for 15 s, from 127.0.0.1", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public void Password_HashOfNobody_CostsWhatOneOfSomebodyDoes()
    {
        var person = new Operator { Name = "ada", Roles = Roles.Viewer, PasswordHash = OperatorPassword.Hash("correct horse battery"), Stamp = "", Created = default };

        Assert.True(OperatorPassword.Fits(person, "correct horse battery"));
        Assert.False(OperatorPassword.Fits(person, "correct horse batter"));
        Assert.False(OperatorPassword.Fits(person, new string('x', 100_000)));
        Assert.False(OperatorPassword.Fits(null, "correct horse battery"));

        // The work is the number of iterations, which stands in the hash: behind version and function, before the salt.
        Assert.Equal(210_000, System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(Convert.FromBase64String(person.PasswordHash).AsSpan(5)));
        Assert.Equal(Convert.FromBase64String(person.PasswordHash)[..13], Convert.FromBase64String(OperatorPassword.Nobodys)[..13]);
    }
}
