using System.Formats.Tar;
using System.Net;
using System.Runtime.Versioning;
using Callgate.Gateway.Admin;
using Callgate.Gateway.Storage;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

[SupportedOSPlatform("linux")]
public sealed class AdminBackupTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("callgate-backup-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task Backup_Restored_HoldsSecretsRecordAndNoToken()
    {
        await using var host = await AdminHost.StartAsync();
        await host.OkAsync(HttpMethod.Post, "servers", new { name = "files", url = "http://127.0.0.1:9/mcp", headers = new { Authorization = "Bearer canary" } }, HttpStatusCode.Created);
        var before = host.JournalText();

        var made = await host.OkAsync(HttpMethod.Post, "backups", null, HttpStatusCode.Created);
        var file = Path.Combine(host.Folder, "backups", made.GetProperty("name").GetString()!);
        var target = Path.Combine(folder, "restored");
        var fault = await BackupArchive.RestoreAsync(file, target, CancellationToken.None);

        Assert.Null(fault);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        Assert.Single(Directory.EnumerateFiles(Path.Combine(host.Folder, "backups")));
        await using var store = await SqliteConfigStore.OpenAsync(Path.Combine(target, "callgate.db"), Keyring.Open(target), TimeProvider.System);
        Assert.Equal("Bearer canary", (await store.LoadAsync()).Servers.Single().Headers["Authorization"]);
        var journal = string.Concat(Directory.EnumerateFiles(Path.Combine(target, "journal")).Order(StringComparer.Ordinal).Select(File.ReadAllText));
        Assert.StartsWith(before, journal, StringComparison.Ordinal);
        Assert.EndsWith("\n", journal, StringComparison.Ordinal);
        Assert.False(File.Exists(Path.Combine(target, "admin.token")));
    }

    [Fact]
    public async Task Restore_OverALiveGate_IsRefused()
    {
        await using var host = await AdminHost.StartAsync();
        var made = await host.OkAsync(HttpMethod.Post, "backups", null, HttpStatusCode.Created);

        var fault = await BackupArchive.RestoreAsync(Path.Combine(host.Folder, "backups", made.GetProperty("name").GetString()!), host.Folder, CancellationToken.None);

        Assert.Contains("in use", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../escaped")]
    [InlineData("/escaped")]
    [InlineData("journal/../../escaped")]
    [InlineData("admin.token")]
    [InlineData("journal/0000000000000000000x.jsonl")]
    public async Task Restore_ForeignEntry_IsRefused(string name)
    {
        var archive = Path.Combine(folder, "foreign.tar");
        await using (var output = File.Create(archive))
        await using (var tar = new TarWriter(output, TarEntryFormat.Pax))
        {
            await tar.WriteEntryAsync(new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream([1]) });
        }

        var fault = await BackupArchive.RestoreAsync(archive, Path.Combine(folder, "restored"), CancellationToken.None);

        Assert.Contains("is no backup", fault, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFiles(folder, "escaped", SearchOption.AllDirectories));
        Assert.False(File.Exists("/escaped"));
    }

    [Fact]
    public async Task Restore_NoArchive_SaysSo()
    {
        var text = Path.Combine(folder, "text.tar");
        await File.WriteAllTextAsync(text, new string('x', 2048));

        Assert.NotNull(await BackupArchive.RestoreAsync(text, Path.Combine(folder, "restored"), CancellationToken.None));
        Assert.NotNull(await BackupArchive.RestoreAsync(Path.Combine(folder, "absent.tar"), Path.Combine(folder, "other"), CancellationToken.None));
    }
}
