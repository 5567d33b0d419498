using System.Collections.Frozen;
using System.Collections.Immutable;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Upstreams;
using Xunit;

namespace Callgate.Gateway.Tests.Grants;

/// <summary>What is open ends with its grant, whatever hangs on what else is open.</summary>
public sealed class LiveStreamsTests
{
    private static readonly Grant[] Two = [GrantOf("one"), GrantOf("two")];

    private readonly SnapshotSource snapshots = new();

    public LiveStreamsTests() => snapshots.Update(static now => now with
    {
        Servers = new Dictionary<string, ServerDefinition> { ["up"] = new() { Name = "up", Transport = TransportKind.Http } }.ToFrozenDictionary(StringComparer.Ordinal),
        GrantsByTokenHash = Two.ToFrozenDictionary(static grant => grant.TokenHash, StringComparer.Ordinal),
    });

    [Fact]
    public void Cut_WhatHangsOnItThrows_CutsTheOthersAsWell()
    {
        using var streams = new LiveStreams(snapshots, default, TimeProvider.System);
        var lives = Two.Select(grant => streams.While(grant, "up")).ToList();
        foreach (var life in lives)
        {
            life.Calls.Register(static () => throw new InvalidOperationException("a bug"));
        }

        snapshots.Update(static now => now with { Stops = FrozenSet.Create(StringComparer.Ordinal, "all") });

        Assert.All(lives, static life => Assert.True(life.Calls.IsCancellationRequested && life.Streams.IsCancellationRequested));
    }

    [Fact]
    public void Cut_WhatHangsOnItDoesNotEnd_IsNotWaitedFor()
    {
        using var disk = new ManualResetEventSlim();
        using var streams = new LiveStreams(snapshots, default, TimeProvider.System);
        var lives = Two.Select(grant => streams.While(grant, "up")).ToList();
        foreach (var life in lives)
        {
            life.Calls.Register(() => disk.Wait(TestContext.Current.CancellationToken));
        }

        var cutting = new Thread(() => snapshots.Update(static now => now with { GrantsByTokenHash = FrozenDictionary<string, Grant>.Empty })) { IsBackground = true };
        cutting.Start();
        var returned = cutting.Join(TimeSpan.FromSeconds(20));
        var cut = lives.TrueForAll(static life => life.Calls.IsCancellationRequested && life.Streams.IsCancellationRequested);
        disk.Set();

        Assert.Equal((true, true), (returned, cut));
    }

    [Fact]
    public async Task While_ManyAtOnce_EndsWithTheGateForEachOfThem()
    {
        using var calls = new CancellationTokenSource();
        using var ends = new CancellationTokenSource();
        using var streams = new LiveStreams(snapshots, new Life(calls.Token, ends.Token), TimeProvider.System);

        var lives = await Task.WhenAll(Enumerable.Range(0, 64).Select(_ => Task.Run(() => streams.While(Two[0], "up"))));
        await ends.CancelAsync();

        Assert.Single(lives.Distinct());
        Assert.All(lives, static life => Assert.Equal((false, true), (life.Calls.IsCancellationRequested, life.Streams.IsCancellationRequested)));
    }

    private static Grant GrantOf(string id) => new()
    {
        Id = id,
        Label = id,
        TokenHash = TokenReader.HashOf(id),
        Servers = ImmutableSortedDictionary<string, string?>.Empty.Add("up", "p"),
    };
}
