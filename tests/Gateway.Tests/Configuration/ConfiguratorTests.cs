using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Upstreams;
using Xunit;

namespace Callgate.Gateway.Tests.Configuration;

public sealed class ConfiguratorTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Start_FileAndStore_AreOneSnapshot()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.Store.SaveServerAsync(Server("added"));
        await gate.Store.SavePolicyAsync("open", """{ "version": "1", "default": "allow" }"""u8.ToArray(), "administrator", null);
        await gate.Store.SaveGrantAsync(Grant("agent", "aa"));

        await gate.StartSoundlyAsync();

        var snapshot = gate.Snapshots.Current;
        Assert.Equal(1, snapshot.Version);
        Assert.Equal([("added", false), ("files", true)], snapshot.Servers.Values.OrderBy(static server => server.Name, StringComparer.Ordinal).Select(static server => (server.Name, server.Declared)));
        Assert.Equal([("careful", 1, true), ("open", 1, false)], snapshot.Policies.Values.OrderBy(static policy => policy.Name, StringComparer.Ordinal).Select(static policy => (policy.Name, policy.Revision, policy.Declared)));
        Assert.Equal("laptop", snapshot.GrantsByTokenHash[GrantToken.HashOf("0123456789abcdef-0123456789abcdef")].Id);
        Assert.Equal("agent", snapshot.GrantsByTokenHash["aa"].Id);
    }

    [Fact]
    public async Task Start_NamesClaimedTwice_Refuses()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.Store.SaveServerAsync(Server("files"));
        await gate.Store.SavePolicyAsync("careful", Encoding.UTF8.GetBytes(ConfiguredGate.Careful), "administrator", null);
        await gate.Store.SaveGrantAsync(Grant("laptop", "aa"));
        await gate.Store.SaveGrantAsync(Grant("other", GrantToken.HashOf("0123456789abcdef-0123456789abcdef")));

        var errors = await gate.StartAsync();

        Assert.Equal(4, errors.Length);
        Assert.Equal(0, gate.Snapshots.Current.Version);
    }

    [Fact]
    public async Task Look_SoundChange_IsInForceAtTheSecondLook()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();

        gate.Replace("callgate.yaml", ConfiguredGate.Sound.Replace("laptop", "desktop", StringComparison.Ordinal));
        await gate.Configurator.LookAtFilesAsync(CancellationToken.None);
        var early = gate.Snapshots.Current.Version;
        await gate.Configurator.LookAtFilesAsync(CancellationToken.None);

        Assert.Equal((1, 2), (early, gate.Snapshots.Current.Version));
        Assert.Equal("desktop", gate.Snapshots.Current.GrantsByTokenHash.Values.Single().Id);
        Assert.Contains("\"operator/reload\"", JournalText(gate), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_BadFile_ChangesNothingAndIsRecorded()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        var before = gate.Snapshots.Current;

        gate.Replace("callgate.yaml", "servers: { files: { colour: red } }\nserverz: {}\n");
        await gate.LookTwiceAsync();

        Assert.Same(before, gate.Snapshots.Current);
        Assert.Equal(3, gate.Configurator.FileErrors.Length);
        Assert.Contains("\"failed\"", JournalText(gate), StringComparison.Ordinal);

        gate.Replace("callgate.yaml", ConfiguredGate.Sound);
        await gate.LookTwiceAsync();

        Assert.Empty(gate.Configurator.FileErrors);
    }

    [Fact]
    public async Task Look_AnyChange_IsRecordedWithWhatEachFileWasAndIs()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        var (other, open) = (ConfiguredGate.Sound + "\n# another\n", """{ "version": "1", "default": "allow" }""");

        gate.Replace("careful.json", open);
        await gate.LookTwiceAsync();
        gate.Replace("callgate.yaml", "serverz: {}\n");
        await gate.LookTwiceAsync();
        gate.Replace("careful.json", ConfiguredGate.Careful);
        gate.Replace("callgate.yaml", other);
        await gate.LookTwiceAsync();
        gate.Replace("callgate.yaml", "servers: { files: { command: [run] } }");
        await gate.LookTwiceAsync();

        var details = JournalText(gate).Split('\n').Where(static line => line.Contains("\"operator/reload\"", StringComparison.Ordinal)).Select(static line => JsonElement.Parse(line).GetProperty("detail").GetString()!).ToList();
        Assert.Equal($"careful.json: was {Sha256(ConfiguredGate.Careful)}, is {Sha256(open)}", details[0]);
        Assert.StartsWith($"callgate.yaml: was {Sha256(ConfiguredGate.Sound)}, is {Sha256("serverz: {}\n")}; 1 errors, first: ", details[1], StringComparison.Ordinal);
        Assert.Equal($"callgate.yaml: was {Sha256(ConfiguredGate.Sound)}, is {Sha256(other)}; careful.json: was {Sha256(open)}, is {Sha256(ConfiguredGate.Careful)}", details[2]);
        Assert.EndsWith($"; careful.json: was {Sha256(ConfiguredGate.Careful)}, is none", details[3], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_FileRemoved_ChangesNothing()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        var before = gate.Snapshots.Current;

        File.Delete(gate.File);
        await gate.LookTwiceAsync();

        Assert.Same(before, gate.Snapshots.Current);
        Assert.Single(gate.Configurator.FileErrors);
    }

    [Fact]
    public async Task Look_PolicyFileChanged_IsTheNextRevision()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();

        gate.Replace("careful.json", """{ "version": "1", "default": "allow" }""");
        await gate.LookTwiceAsync();
        var changed = gate.Snapshots.Current.Policies["careful"];
        gate.Replace("careful.json", """{ "version": "1", "default": "sometimes" }""");
        await gate.LookTwiceAsync();

        Assert.Equal(2, changed.Revision);
        Assert.Same(changed.Policy, gate.Snapshots.Current.Policies["careful"].Policy);
        Assert.EndsWith("careful.json", gate.Configurator.FileErrors.Single().File, StringComparison.Ordinal);
        gate.Replace("careful.json", ConfiguredGate.Careful);
        await gate.LookTwiceAsync();
        Assert.Equal(3, gate.Snapshots.Current.Policies["careful"].Revision);
    }

    [Fact]
    public async Task Start_SamePolicyAgain_KeepsItsRevision()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        await gate.StartSoundlyAsync();

        Assert.Equal(1, gate.Snapshots.Current.Policies["careful"].Revision);
    }

    [Fact]
    public async Task Look_PolicyNoLongerDeclared_IsGone()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();

        gate.Replace("callgate.yaml", "servers: { files: { command: [run] } }");
        await gate.LookTwiceAsync();

        Assert.Empty(gate.Snapshots.Current.Policies);
        Assert.Empty(gate.Snapshots.Current.GrantsByTokenHash);
    }

    [Fact]
    public async Task Look_NameTakenByAnOperator_KeepsTheOldFile()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        await gate.Store.SaveServerAsync(Server("later"));
        await gate.Configurator.ReloadAsync(CancellationToken.None);

        gate.Replace("callgate.yaml", ConfiguredGate.Sound.Replace("files", "later", StringComparison.Ordinal));
        await gate.LookTwiceAsync();

        Assert.Equal(["files", "later"], gate.Snapshots.Current.Servers.Keys.Order(StringComparer.Ordinal));
        Assert.Contains("`later`", gate.Configurator.FileErrors.Single().Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_StoreFailsAtAChange_TriesAgainAndSaysSo()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();

        gate.Replace("callgate.yaml", "servers: { files: { command: [run] } }");
        gate.StoreFails.Add("LoadAsync");
        await gate.LookTwiceAsync();
        var pending = Assert.Single(gate.Configurator.FileErrors).Message;
        gate.StoreFails.Clear();
        await gate.Configurator.LookAtFilesAsync(CancellationToken.None);

        Assert.Contains("not in force yet", pending, StringComparison.Ordinal);
        Assert.Empty(gate.Snapshots.Current.GrantsByTokenHash);
        Assert.Empty(gate.Configurator.FileErrors);
        Assert.Single(JournalText(gate).Split('\n'), static line => line.Contains("\"operator/reload\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Look_DiskFullAtAChange_TriesAgainAndSaysSo()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();

        gate.Replace("callgate.yaml", "servers: { files: { command: [run] } }");
        gate.DiskFull = true;
        await gate.LookTwiceAsync();
        var pending = Assert.Single(gate.Configurator.FileErrors).Message;
        gate.DiskFull = false;
        using var limit = new CancellationTokenSource(Patience);
        while (!gate.Configurator.FileErrors.IsEmpty)
        {
            await gate.Configurator.LookAtFilesAsync(limit.Token);
        }

        Assert.Contains("No space left", pending, StringComparison.Ordinal);
        Assert.Empty(gate.Snapshots.Current.GrantsByTokenHash);
    }

    [Fact]
    public async Task Stale_StoreSilentForAMinute_IsTrueUntilItAnswers()
    {
        var time = new HandTime();
        await using var gate = await ConfiguredGate.OpenAsync(time);
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();

        time.Move(TimeSpan.FromSeconds(60));
        var atTheEdge = gate.Configurator.Stale;
        time.Move(TimeSpan.FromSeconds(1));
        var beyond = gate.Configurator.Stale;
        await gate.Configurator.ConfirmAsync(CancellationToken.None);

        Assert.Equal((false, true, false), (atTheEdge, beyond, gate.Configurator.Stale));
    }

    [Fact]
    public async Task Change_SavedButNotPublished_IsPublishedLaterOrMakesTheGateStale()
    {
        var time = new HandTime();
        await using var gate = await ConfiguredGate.OpenAsync(time);
        gate.Write(ConfiguredGate.Sound);
        await gate.Store.SaveGrantAsync(Grant("agent", "aa"));
        await gate.StartSoundlyAsync();
        gate.StoreFails.Add("LoadAsync");

        await Assert.ThrowsAsync<StoreException>(() => RevokeAsync(gate).AsTask());
        time.Move(TimeSpan.FromSeconds(61));
        await Assert.ThrowsAsync<StoreException>(() => gate.Configurator.ConfirmAsync(CancellationToken.None).AsTask());
        var stale = gate.Configurator.Stale;
        gate.StoreFails.Clear();
        await gate.Configurator.ConfirmAsync(CancellationToken.None);

        Assert.Equal((true, false), (stale, gate.Configurator.Stale));
        Assert.NotNull(gate.Snapshots.Current.GrantsByTokenHash["aa"].Revoked);
    }

    [Fact]
    public async Task Change_ThatClashesWithTheFile_IsNoSuccess()
    {
        var time = new HandTime();
        await using var gate = await ConfiguredGate.OpenAsync(time);
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        await gate.Store.SaveServerAsync(Server("files"));

        await Assert.ThrowsAsync<StoreException>(() => RevokeAsync(gate).AsTask());
        time.Move(TimeSpan.FromSeconds(61));

        Assert.True(gate.Configurator.Stale);
    }

    [Fact]
    public async Task Watch_RealClock_PicksUpARenamedFile()
    {
        await using var gate = await ConfiguredGate.OpenAsync(TimeProvider.System);
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        var changed = new TaskCompletionSource<Snapshot>(TaskCreationOptions.RunContinuationsAsynchronously);
        gate.Snapshots.Changed += (_, next) => changed.TrySetResult(next);

        gate.Replace("callgate.yaml", ConfiguredGate.Sound.Replace("laptop", "desktop", StringComparison.Ordinal));

        Assert.Equal("desktop", (await changed.Task.WaitAsync(Patience)).GrantsByTokenHash.Values.Single().Id);
    }

    [Fact]
    public async Task Change_ManyAtOnce_TakeTurns()
    {
        await using var gate = await ConfiguredGate.OpenAsync();
        gate.Write(ConfiguredGate.Sound);
        await gate.StartSoundlyAsync();
        var inside = 0;

        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => gate.Configurator.ChangeAsync(
            async (snapshot, ct) =>
            {
                Assert.Equal(1, Interlocked.Increment(ref inside));
                var taken = snapshot.Servers.ContainsKey("once");
                if (!taken)
                {
                    await gate.Store.SaveServerAsync(Server("once"), ct);
                }

                Interlocked.Decrement(ref inside);
                return (!taken, !taken);
            },
            CancellationToken.None).AsTask()));

        Assert.Single(results, static made => made);
        Assert.Equal(2, gate.Snapshots.Current.Version);
    }

    private static ValueTask<bool> RevokeAsync(ConfiguredGate gate) => gate.Configurator.ChangeAsync(
        async (_, ct) =>
        {
            await gate.Store.SaveGrantAsync(Grant("agent", "aa") with { Revoked = gate.Time.GetUtcNow() }, ct);
            return (true, true);
        },
        CancellationToken.None);

    private static string Sha256(string text) => $"sha256 {Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))}";

    private static string JournalText(ConfiguredGate gate)
    {
        var text = new StringBuilder();
        foreach (var path in Directory.EnumerateFiles(gate.JournalDirectory, "*.jsonl"))
        {
            using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
            text.Append(reader.ReadToEnd());
        }

        return text.ToString();
    }

    private static ServerDefinition Server(string name) => new() { Name = name, Transport = TransportKind.Stdio, Command = ["run"] };

    private static Grant Grant(string id, string hash) => new()
    {
        Id = id,
        Label = id,
        TokenHash = hash,
        Servers = ImmutableSortedDictionary<string, string?>.Empty.Add("files", "careful"),
    };
}
