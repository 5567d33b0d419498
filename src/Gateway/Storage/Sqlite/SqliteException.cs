using System.Data.Common;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>What SQLite answered instead of a result, with its primary and its extended code.</summary>
internal sealed class SqliteException : DbException
{
    private const int Busy = 5;
    private const int Locked = 6;

    public SqliteException()
    {
    }

    public SqliteException(string message)
        : base(message)
    {
    }

    public SqliteException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public SqliteException(string message, int extendedCode)
        : base(message, extendedCode)
    {
        SqliteErrorCode = extendedCode & 0xff;
        SqliteExtendedErrorCode = extendedCode;
    }

    public int SqliteErrorCode { get; }

    public int SqliteExtendedErrorCode { get; }

    public override bool IsTransient => SqliteErrorCode is Busy or Locked;

    internal static unsafe SqliteException From(SqliteDatabaseHandle database) =>
        new($"{NativeSqlite.Text(NativeSqlite.ErrorMessage(database))} (SQLite {NativeSqlite.ExtendedErrorCode(database)})", NativeSqlite.ExtendedErrorCode(database));

    internal static unsafe SqliteException From(int code) =>
        new($"{NativeSqlite.Text(NativeSqlite.ErrorText(code))} (SQLite {code})", code);
}
