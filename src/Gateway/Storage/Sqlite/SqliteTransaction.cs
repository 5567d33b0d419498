using System.Data;
using System.Data.Common;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>A transaction; what is not committed when it is disposed is rolled back.</summary>
internal sealed class SqliteTransaction : DbTransaction
{
    private SqliteConnection? connection;

    internal SqliteTransaction(SqliteConnection connection, bool deferred)
    {
        this.connection = connection;
        Execute(deferred ? "BEGIN DEFERRED" : "BEGIN IMMEDIATE");
    }

    public override IsolationLevel IsolationLevel => IsolationLevel.Serializable;

    protected override DbConnection? DbConnection => connection;

    public override void Commit()
    {
        Execute("COMMIT");
        Finish();
    }

    public override void Rollback()
    {
        // A full disk or a damaged page ends the transaction inside SQLite; there is nothing left to roll back then.
        if (NativeSqlite.AutoCommit(Active.Handle) == 0)
        {
            Execute("ROLLBACK");
        }

        Finish();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && connection is { State: ConnectionState.Open })
        {
            Rollback();
        }

        base.Dispose(disposing);
    }

    private SqliteConnection Active => connection ?? throw new InvalidOperationException("the transaction has ended already");

    private void Execute(string sql)
    {
        using var command = Active.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private void Finish()
    {
        Active.Current = null;
        connection = null;
    }
}
