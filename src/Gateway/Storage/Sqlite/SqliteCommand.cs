using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>
/// One or more statements with their values. The statement of a command that holds one stays prepared until the text
/// changes or the command is disposed, so a command that runs again costs only its values.
/// </summary>
internal sealed class SqliteCommand : DbCommand
{
    private SqliteConnection? connection;
    private byte[] utf8 = [];
    private SqliteStatement? prepared;

    [AllowNull]
    public override string CommandText
    {
        get;
        set
        {
            field = value ?? "";
            utf8 = Encoding.UTF8.GetBytes(field);
            Unprepare();
        }
    }

    = "";

    public override int CommandTimeout { get; set; } = 5;

    public override CommandType CommandType
    {
        get => CommandType.Text;
        set
        {
            if (value != CommandType.Text)
            {
                throw new NotSupportedException("commands are text");
            }
        }
    }

    public override bool DesignTimeVisible { get; set; }

    public override UpdateRowSource UpdatedRowSource { get; set; } = UpdateRowSource.None;

    public new SqliteConnection? Connection
    {
        get => connection;
        set
        {
            Unprepare();
            connection = value;
        }
    }

    public new SqliteParameterCollection Parameters { get; } = [];

    protected override DbConnection? DbConnection
    {
        get => connection;
        set => Connection = (SqliteConnection?)value;
    }

    protected override DbParameterCollection DbParameterCollection => Parameters;

    protected override DbTransaction? DbTransaction { get; set; }

    private SqliteConnection Open => connection ?? throw new InvalidOperationException("the command has no connection");

    public override void Cancel() => Open.Interrupt();

    public override void Prepare()
    {
        var offset = 0;
        if (prepared is null && SqliteStatement.Next(Open, utf8, ref offset) is { } first)
        {
            GiveBack(first, IsRest(offset));
        }
    }

    public override int ExecuteNonQuery()
    {
        using var reader = ExecuteReader();
        while (reader.NextResult())
        {
        }

        return reader.RecordsAffected;
    }

    public override object? ExecuteScalar()
    {
        using var reader = ExecuteReader();
        return reader.Read() ? reader.GetValue(0) : null;
    }

    public new SqliteDataReader ExecuteReader() => new(this, Open, closeConnection: false);

    /// <summary>The statement at the offset: the prepared one when the command holds just that.</summary>
    internal SqliteStatement? Take(ref int offset)
    {
        if (offset == 0 && prepared is { } ready)
        {
            prepared = null;
            offset = utf8.Length;
            return ready;
        }

        return SqliteStatement.Next(Open, utf8, ref offset);
    }

    /// <summary>Keeps a finished statement for the next run when it is the whole command.</summary>
    internal void GiveBack(SqliteStatement statement, bool isWhole)
    {
        statement.Reset();
        if (isWhole && prepared is null)
        {
            prepared = statement;
            return;
        }

        statement.Dispose();
    }

    internal bool IsRest(int offset) => utf8.AsSpan(offset).IndexOfAnyExcept(" \t\r\n;"u8) < 0;

    protected override DbParameter CreateDbParameter() => new SqliteParameter();

    protected override DbDataReader ExecuteDbDataReader(CommandBehavior behavior) =>
        new SqliteDataReader(this, Open, behavior.HasFlag(CommandBehavior.CloseConnection));

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Unprepare();
        }

        base.Dispose(disposing);
    }

    private void Unprepare()
    {
        prepared?.Dispose();
        prepared = null;
    }
}
