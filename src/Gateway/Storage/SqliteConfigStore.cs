using System.Collections.Frozen;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Discovery;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Storage.Sqlite;
using Callgate.Gateway.Upstreams;
using Callgate.Gateway.Webhooks;

namespace Callgate.Gateway.Storage;

/// <summary>The configuration in one SQLite file, on one thread of its own.</summary>
public sealed class SqliteConfigStore : IConfigStore
{
    private readonly string path;
    private readonly SqliteConnection connection;
    private readonly Sealer sealer;
    private readonly TimeProvider time;
    private readonly StoreThread thread;
    private bool closed;

    private SqliteConfigStore(string path, SqliteConnection connection, Sealer sealer, TimeProvider time, StoreThread thread)
    {
        this.path = path;
        this.connection = connection;
        this.sealer = sealer;
        this.time = time;
        this.thread = thread;
    }

    /// <summary>Opens the store, or makes a new one when there is no file.</summary>
    /// <exception cref="StoreException">The file is damaged, foreign, newer than this program, or was sealed with another operator key.</exception>
    public static async Task<SqliteConfigStore> OpenAsync(string path, Keyring keyring, TimeProvider time)
    {
        var thread = new StoreThread("configuration store");
        try
        {
            var sealer = keyring.Sealer("configuration store");
            var connection = await thread.RunAsync(() => Open(path, sealer), CancellationToken.None);
            return new SqliteConfigStore(path, connection, sealer, time, thread);
        }
        catch
        {
            await thread.DisposeAsync();
            throw;
        }
    }

    public ValueTask<StoredConfiguration> LoadAsync(CancellationToken cancellationToken = default) => RunAsync(Load, cancellationToken);

    public ValueTask SaveServerAsync(ServerDefinition server, CancellationToken cancellationToken = default)
    {
        Editable(server.Declared, server.Name);
        return WriteAsync(() => ServerRows.Save(connection, server, sealer), cancellationToken);
    }

    public ValueTask<bool> RemoveServerAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync(() => connection.Execute("DELETE FROM servers WHERE name = $name", ("$name", name)) > 0, cancellationToken);

    public ValueTask<long> SavePolicyAsync(string name, ReadOnlyMemory<byte> document, string? author, string? note, CancellationToken cancellationToken = default)
    {
        var copy = document.ToArray();
        return RunAsync(() => InTransaction(() => SavePolicy(new StoredPolicy(name, 0, copy, author, note, time.GetUtcNow()))), cancellationToken);
    }

    public ValueTask<IReadOnlyList<StoredPolicy>> ListRevisionsAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<StoredPolicy>>(() => PolicyRows.Revisions(connection, name), cancellationToken);

    public ValueTask SaveGrantAsync(Grant grant, CancellationToken cancellationToken = default)
    {
        Editable(grant.Declared, grant.Label);
        return WriteAsync(() => GrantRows.Save(connection, grant), cancellationToken);
    }

    public ValueTask<Grant?> FindGrantAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => GrantRows.Find(connection, id), reads: true), cancellationToken);

    public ValueTask<bool> AttachAsync(string grantId, string server, string? policy, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => GrantRows.Attach(connection, grantId, server, policy)), cancellationToken);

    public ValueTask SavePinsAsync(PinnedServer pins, CancellationToken cancellationToken = default) =>
        WriteAsync(() => PinRows.Save(connection, pins), cancellationToken);

    public ValueTask<bool> RemovePinsAsync(string server, CancellationToken cancellationToken = default) =>
        RunAsync(
            () => InTransaction(() =>
            {
                connection.Execute("DELETE FROM pin_history WHERE server = $server", ("$server", server));
                return connection.Execute("DELETE FROM pins WHERE server = $server", ("$server", server)) > 0;
            }),
            cancellationToken);

    public ValueTask AddPinHistoryAsync(string server, IReadOnlyList<PinEvent> events, CancellationToken cancellationToken = default) =>
        WriteAsync(() => PinHistoryRows.Add(connection, server, events), cancellationToken);

    public ValueTask<IReadOnlyList<PinEvent>> ListPinHistoryAsync(string server, int most, CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<PinEvent>>(() => PinHistoryRows.Newest(connection, server, most), cancellationToken);

    public ValueTask SetStopAsync(string what, bool on, CancellationToken cancellationToken = default) => WriteAsync(
        () => connection.Execute(
            on ? "INSERT INTO stops (what, since) VALUES ($what, $now) ON CONFLICT DO NOTHING" : "DELETE FROM stops WHERE what = $what",
            ("$what", what),
            ("$now", time.GetUtcNow())),
        cancellationToken);

    public ValueTask SetShadowAsync(string policy, ShadowEnd? end, CancellationToken cancellationToken = default) => WriteAsync(
        () => connection.Execute(
            end is null
                ? "DELETE FROM shadows WHERE policy = $policy"
                : "INSERT INTO shadows (policy, revision, until) VALUES ($policy, $revision, $until) ON CONFLICT (policy) DO UPDATE SET revision = excluded.revision, until = excluded.until",
            ("$policy", policy),
            ("$revision", end?.Revision),
            ("$until", end?.Until)),
        cancellationToken);

    public ValueTask SaveApprovalAsync(Approval approval, CancellationToken cancellationToken = default) => WriteAsync(
        () =>
        {
            if (ApprovalRows.Save(connection, approval, sealer))
            {
                WebhookRows.Queue(connection, approval, time.GetUtcNow());
            }

            ProposalRows.Open(connection, approval, sealer, time.GetUtcNow());
        },
        cancellationToken);

    public ValueTask<IReadOnlyList<Approval>> LoadApprovalsAsync(CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<Approval>>(() => ApprovalRows.Live(connection, sealer), cancellationToken);

    public ValueTask<IReadOnlyList<Approval>> ListApprovalsAsync(int most, CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<Approval>>(() => ApprovalRows.Newest(connection, sealer, most), cancellationToken);

    public ValueTask<Approval?> FindApprovalAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(() => ApprovalRows.Find(connection, sealer, id), cancellationToken);

    public ValueTask<bool> BeginProposalAsync(Proposal proposal, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => ProposalRows.Begin(connection, proposal, sealer)), cancellationToken);

    public ValueTask<IReadOnlyList<string>> ListBegunProposalsAsync(CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<string>>(() => ProposalRows.Making(connection), cancellationToken);

    public ValueTask DropProposalAsync(string? id, CancellationToken cancellationToken = default) => WriteAsync(() => ProposalRows.Drop(connection, id), cancellationToken);

    public ValueTask<IReadOnlyList<Proposal>> ListProposalsAsync(CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<Proposal>>(() => ProposalRows.Newest(connection), cancellationToken);

    public ValueTask<Proposal?> FindProposalAsync(string id, CancellationToken cancellationToken = default) =>
        RunAsync(() => ProposalRows.Find(connection, sealer, id) is { State: not ProposalState.Making } found ? found : null, cancellationToken);

    public ValueTask<long?> AcceptProposalAsync(string id, string who, string? note, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => ProposalRows.Accept(connection, id, (who, note), sealer, time.GetUtcNow())), cancellationToken);

    public ValueTask<bool> RejectProposalAsync(string id, string who, string? reason, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => ProposalRows.Reject(connection, id, (who, reason), sealer, time.GetUtcNow())), cancellationToken);

    public ValueTask<int> SetWebhooksAsync(IReadOnlyList<Webhook> webhooks, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => WebhookRows.Replace(connection, webhooks)), cancellationToken);

    public ValueTask<Owed> FirstNoticeAsync(string webhook, int most, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => WebhookRows.Owed(connection, webhook, most)), cancellationToken);

    public ValueTask RemoveNoticeAsync(string webhook, string notice, CancellationToken cancellationToken = default) =>
        WriteAsync(() => WebhookRows.Remove(connection, webhook, notice), cancellationToken);

    public ValueTask SaveOperatorAsync(Operator person, CancellationToken cancellationToken = default) =>
        WriteAsync(() => OperatorRows.Save(connection, person), cancellationToken);

    public ValueTask<bool> RemoveOperatorAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync(() => connection.Execute("DELETE FROM operators WHERE name = $name", ("$name", name)) > 0, cancellationToken);

    public ValueTask SaveFactorAsync(string name, SecondFactor factor, IReadOnlyList<string> recoveryHashes, CancellationToken cancellationToken = default) =>
        WriteAsync(() => FactorRows.Save(connection, name, (factor, recoveryHashes), sealer), cancellationToken);

    public ValueTask<SecondFactor?> FindFactorAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync(() => FactorRows.Find(connection, name, sealer), cancellationToken);

    public ValueTask<bool> UseFactorStepAsync(string name, long step, CancellationToken cancellationToken = default) =>
        RunAsync(() => connection.Execute("UPDATE operator_factors SET used_step = $step WHERE operator = $name AND used_step < $step", ("$step", step), ("$name", name)) > 0, cancellationToken);

    public ValueTask<int?> UseRecoveryCodeAsync(string name, string hash, CancellationToken cancellationToken = default) =>
        RunAsync(() => InTransaction(() => FactorRows.UseRecoveryCode(connection, name, hash)), cancellationToken);

    public ValueTask<int> CountRecoveryCodesAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync(() => FactorRows.CountRecoveryCodes(connection, name), cancellationToken);

    public ValueTask<bool> RemoveFactorAsync(string name, CancellationToken cancellationToken = default) =>
        RunAsync(() => connection.Execute("DELETE FROM operator_factors WHERE operator = $name", ("$name", name)) > 0, cancellationToken);

    public ValueTask SaveSessionAsync(OperatorSession session, CancellationToken cancellationToken = default) =>
        WriteAsync(() => OperatorRows.Save(connection, session), cancellationToken);

    public ValueTask TouchSessionAsync(string tokenHash, DateTimeOffset lastUsed, CancellationToken cancellationToken = default) => WriteAsync(
        () => connection.Execute("UPDATE operator_sessions SET last_used = $used WHERE token_hash = $hash", ("$used", lastUsed), ("$hash", tokenHash)),
        cancellationToken);

    public ValueTask<bool> RemoveSessionAsync(string tokenHash, CancellationToken cancellationToken = default) =>
        RunAsync(() => connection.Execute("DELETE FROM operator_sessions WHERE token_hash = $hash", ("$hash", tokenHash)) > 0, cancellationToken);

    public ValueTask<IReadOnlyList<OperatorSession>> ListSessionsAsync(CancellationToken cancellationToken = default) =>
        RunAsync<IReadOnlyList<OperatorSession>>(() => OperatorRows.Sessions(connection), cancellationToken);

    public async ValueTask<bool> HealthyAsync(CancellationToken cancellationToken = default)
    {
        try
        {
            return await RunAsync(IsUsable, cancellationToken);
        }
        catch (StoreException)
        {
            return false;
        }
    }

    public ValueTask BackupAsync(string toFile, CancellationToken cancellationToken = default) => new(thread.RunAsync(
        () =>
        {
            StoreFile.Backup(connection, Path.GetFullPath(toFile), "DELETE FROM operator_sessions; UPDATE operators SET invitation_hash = NULL, invitation_expires = NULL");
            return true;
        },
        cancellationToken));

    public async ValueTask DisposeAsync()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        await thread.RunAsync(
            () =>
            {
                connection.Dispose();
                return true;
            },
            CancellationToken.None);
        await thread.DisposeAsync();
    }

    private static SqliteConnection Open(string path, Sealer sealer)
    {
        var connection = StoreFile.Open(path, StoreKind.Configuration, fresh => KeyCheck.Write(fresh, sealer));
        try
        {
            KeyCheck.Verify(connection, path, sealer);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void Editable(bool declared, string name)
    {
        if (declared)
        {
            throw new ArgumentException($"`{name}` is declared in callgate.yaml; change it there");
        }
    }

    private StoredConfiguration Load() => InTransaction(
        () => new StoredConfiguration(
            ServerRows.Load(connection, sealer),
            PolicyRows.Newest(connection),
            GrantRows.Load(connection),
            PinRows.Load(connection),
            connection.Rows("SELECT what FROM stops", row => row.GetString(0)).ToFrozenSet(StringComparer.Ordinal),
            connection.Rows("SELECT policy, revision, until FROM shadows", row => (Policy: row.GetString(0), End: new ShadowEnd(row.GetInt64(1), row.Time(2)!.Value)))
                .ToFrozenDictionary(row => row.Policy, row => row.End, StringComparer.Ordinal),
            OperatorRows.Load(connection)),
        reads: true);

    private long SavePolicy(StoredPolicy policy)
    {
        var revision = PolicyRows.Save(connection, policy);
        ProposalRows.Outdate(connection, policy.Name, revision, sealer, policy.Time);
        return revision;
    }

    private bool IsUsable()
    {
        if (!File.Exists(path))
        {
            return false;
        }

        // A health check that waits as long as a save would hold the saves up behind it.
        connection.Execute("PRAGMA busy_timeout = 250");
        try
        {
            using var transaction = connection.BeginTransaction();
            return connection.Scalar("SELECT count(*) FROM meta") is > 0L;
        }
        finally
        {
            connection.Execute("PRAGMA busy_timeout = 5000");
        }
    }

    private T InTransaction<T>(Func<T> job, bool reads = false)
    {
        using var transaction = connection.BeginTransaction(deferred: reads);
        var result = job();
        transaction.Commit();
        return result;
    }

    private ValueTask WriteAsync(Action job, CancellationToken cancellationToken) => new(RunAsync(
        () => InTransaction(() =>
        {
            job();
            return true;
        }),
        cancellationToken).AsTask());

    private ValueTask<T> RunAsync<T>(Func<T> job, CancellationToken cancellationToken) => new(thread.RunAsync(
        () =>
        {
            try
            {
                return job();
            }
            catch (Exception exception) when (exception is SqliteException or JsonException or FormatException or InvalidCastException)
            {
                throw new StoreException($"the configuration store `{path}` failed: {exception.Message}", exception);
            }
        },
        cancellationToken));
}
