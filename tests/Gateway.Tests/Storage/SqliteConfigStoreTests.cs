using System.Text;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;
using Xunit;

namespace Callgate.Gateway.Tests.Storage;

/// <summary>The contract, over SQLite.</summary>
public sealed class SqliteConfigStoreContractTests : ConfigStoreContract
{
    private readonly StoreFolder folder = new();

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        folder.Dispose();
    }

    protected override async Task<IConfigStore> OpenAsync() => await folder.OpenAsync();
}

public sealed class SqliteConfigStoreTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task Open_OtherOperatorKey_RefusesAndSaysWhich()
    {
        await (await folder.OpenAsync()).DisposeAsync();
        File.Delete(folder.At("operator.key"));

        var refusal = await Assert.ThrowsAsync<StoreException>(() => folder.OpenAsync());

        Assert.Contains(folder.StorePath, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("operator.key", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Secrets_InEveryPlace_AreNotInAnyFile()
    {
        await using var store = await folder.OpenAsync();
        await store.SaveServerAsync(Samples.HttpServer("dagster"));
        await store.SaveServerAsync(Samples.StdioServer("files"));
        await store.BackupAsync(folder.At("backup.db"));

        foreach (var file in Directory.GetFiles(folder.Root))
        {
            // The log holds what the database does not yet, so both are looked through.
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
            var text = await new StreamReader(stream, Encoding.Latin1).ReadToEndAsync();
            Assert.DoesNotContain("canary", text, StringComparison.OrdinalIgnoreCase);
        }

        Assert.True(new FileInfo(folder.StorePath + "-wal").Length > 0);
    }

    [Fact]
    public async Task SealedPart_MovedToAnotherServer_DoesNotOpen()
    {
        await using (var store = await folder.OpenAsync())
        {
            await store.SaveServerAsync(Samples.HttpServer("one"));
            await store.SaveServerAsync(Samples.StdioServer("two"));
        }

        Run("UPDATE servers SET sealed = (SELECT sealed FROM servers WHERE name = 'one') WHERE name = 'two'");

        await using var reopened = await folder.OpenAsync();
        var refusal = await Assert.ThrowsAsync<StoreException>(async () => await reopened.LoadAsync());
        Assert.Contains("`two`", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("UPDATE policies SET document = x'00'")]
    [InlineData("DELETE FROM policies")]
    public async Task Revisions_ChangedBehindTheStore_AreKeptByTheFile(string sql)
    {
        await using (var store = await folder.OpenAsync())
        {
            await store.SavePolicyAsync("careful", "one"u8.ToArray(), null, null);
        }

        Assert.Contains("append-only", Assert.Throws<SqliteException>(() => Run(sql)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Backup_OfALiveStore_OpensWithEverything()
    {
        await using var store = await folder.OpenAsync();
        await store.SaveServerAsync(Samples.HttpServer("dagster"));
        await store.SavePolicyAsync("careful", "one"u8.ToArray(), null, null);

        await store.BackupAsync(folder.At("backup.db"));
        await store.SetStopAsync("all", true);

        Assert.False(PrivateFile.IsOpenToOthers(folder.At("backup.db")));
        await using var restored = await folder.OpenAsync("backup.db");
        var all = await restored.LoadAsync();
        Samples.Same(Samples.HttpServer("dagster"), Assert.Single(all.Servers));
        Assert.Equal("careful", Assert.Single(all.Policies).Name);
        Assert.Empty(all.Stops);
    }

    [Fact]
    public async Task Backup_FileIsThere_LeavesItAlone()
    {
        await using var store = await folder.OpenAsync();
        await File.WriteAllTextAsync(folder.At("backup.db"), "mine");

        await Assert.ThrowsAsync<StoreException>(async () => await store.BackupAsync(folder.At("backup.db")));

        Assert.Equal("mine", await File.ReadAllTextAsync(folder.At("backup.db")));
    }

    [Fact]
    public async Task TwoStores_OnOneFile_SeeEachOthersWrites()
    {
        await using var one = await folder.OpenAsync();
        await using var two = await folder.OpenAsync();

        await Task.WhenAll(Enumerable.Range(0, 20).Select(async i => await (i % 2 == 0 ? one : two).SavePolicyAsync("p", Encoding.UTF8.GetBytes($"{i}"), null, null)));

        Assert.Equal(20, (await one.ListRevisionsAsync("p")).Count);
        Assert.Equal(20, Assert.Single((await two.LoadAsync()).Policies).Revision);
    }

    [Fact]
    public async Task Healthy_WhileAnotherHoldsTheLock_IsFalseAndRecovers()
    {
        await using var store = await folder.OpenAsync();
        using (var other = Connect())
        using (other.BeginTransaction())
        {
            Assert.False(await store.HealthyAsync());
        }

        Assert.True(await store.HealthyAsync());
    }

    [Fact]
    public async Task Save_WhileAnotherHoldsTheLock_LeavesTheCallersThreadFreeAndSucceedsLater()
    {
        await using var store = await folder.OpenAsync();
        Task saving;
        using (var other = Connect())
        using (other.BeginTransaction())
        {
            // A store that blocked its caller would come back from this line only after the busy timeout, with a failure.
            saving = store.SetStopAsync("all", true).AsTask();
            Assert.False(saving.IsCompleted);
        }

        await saving;
        Assert.Equal(["all"], (await store.LoadAsync()).Stops);
    }

    [Theory]
    [InlineData("synchronous", 2L)]
    [InlineData("journal_mode", "wal")]
    [InlineData("foreign_keys", 1L)]
    [InlineData("trusted_schema", 0L)]
    public void Open_Configuration_IsSetToSurviveLossOfPower(string pragma, object expected)
    {
        using var connection = StoreFile.Open(folder.StorePath, StoreKind.Configuration);

        Assert.Equal(expected, connection.Scalar($"PRAGMA {pragma}"));
    }

    [Fact]
    public async Task Healthy_FileRemoved_IsFalse()
    {
        await using var store = await folder.OpenAsync();
        StoreFile.Delete(folder.StorePath);

        Assert.False(await store.HealthyAsync());
    }

    [Fact]
    public async Task Open_NewFile_IsPrivate()
    {
        await using var store = await folder.OpenAsync();
        await store.SetStopAsync("all", true);

        foreach (var file in Directory.GetFiles(folder.Root, "callgate.db*"))
        {
            Assert.False(PrivateFile.IsOpenToOthers(file), file);
        }
    }

    [Fact]
    public async Task Failure_InTheMiddleOfASave_LeavesTheOldGrantWhole()
    {
        await using var store = await folder.OpenAsync();
        await store.SaveGrantAsync(Samples.Grant("g1"));
        Run("CREATE TRIGGER fault BEFORE INSERT ON grant_servers WHEN NEW.server = 'files' BEGIN SELECT RAISE(ABORT, 'fault'); END");

        var changed = Samples.Grant("g1") with { Label = "changed" };
        await Assert.ThrowsAsync<StoreException>(async () => await store.SaveGrantAsync(changed));

        Samples.Same(Samples.Grant("g1"), (await store.FindGrantAsync("g1"))!);
    }

    private SqliteConnection Connect()
    {
        var connection = new SqliteConnection($"Data Source={folder.StorePath};Mode=ReadWrite");
        connection.Open();
        return connection;
    }

    private void Run(string sql)
    {
        using var connection = Connect();
        connection.Execute(sql);
    }
}
