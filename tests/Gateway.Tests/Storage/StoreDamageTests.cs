using System.Buffers.Binary;
using System.Security.Cryptography;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;
using Xunit;

namespace Callgate.Gateway.Tests.Storage;

/// <summary>Damaged state is refused by name at start, and nothing is made in its place.</summary>
public sealed class StoreDamageTests : IClassFixture<StoreDamageTests.Template>, IDisposable
{
    private const int Page = 4096;

    private static readonly Dictionary<string, Action<string>> Patterns = new()
    {
        ["empty"] = path => Resize(path, _ => 0),
        ["one byte"] = path => Resize(path, _ => 1),
        ["header cut"] = path => Resize(path, _ => 60),
        ["header only"] = path => Resize(path, _ => 100),
        ["one page left"] = path => Resize(path, _ => Page),
        ["half left"] = path => Resize(path, length => length / 2 / Page * Page),
        ["last page cut"] = path => Resize(path, length => length - Page),
        ["last byte cut"] = path => Resize(path, length => length - 1),
        ["text"] = path => File.WriteAllText(path, "server: dagster\n"),
        ["long text"] = path => File.WriteAllText(path, string.Concat(Enumerable.Repeat("this is not a database. ", 4000))),
        ["random bytes"] = path => File.WriteAllBytes(path, RandomNumberGenerator.GetBytes(64 * 1024)),
        ["zeroed whole"] = path => Overwrite(path, 0, int.MaxValue, 0),
        ["zeroed header"] = path => Overwrite(path, 0, 100, 0),
        ["zeroed first page behind the header"] = path => Overwrite(path, 100, Page - 100, 0),
        ["zeroed second page"] = path => Overwrite(path, Page, Page, 0),
        ["zeroed middle"] = path => Overwrite(path, 3 * Page, 4 * Page, 0),
        ["zeroed tail"] = path => Overwrite(path, (int)new FileInfo(path).Length - Page, Page, 0),
        ["scrambled middle"] = path => Overwrite(path, 3 * Page, 4 * Page, 0xA5),
        ["scrambled pages 2 to the end"] = path => Overwrite(path, Page, int.MaxValue, 0x5A),
        ["magic damaged"] = path => Overwrite(path, 5, 1, (byte)'x'),
        ["page size impossible"] = path => Overwrite(path, 16, 2, 0xFF),
        ["newer file format"] = path => Overwrite(path, 18, 2, 9),
        ["application id changed"] = path => Overwrite(path, 68, 4, 7),
        ["folder in place"] = path =>
        {
            File.Delete(path);
            Directory.CreateDirectory(path);
        },
        ["folder with files in place"] = path =>
        {
            File.Delete(path);
            Directory.CreateDirectory(path);
            File.WriteAllText(Path.Combine(path, "callgate.db"), "x");
        },
        ["another program's database"] = path =>
        {
            File.Delete(path);
            Make(path, "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine');");
        },
        ["the audit index in place"] = path =>
        {
            File.Delete(path);
            StoreFile.Open(path, StoreKind.AuditIndex).Dispose();
        },
        ["schema of a newer program"] = path => Make(path, "PRAGMA user_version = 9999"),
        ["table dropped"] = path => Make(path, "PRAGMA foreign_keys = OFF; DROP TABLE grants;"),
        ["table replaced"] = path => Make(path, "DROP TABLE stops; CREATE TABLE stops (other TEXT);"),
        ["column added"] = path => Make(path, "ALTER TABLE servers ADD COLUMN extra TEXT"),
        ["guard of the revisions dropped"] = path => Make(path, "DROP TRIGGER policies_keep_update"),
        ["foreign trigger"] = path => Make(path, "CREATE TRIGGER copy AFTER INSERT ON grants BEGIN DELETE FROM stops; END"),
        ["check table dropped"] = path => Make(path, "DROP TABLE meta"),
        ["check value changed"] = path => Make(path, "UPDATE meta SET value = 'AAAA'"),
        ["check value removed"] = path => Make(path, "DELETE FROM meta"),
        ["row without its grant"] = path => Make(path, "PRAGMA foreign_keys = OFF; INSERT INTO grant_servers VALUES ('nobody', 's', 'p');"),
        ["database gone, its log left"] = path =>
        {
            File.WriteAllBytes(path + "-wal", new byte[4096]);
            File.Delete(path);
        },
    };

    private readonly StoreFolder folder = new();
    private readonly Template template;

    public StoreDamageTests(Template template) => this.template = template;

    public static TheoryData<string> Names => [.. Patterns.Keys];

    public void Dispose() => folder.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Open_DamagedStore_RefusesByNameAndTouchesNothing(string pattern)
    {
        template.CopyTo(folder);
        Patterns[pattern](folder.StorePath);
        var before = Content();

        var refusal = await Assert.ThrowsAsync<StoreException>(() => folder.OpenAsync());

        Assert.Contains(folder.StorePath, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Equal(before, Content());
    }

    [Fact]
    public async Task Open_IntactStore_IsNotRefused()
    {
        // The twin of the damage: the same steps without it pass.
        template.CopyTo(folder);

        await using var store = await folder.OpenAsync();

        Assert.Equal(40, (await store.LoadAsync()).Servers.Length);
    }

    [Fact]
    public async Task Open_AfterADeathWhileMaking_BeginsAgain()
    {
        await File.WriteAllTextAsync(folder.StorePath + ".new", "half a database");

        await using var store = await folder.OpenAsync();

        Assert.True(await store.HealthyAsync());
        Assert.False(File.Exists(folder.StorePath + ".new"));
    }

    [Fact]
    public async Task Open_AfterKillWithALog_RecoversWhatWasSaved()
    {
        var copy = folder.At("copy.db");
        await using (var store = await folder.OpenAsync())
        {
            await store.SetStopAsync("all", true);
            File.Copy(folder.StorePath, copy);
            File.Copy(folder.StorePath + "-wal", copy + "-wal");
        }

        await using var recovered = await folder.OpenAsync("copy.db");

        Assert.Equal(["all"], (await recovered.LoadAsync()).Stops);
    }

    [Fact]
    public void Migrations_OlderSchema_IsBroughtUp()
    {
        using (var connection = new SqliteConnection($"Data Source={folder.StorePath}"))
        {
            connection.Open();
            connection.Execute($"PRAGMA application_id = {StoreKind.Configuration.ApplicationId}; ");
        }

        using var opened = StoreFile.Open(folder.StorePath, StoreKind.Configuration);

        Assert.Equal(12L, opened.Scalar("PRAGMA user_version"));
        Assert.Equal(0L, opened.Scalar("SELECT count(*) FROM servers"));
    }

    [Fact]
    public void Migrations_StoreOfBeforeTheLinks_KeepsItsOperatorsAndSessions()
    {
        using (var connection = Older(10))
        {
            connection.Execute("INSERT INTO operators VALUES ('ada', 'ada@example.com', 'viewer', 'hash', 's1', '2026-03-04T12:00:00Z')");
            connection.Execute("INSERT INTO operator_sessions VALUES ('t', 'ada', 's1', 'page', '2026-03-04T12:00:00Z', '2026-03-04T12:00:00Z', '2026-03-05T00:00:00Z')");
        }

        using var opened = StoreFile.Open(folder.StorePath, StoreKind.Configuration);

        Assert.Equal(0L, opened.Scalar("SELECT count(*) FROM operator_factors"));
        Assert.Equal("ada viewer hash page", opened.Scalar("SELECT name || ' ' || roles || ' ' || password_hash || ' ' || kind FROM operators JOIN operator_sessions ON operator = name WHERE invitation_hash IS NULL AND address IS NULL"));
    }

    [Fact]
    public void Migrations_StoreOfBeforeThePinsOfLists_KeepsItsServersAndPins()
    {
        using (var connection = Older(7))
        {
            connection.Execute("INSERT INTO servers VALUES ('up', 'http', 'sealed', '[]', 0, 'report', 'block', 1, 2, 3, 4, 'sealed')");
            connection.Execute("INSERT INTO pins VALUES ('up', 'be careful', '2026-03-04T12:00:00Z')");
            connection.Execute("INSERT INTO pinned_tools VALUES ('up', 0, 'echo', x'7b7d', 'f', NULL, NULL)");
        }

        using var opened = StoreFile.Open(folder.StorePath, StoreKind.Configuration);

        Assert.Equal("up report sealed 4", opened.Scalar("SELECT name || ' ' || on_drift || ' ' || recorded_arguments || ' ' || total_ms FROM servers"));
        Assert.Equal("be careful echo", opened.Scalar("SELECT instructions || ' ' || name FROM pins JOIN pinned_tools USING (server) WHERE shown_instructions IS NULL"));
        Assert.Equal(0L, opened.Scalar("SELECT count(*) FROM pinned_lists"));
        Assert.Equal(1L, opened.Scalar("SELECT before_lists FROM pins"));
    }

    [Fact]
    public void Migrations_StepThatFails_LeavesNothingOfItBehind()
    {
        using (var connection = new SqliteConnection($"Data Source={folder.StorePath}"))
        {
            connection.Open();

            // The last table of the first step is there already, so the step fails at its end.
            connection.Execute($"PRAGMA application_id = {StoreKind.Configuration.ApplicationId}; CREATE TABLE stops (x);");
        }

        Assert.Throws<StoreException>(() => StoreFile.Open(folder.StorePath, StoreKind.Configuration));

        using var raw = new SqliteConnection($"Data Source={folder.StorePath};Mode=ReadOnly");
        raw.Open();
        Assert.Equal((0L, 1L), ((long)raw.Scalar("PRAGMA user_version")!, (long)raw.Scalar("SELECT count(*) FROM sqlite_schema")!));
    }

    /// <summary>A store as the first so many steps left it.</summary>
    private SqliteConnection Older(int steps)
    {
        var connection = new SqliteConnection($"Data Source={folder.StorePath}");
        connection.Open();
        connection.Execute($"PRAGMA application_id = {StoreKind.Configuration.ApplicationId}; ");
        foreach (var resource in typeof(StoreFile).Assembly.GetManifestResourceNames().Where(static name => name.Contains(".config-00", StringComparison.Ordinal)).Order(StringComparer.Ordinal).Take(steps))
        {
            using var reader = new StreamReader(typeof(StoreFile).Assembly.GetManifestResourceStream(resource)!);
            connection.Execute(reader.ReadToEnd());
        }

        connection.Execute(FormattableString.Invariant($"PRAGMA user_version = {steps}"));
        return connection;
    }

    private static void Resize(string path, Func<long, long> size)
    {
        using var file = new FileStream(path, FileMode.Open);
        file.SetLength(size(file.Length));
    }

    private static void Overwrite(string path, int from, int count, byte value)
    {
        using var file = new FileStream(path, FileMode.Open);
        var bytes = new byte[Math.Min(count, file.Length - from)];
        bytes.AsSpan().Fill(value);
        file.Position = from;
        file.Write(bytes);
    }

    private static void Make(string path, string sql)
    {
        using var connection = new SqliteConnection($"Data Source={path}");
        connection.Open();
        connection.Execute(sql);
    }

    /// <summary>Every file of the store with the hash of its bytes.</summary>
    private string Content() => string.Join('\n', Directory.GetFiles(folder.Root, "*", SearchOption.AllDirectories)
        .Order(StringComparer.Ordinal).Select(path => $"{path} {Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))}"));

    /// <summary>A store with rows on many pages, made once and copied for each damage.</summary>
    public sealed class Template : IAsyncLifetime
    {
        private readonly StoreFolder source = new();

        public async ValueTask InitializeAsync()
        {
            await using (var store = await source.OpenAsync())
            {
                for (var i = 0; i < 40; i++)
                {
                    await store.SaveServerAsync(Samples.HttpServer($"server {i}"));
                    await store.SaveGrantAsync(Samples.Grant($"grant {i}"));
                }
            }

            Assert.False(File.Exists(source.StorePath + "-wal"), "the last connection leaves no log");
            var header = new byte[18];
            using var file = File.OpenRead(source.StorePath);
            file.ReadExactly(header);
            Assert.Equal(Page, BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16)));
            Assert.True(file.Length > 12 * Page);
        }

        public ValueTask DisposeAsync()
        {
            source.Dispose();
            return ValueTask.CompletedTask;
        }

        internal void CopyTo(StoreFolder folder)
        {
            foreach (var file in Directory.GetFiles(source.Root))
            {
                File.Copy(file, folder.At(Path.GetFileName(file)));
            }
        }
    }
}
