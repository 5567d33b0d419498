using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>
/// One connection to one database file. It has the surface of ADO.NET and the names of the usual package, so that the
/// package can take its place; like there, a connection belongs to one thread at a time.
/// </summary>
/// <remarks>
/// Keys of the connection string: <c>Data Source</c> (the file), <c>Mode</c> (<c>ReadWriteCreate</c>, <c>ReadWrite</c>,
/// <c>ReadOnly</c>), <c>Default Timeout</c> (seconds to wait for a lock), and <c>Pooling=False</c>, since nothing is pooled.
/// </remarks>
internal sealed class SqliteConnection : DbConnection
{
    private readonly HashSet<SqliteStatement> statements = [];
    private string connectionString = "";
    private SqliteDatabaseHandle? handle;

    public SqliteConnection()
    {
    }

    public SqliteConnection(string connectionString) => ConnectionString = connectionString;

    [AllowNull]
    public override string ConnectionString
    {
        get => connectionString;
        set
        {
            var builder = new DbConnectionStringBuilder { ConnectionString = value };
            foreach (string key in builder.Keys)
            {
                Apply(key, Convert.ToString(builder[key], CultureInfo.InvariantCulture) ?? "");
            }

            connectionString = value ?? "";
        }
    }

    public override string Database => "main";

    public override string DataSource => Path;

    public override unsafe string ServerVersion => NativeSqlite.Text(NativeSqlite.LibVersion());

    public override ConnectionState State => handle is null ? ConnectionState.Closed : ConnectionState.Open;

    /// <summary>Seconds to wait for a lock that another connection holds.</summary>
    public int DefaultTimeout { get; set; } = 5;

    internal SqliteDatabaseHandle Handle => handle ?? throw new InvalidOperationException("the connection is closed; open it first");

    internal SqliteTransaction? Current { get; set; }

    private string Path { get; set; } = "";

    private int OpenFlags { get; set; } = NativeSqlite.OpenReadWrite | NativeSqlite.OpenCreate;

    public override void Open()
    {
        if (handle is not null)
        {
            throw new InvalidOperationException("the connection is already open");
        }

        // One thread at a time uses a connection, so SQLite's own mutex is left out.
        var code = NativeSqlite.Open(Path, out var database, OpenFlags | NativeSqlite.OpenNoMutex | NativeSqlite.OpenExtendedCodes, 0);
        var opened = new SqliteDatabaseHandle(database);
        if (code != NativeSqlite.Ok)
        {
            using (opened)
            {
                throw opened.IsInvalid ? SqliteException.From(code) : SqliteException.From(opened);
            }
        }

        handle = opened;
        _ = NativeSqlite.BusyTimeout(opened, DefaultTimeout * 1000);
    }

    public override void Close()
    {
        if (handle is null)
        {
            return;
        }

        Current = null;
        foreach (var statement in statements.ToArray())
        {
            statement.Dispose();
        }

        handle.Dispose();
        handle = null;
    }

    public new SqliteCommand CreateCommand() => new() { Connection = this };

    public new SqliteTransaction BeginTransaction() => BeginTransaction(deferred: false);

    /// <param name="deferred">True to take no lock before the first statement; a transaction that only reads wants that.</param>
    public SqliteTransaction BeginTransaction(bool deferred)
    {
        if (Current is not null)
        {
            throw new InvalidOperationException("the connection has a transaction already; finish it first");
        }

        return Current = new SqliteTransaction(this, deferred);
    }

    public override void ChangeDatabase(string databaseName) =>
        throw new NotSupportedException("a connection has one database; open another connection");

    /// <summary>Ends the statement that runs on another thread with an error; the connection stays usable.</summary>
    public void Interrupt() => NativeSqlite.Interrupt(Handle);

    internal void Track(SqliteStatement statement) => statements.Add(statement);

    internal void Forget(SqliteStatement statement) => statements.Remove(statement);

    protected override DbTransaction BeginDbTransaction(IsolationLevel isolationLevel) => BeginTransaction(deferred: false);

    protected override DbCommand CreateDbCommand() => CreateCommand();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close();
        }

        base.Dispose(disposing);
    }

    private void Apply(string key, string value)
    {
        switch (key.ToLowerInvariant())
        {
            case "data source":
                Path = value;
                break;
            case "mode":
                OpenFlags = value switch
                {
                    "ReadOnly" => NativeSqlite.OpenReadOnly,
                    "ReadWrite" => NativeSqlite.OpenReadWrite,
                    "ReadWriteCreate" => NativeSqlite.OpenReadWrite | NativeSqlite.OpenCreate,
                    _ => throw new ArgumentException($"`{value}` is not a mode; write ReadWriteCreate, ReadWrite or ReadOnly"),
                };
                break;
            case "default timeout":
                DefaultTimeout = int.Parse(value, NumberStyles.None, CultureInfo.InvariantCulture);
                break;
            case "pooling" when string.Equals(value, "False", StringComparison.Ordinal):
                break;
            default:
                throw new ArgumentException($"`{key}` is not a key of the connection string; write Data Source, Mode or Default Timeout");
        }
    }
}
