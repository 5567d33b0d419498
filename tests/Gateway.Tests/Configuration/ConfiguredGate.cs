using System.Collections.Immutable;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Configuration;

/// <summary>A configuration file with its policies, a real store and a real journal, in a folder of their own.</summary>
internal sealed class ConfiguredGate : IAsyncDisposable
{
    public const string Sound =
        """
        servers: { files: { command: [run] } }
        policies: { careful: careful.json }
        grants: { laptop: { token: 0123456789abcdef-0123456789abcdef, servers: { files: careful } } }
        """;

    public const string Careful = """{ "version": "1", "default": "deny" }""";

    private readonly string root;
    private readonly List<Configurator> configurators = [];

    private ConfiguredGate(string root, IConfigStore store, Journal journal, TimeProvider time)
    {
        (this.root, Journal, Time) = (root, journal, time);
        Store = FailingStore.Around(store);
    }

    public IConfigStore Store { get; }

    /// <summary>Methods of the store that fail.</summary>
    public HashSet<string> StoreFails => ((FailingStore)(object)Store).Failing;

    /// <summary>Writing to the journal fails as on a full disk.</summary>
    public bool DiskFull { get; set; }

    public Journal Journal { get; }

    public TimeProvider Time { get; }

    public SnapshotSource Snapshots { get; private set; } = new();

    public Configurator Configurator => configurators[^1];

    public string File => Path.Combine(root, "callgate.yaml");

    public string JournalDirectory => Path.Combine(root, "journal");

    public static async Task<ConfiguredGate> OpenAsync(TimeProvider? clock = null)
    {
        var time = clock ?? new HandTime();
        var root = Directory.CreateTempSubdirectory("callgate-configured-").FullName;
        var store = await SqliteConfigStore.OpenAsync(Path.Combine(root, "callgate.db"), Keyring.Open(root), time);
        ConfiguredGate? gate = null;
        var disk = new JournalDisk
        {
            Fault = (operation, _, _, _) =>
            {
                if (operation == "write" && gate is { DiskFull: true })
                {
                    throw new IOException("No space left on device");
                }
            },
        };
        var options = new JournalOptions(Path.Combine(root, "journal"), Durability.Process) { Disk = disk, RetryEvery = TimeSpan.FromMilliseconds(5) };
        return gate = new ConfiguredGate(root, store, await Journal.OpenAsync(options, time, NullLogger.Instance), time);
    }

    public void Write(string configuration, string? careful = null)
    {
        Replace("careful.json", careful ?? Careful);
        Replace("callgate.yaml", configuration);
    }

    /// <summary>Writes beside and renames, as careful editors and deployments do.</summary>
    public void Replace(string name, string text)
    {
        System.IO.File.WriteAllText(Path.Combine(root, name + ".new"), text);
        System.IO.File.Move(Path.Combine(root, name + ".new"), Path.Combine(root, name), overwrite: true);
    }

    /// <summary>Starts as the host does; a second start is a restart.</summary>
    public async Task<ImmutableArray<ConfigurationError>> StartAsync()
    {
        Snapshots = new SnapshotSource();
        var options = new ConfiguratorOptions(File, ConfigurationFile.Load(File, static _ => null), static _ => null);
        configurators.Add(new Configurator(options, Snapshots, Store, Journal, Time, NullLogger<Configurator>.Instance));
        return await Configurator.StartAsync(CancellationToken.None);
    }

    public async Task StartSoundlyAsync() => Assert.Equal([], (await StartAsync()).Select(static error => error.ToString()));

    /// <summary>Two looks: the first sees a change, the second finds it settled.</summary>
    public async Task LookTwiceAsync()
    {
        await Configurator.LookAtFilesAsync(CancellationToken.None);
        await Configurator.LookAtFilesAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var configurator in configurators)
        {
            await configurator.DisposeAsync();
        }

        await Journal.DisposeAsync();
        await Store.DisposeAsync();
        Directory.Delete(root, recursive: true);
    }
}
