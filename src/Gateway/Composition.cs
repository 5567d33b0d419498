using System.Collections.Immutable;
using Callgate.Gateway.Admin;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Dashboard;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Endpoints;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Proxy;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Sessions;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Telemetry;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Webhooks;
using Microsoft.Extensions.Logging;

namespace Callgate.Gateway;

/// <summary>Every room of one gate, put together by hand: what needs what is written here and nowhere else.</summary>
public sealed class Composition : IAsyncDisposable
{
    private readonly Stack<object> owned = new();
    private readonly PipePool pool;
    private readonly LiveStreams streams;
    private readonly Announcer announcer;
    private readonly CatalogueStore catalogue;
    private readonly CatalogueFeed feed;
    private volatile string? isolationFault;

    private Composition(GatewayOptions options, ConfigurationLoad? load, ILoggerFactory logs, Opened opened)
    {
        var settings = load?.Configuration ?? DeclaredConfiguration.Empty;
        var time = options.Time;
        owned = opened.Owned;
        Snapshots = opened.Snapshots;
        Journal = opened.Journal;
        Draining = Own(new Draining(time));
        Guard = new OriginGuard(settings.Listen.AllowedHosts, settings.PublicUrl);
        Configurator = Own(new Configurator(new ConfiguratorOptions(options.ConfigFile, load, options.Environment), Snapshots, opened.Store, Journal, time, logs.CreateLogger<Configurator>()));

        var counters = new Counters(time);
        counters.Restore(Journal.ReplayedCharges, Journal.ReplayedUntil);
        pool = Own(new PipePool(opened.Data.Root, time, logs, new PipePoolOptions { AlsoHidden = Secrets(options, settings), AlsoReadOnly = Configuring(load, settings) }));
        var connector = Own(new Connector(pool, time));
        var explorer = new Explorer(connector);
        Pins = Own(new PinBook(Snapshots, opened.Store, explorer, new PinNotices(Snapshots, opened.Store, Journal, time, logs.CreateLogger<PinBook>()), time, logs.CreateLogger<PinBook>()));
        Sessions = Own(new SessionTable(opened.Keyring, time));
        streams = Own(new LiveStreams(Snapshots, new Life(Draining.CallsEnd, Draining.StreamsEnd), time));

        var values = new SealedArguments(opened.Keyring);
        var recorder = new Recorder(Journal, opened.Keyring, values, settings.Record.Durability, time);
        var questions = new Questions(Snapshots, Journal, Pins, time);
        var forwarder = new Forwarder(connector, new Relay(questions, time));
        var continuations = new Continuations(opened.Keyring, time);
        ApprovalPages = new ApprovalPages(settings.Approvals.Wait, settings.Approvals.Url ?? settings.PublicUrl);
        announcer = Own(new Announcer(settings.Approvals.Webhooks, opened.Approvals, ApprovalPages, opened.Store, time, logs.CreateLogger<Announcer>()));
        var (toolsCall, tasks) = Calls(opened.Approvals, counters, recorder, forwarder, continuations);
        var proxy = new McpProxy(
            toolsCall,
            new ToolsList(Pins, recorder, forwarder),
            new Initialize(Pins, recorder, connector, Sessions),
            new Subscriptions(recorder, forwarder),
            new Relayed(Pins, new Listed(Pins), recorder, forwarder, continuations),
            tasks,
            recorder);
        var sessionDoor = new SessionDoor(Sessions, connector);
        Endpoint = new McpEndpoint(
            Snapshots, new Watch(Guard, streams, Draining, () => Configurator.Stale), recorder,
            new Posts(proxy, new Notifications(recorder), sessionDoor, Pins),
            new Streams(new Listening(questions, time), sessionDoor, Sessions),
            logs.CreateLogger<McpEndpoint>());
        catalogue = Own(new CatalogueStore(opened.Data.CatalogueFile, time, logs.CreateLogger<CatalogueStore>()));
        feed = Own(new CatalogueFeed(Snapshots, catalogue, time, logs.CreateLogger<CatalogueFeed>()));
        Registry = new RegistryApi(catalogue, Snapshots, settings.PublicUrl);
        Admin = Administration(opened, counters, values, explorer, (time, logs));
        Dashboard = Pages(opened, counters, explorer, settings.PublicUrl);
        Metrics = Own(new PrometheusText(Gauges(opened.Index)));
        Snapshots.Changed += OnChanged;
        Configurator.WebhooksChanged += announcer.Follow;
    }

    public SnapshotSource Snapshots { get; }

    /// <summary>Where approvers find their pages; the host says what it listens on.</summary>
    public ApprovalPages ApprovalPages { get; }

    public Journal Journal { get; }

    public Configurator Configurator { get; }

    public PinBook Pins { get; }

    public SessionTable Sessions { get; }

    public McpEndpoint Endpoint { get; }

    public Draining Draining { get; }

    public OriginGuard Guard { get; }

    public AdminParts Admin { get; }

    public DashboardParts Dashboard { get; }

    public RegistryApi Registry { get; }

    public PrometheusText Metrics { get; }

    /// <summary>Opens everything that lies in the data folder. What is damaged, or held by another gate, throws and names the file.</summary>
    public static async Task<Composition> OpenAsync(GatewayOptions options, ConfigurationLoad? load, ILoggerFactory logs)
    {
        var owned = new Stack<object>();
        try
        {
            var opened = await Opened.OpenAsync(options, load?.Configuration ?? DeclaredConfiguration.Empty, owned, logs).ConfigureAwait(false);
            return new Composition(options, load, logs, opened);
        }
        catch
        {
            await ReleaseAsync(owned).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>
    /// Makes contact in the background: with every server, so that the first client finds them listed, and with those who
    /// are told about approvals.
    /// </summary>
    public void Meet()
    {
        announcer.Start();
        feed.Start();
        foreach (var server in Snapshots.Current.Servers.Values)
        {
            _ = Pins.ContactAsync(server);
        }

        _ = LookAtIsolationAsync();
    }

    /// <summary>Children that can read the data folder are a warning that must not wait for the first of them.</summary>
    private async Task LookAtIsolationAsync()
    {
        if (Snapshots.Current.Servers.Values.Any(static server => server.Transport == TransportKind.Stdio))
        {
            var isolation = await pool.IsolationAsync().ConfigureAwait(false);
            isolationFault = isolation.Sandboxed ? null : isolation.Describe();
        }
    }

    public ValueTask DisposeAsync()
    {
        Snapshots.Changed -= OnChanged;
        Configurator.WebhooksChanged -= announcer.Follow;
        return ReleaseAsync(owned);
    }

    private static async ValueTask ReleaseAsync(Stack<object> owned)
    {
        while (owned.TryPop(out var part))
        {
            if (part is IAsyncDisposable asynchronous)
            {
                await asynchronous.DisposeAsync().ConfigureAwait(false);
            }
            else
            {
                ((IDisposable)part).Dispose();
            }
        }
    }

    /// <summary>The configuration file can hold tokens and credentials of servers.</summary>
    private static ImmutableArray<string> Secrets(GatewayOptions options, DeclaredConfiguration settings) =>
        [.. new[] { options.ConfigFile, settings.Listen.CertificateKey }.OfType<string>().Select(Path.GetFullPath)];

    /// <summary>What a child could make the gate obey, were it able to write it.</summary>
    private static ImmutableArray<string> Configuring(ConfigurationLoad? load, DeclaredConfiguration settings) =>
        [.. load is null ? [] : load.Files, .. new[] { settings.Listen.Certificate, settings.Listen.CertificateKey }.OfType<string>()];

    /// <summary>The path of a call, and the tasks that take it too.</summary>
    private (ToolsCall Calls, ApprovalTasks Tasks) Calls(ApprovalBook approvals, Counters counters, Recorder recorder, Forwarder forwarder, Continuations continuations)
    {
        var tasks = new ApprovalTasks(recorder);
        var people = new People(approvals, new ApprovalRequests(Journal), tasks, recorder, continuations, Snapshots, ApprovalPages);
        var calls = new ToolsCall(Pins, counters, recorder, forwarder, continuations, people);
        tasks.Run = calls.HandleAsync;
        return (calls, tasks);
    }

    private AdminParts Administration(Opened opened, Counters counters, SealedArguments values, Explorer explorer, (TimeProvider Time, ILoggerFactory Logs) with)
    {
        var record = new RecordSearch(Journal, opened.Index, with.Time);
        var review = new ServerReview(Snapshots, Pins, explorer, Journal, with.Time);
        var operatorSessions = new OperatorSessions(opened.OperatorSessions, opened.Store, Snapshots, with.Time);
        var factors = new Factors(opened.Store, Configurator, Journal, with.Time);
        var signIn = Own(new SignIn(Snapshots, operatorSessions, factors, Journal, with.Time));
        return new AdminParts
        {
            Snapshots = Snapshots,
            Store = opened.Store,
            Journal = Journal,
            Index = opened.Index,
            Record = record,
            Export = new RecordExport(Journal, opened.Heads, opened.Index, record, opened.Data.JournalDirectory),
            Catalogue = catalogue,
            Arguments = values,
            Approvals = new ApprovalDesk(opened.Approvals, opened.Store, Journal, Snapshots, with.Time),
            Policies = new PolicyDesk(opened.Store, Configurator, Journal, Snapshots, with.Time),
            Grants = new GrantDesk(opened.Store, Configurator, Journal, Snapshots, with.Time),
            Heads = opened.Heads,
            Anchors = opened.Anchors,
            Counters = counters,
            Configurator = Configurator,
            ServerDesk = new ServerDesk(opened.Store, Configurator, Journal, Snapshots, review.TestAsync, with.Time),
            Servers = review.Operations,
            Token = opened.Token,
            Sessions = operatorSessions,
            SignIn = signIn,
            Operators = new OperatorDesk(opened.Store, Configurator, Journal, Snapshots, signIn, with.Time),
            Invitations = new Invitations(opened.Store, Configurator, Journal, Snapshots, signIn, with.Time),
            SecondFactors = new FactorDesk(factors, signIn, Snapshots, with.Time),
            OpenSessions = new SessionDesk(operatorSessions, Journal, with.Time),
            Pages = ApprovalPages,
            IsolationFault = () => isolationFault,
            WebhookFault = () => announcer.Fault,
            Time = with.Time,
            Log = with.Logs.CreateLogger("Callgate.Gateway.Admin"),
            DataDirectory = opened.Data.Root,
            StoreFileName = Path.GetFileName(opened.Data.ConfigurationFile),
        };
    }

    private DashboardParts Pages(Opened opened, Counters counters, Explorer explorer, Uri? publicUrl) => new()
    {
        Sessions = Admin.Sessions,
        SignIn = Admin.SignIn,
        Operators = Admin.Operators,
        Invitations = Admin.Invitations,
        OpenSessions = Admin.OpenSessions,
        SecondFactors = Admin.SecondFactors,
        Ending = Draining.StreamsEnd,
        Pages = ApprovalPages,
        PublicUrl = publicUrl,
        Approvals = Admin.Approvals,
        Policies = Admin.Policies,
        Grants = Admin.Grants,
        ServerDesk = Admin.ServerDesk,
        Troubles = () => [.. Readiness.Of(Admin).Where(static check => !check.Ok).Select(static check => (check.Text, check.Required))],
        Record = Admin.Record,
        Export = Admin.Export,
        Journal = Journal,
        Heads = opened.Heads,
        Anchors = opened.Anchors,
        Counters = counters,
        Pins = Pins,
        Accept = new ServerReview(Snapshots, Pins, explorer, Journal, Admin.Time).AcceptSeenAsync,
        Simulate = (policy, replaces, query, ct) => new SimulationRun(opened.Index, Admin.Arguments, Snapshots.Current, policy, replaces).RunAsync(query, ct).AsTask(),
        PinHistory = (server, ct) => opened.Store.ListPinHistoryAsync(server, DashboardParts.MostPinEvents, ct),
        Time = Admin.Time,
        Catalogue = catalogue,
        Snapshots = Snapshots,
    };

    private T Own<T>(T part)
        where T : class
    {
        owned.Push(part);
        return part;
    }

    /// <summary>Processes of servers that changed and of grants that ended are stopped; servers that are new are met.</summary>
    private void OnChanged(Snapshot before, Snapshot after)
    {
        if (!ReferenceEquals(before.Servers, after.Servers))
        {
            foreach (var (name, server) in before.Servers)
            {
                if (!after.Servers.TryGetValue(name, out var next) || !string.Equals(server.Digest, next.Digest, StringComparison.Ordinal))
                {
                    // Nothing goes on toward the old definition: its processes end, and so does what is open on it.
                    _ = pool.StopServerAsync(name).AsTask();
                    streams.CutServer(name);
                    Sessions.RemoveServer(name);
                }
            }

            foreach (var server in after.Servers.Values.Where(server => before.Version > 0 && !(before.Servers.TryGetValue(server.Name, out var old) && old.Digest == server.Digest)))
            {
                _ = Pins.ContactAsync(server);
            }
        }

        if (!ReferenceEquals(before.GrantsByTokenHash, after.GrantsByTokenHash))
        {
            var alive = after.GrantsByTokenHash.Values.Where(static grant => grant.Revoked is null).Select(static grant => grant.Id).ToHashSet(StringComparer.Ordinal);
            foreach (var grant in before.GrantsByTokenHash.Values.Where(grant => !alive.Contains(grant.Id)))
            {
                _ = pool.StopGrantAsync(grant.Id).AsTask();
            }
        }
    }

    private List<Gauge> Gauges(AuditIndex index) =>
    [
        new("callgate_ready", "1 while calls pass.", () => Readiness.Of(Admin).All(static check => check.Ok || !check.Required) && !Draining.Begun ? 1 : 0),
        new("callgate_allocated_bytes", "Bytes allocated since the start.", static () => GC.GetTotalAllocatedBytes()),
        new("callgate_collection_pause_seconds", "Time for which garbage collections stopped everything, since the start.", static () => GC.GetTotalPauseDuration().TotalSeconds),
        new("callgate_journal_seq", "Number of the last entry of the journal.", () => Journal.LastSeq),
        new("callgate_signed_seq", "Number of the last entry that a signed head covers.", () => Admin.Heads.SignedSeq),
        new("callgate_anchored_seq", "Number of the last entry whose signed head every anchor has; 0 without anchors.", () => Admin.Anchors.AnchoredSeq ?? 0),
        new("callgate_index_seq", "Number of the last entry that can be searched.", () => index.IndexedSeq),
        new("callgate_sessions", "Legacy client sessions held.", () => Sessions.Count),
        new("callgate_counters", "Live counters of limits; at most 250,000.", () => Admin.Counters.Count),
        new("callgate_sliding_charges", "Charges that sliding limits keep; at most 1,000,000.", () => Admin.Counters.Kept),
        new("callgate_webhooks_waiting", "Notices about approvals that webhooks have not taken yet.", () => announcer.Waiting),
        new("callgate_servers", "Registered servers.", () => Snapshots.Current.Servers.Count),
        new("callgate_drifted_tools", "Tools whose live definition is not the reviewed one.", () => Snapshots.Current.Pins.Values.Sum(static pins => pins.Tools.Values.Count(static tool => tool.DriftedTo is not null))),
        new("callgate_waiting_tools", "Tools that wait for review.", () => Snapshots.Current.Pins.Values.Sum(static pins => pins.Waiting.Count)),
    ];

    /// <summary>What lies in the data folder, opened.</summary>
    private sealed record Opened(Stack<object> Owned, DataDirectory Data, Keyring Keyring, IConfigStore Store, Journal Journal, AuditIndex Index, JournalHeads Heads, JournalAnchors Anchors, SnapshotSource Snapshots, ApprovalBook Approvals, AdminToken Token, IReadOnlyList<OperatorSession> OperatorSessions)
    {
        public static async Task<Opened> OpenAsync(GatewayOptions options, DeclaredConfiguration settings, Stack<object> owned, ILoggerFactory logs)
        {
            T Keep<T>(T part)
                where T : class
            {
                owned.Push(part);
                return part;
            }

            var data = Keep(DataDirectory.Open(options.DataDirectory));
            var keyring = Keyring.Open(data.Root);
            var store = Keep(await SqliteConfigStore.OpenAsync(data.ConfigurationFile, keyring, options.Time).ConfigureAwait(false));

            // Ends in the opposite order: the journal first, then its end is signed, then the anchors take that.
            var (heads, anchors) = Signing(data, settings.Record, options.Time, logs.CreateLogger<JournalHeads>(), owned);
            var journalOptions = new JournalOptions(data.JournalDirectory, settings.Record.Durability) { Retention = new JournalRetention(settings.Record.RetentionAge, settings.Record.RetentionBytes) };
            var journal = Keep(await Journal.OpenAsync(journalOptions, options.Time, logs.CreateLogger<Journal>()).ConfigureAwait(false));
            heads.Follow(journal);
            var index = Keep(await AuditIndex.OpenAsync(data.AuditIndexFile, data.JournalDirectory, logs.CreateLogger<AuditIndex>()).ConfigureAwait(false));
            journal.Subscribe(index.Notify);
            var snapshots = new SnapshotSource();
            if (await store.SetWebhooksAsync(settings.Approvals.Webhooks).ConfigureAwait(false) is > 0 and var dropped)
            {
                logs.CreateLogger<Announcer>().LogWarning("{Count} notices for webhooks that are no longer in the file were dropped", dropped);
            }

            var approvals = Keep(await ApprovalBook.OpenAsync(snapshots, store, journal, data.JournalDirectory, options.Time, logs.CreateLogger<ApprovalBook>()).ConfigureAwait(false));
            return new Opened(owned, data, keyring, store, journal, index, heads, anchors, snapshots, approvals, AdminToken.Open(data.Root), await store.ListSessionsAsync().ConfigureAwait(false));
        }

        private static (JournalHeads Heads, JournalAnchors Anchors) Signing(DataDirectory data, RecordSettings settings, TimeProvider time, ILogger log, Stack<object> owned)
        {
            var key = JournalKey.Open(data.Root);
            owned.Push(key);
            var heads = new JournalHeads(data.JournalDirectory, key, time, log);
            var anchors = new JournalAnchors(settings.Anchors, heads, data.JournalDirectory, time, log);
            owned.Push(anchors);
            owned.Push(heads);
            return (heads, anchors);
        }
    }
}
