using System.Runtime.InteropServices;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>An open database; closed once, also when a connection is forgotten.</summary>
internal sealed class SqliteDatabaseHandle : SafeHandle
{
    public SqliteDatabaseHandle(nint database)
        : base(0, ownsHandle: true) => SetHandle(database);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle() => NativeSqlite.Close(handle) == NativeSqlite.Ok;
}

/// <summary>A prepared statement; finalized once, also when a command is forgotten.</summary>
internal sealed class SqliteStatementHandle : SafeHandle
{
    public SqliteStatementHandle(nint statement)
        : base(0, ownsHandle: true) => SetHandle(statement);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        // The code repeats the last step's failure, which has been reported already.
        _ = NativeSqlite.FinalizeStatement(handle);
        return true;
    }
}
