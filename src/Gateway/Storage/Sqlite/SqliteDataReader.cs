using System.Collections;
using System.Data.Common;
using System.Globalization;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>The rows of a command, one at a time and forward only. Statements without rows run on the way.</summary>
internal sealed class SqliteDataReader : DbDataReader
{
    private readonly SqliteCommand command;
    private readonly SqliteConnection connection;
    private readonly bool closeConnection;
    private readonly int changesBefore;
    private SqliteStatement? statement;
    private bool isFirstStatement = true;
    private int offset;
    private bool hasRow;
    private bool isOnFirstRow;
    private bool closed;

    internal SqliteDataReader(SqliteCommand command, SqliteConnection connection, bool closeConnection)
    {
        this.command = command;
        this.connection = connection;
        this.closeConnection = closeConnection;
        changesBefore = NativeSqlite.TotalChanges(connection.Handle);
        NextResult();
    }

    public override int Depth => 0;

    public override int FieldCount => statement?.ColumnCount ?? 0;

    public override bool HasRows => hasRow || isOnFirstRow;

    public override bool IsClosed => closed;

    public override int RecordsAffected => affected ?? NativeSqlite.TotalChanges(connection.Handle) - changesBefore;

    private int? affected;

    public override object this[int ordinal] => GetValue(ordinal);

    public override object this[string name] => GetValue(GetOrdinal(name));

    public override bool NextResult()
    {
        while (true)
        {
            Release();
            statement = command.Take(ref offset);
            if (statement is null)
            {
                return false;
            }

            try
            {
                statement.Bind(command.Parameters);
                isOnFirstRow = hasRow = statement.Step();
            }
            catch
            {
                statement.Dispose();
                statement = null;
                throw;
            }

            if (statement.ColumnCount > 0)
            {
                return true;
            }
        }
    }

    public override bool Read()
    {
        if (isOnFirstRow)
        {
            isOnFirstRow = false;
            return hasRow;
        }

        return hasRow && (hasRow = Current.Step());
    }

    public override void Close()
    {
        if (closed)
        {
            return;
        }

        closed = true;
        if (connection.State == System.Data.ConnectionState.Open)
        {
            affected = RecordsAffected;
            Release();
        }

        if (closeConnection)
        {
            connection.Close();
        }
    }

    public override bool IsDBNull(int ordinal) => Current.Type(ordinal) == NativeSqlite.TypeNull;

    public override object GetValue(int ordinal) => Current.Type(ordinal) switch
    {
        NativeSqlite.TypeInteger => Current.Integer(ordinal),
        NativeSqlite.TypeFloat => Current.Float(ordinal),
        NativeSqlite.TypeText => Current.Text(ordinal),
        NativeSqlite.TypeBlob => Current.Blob(ordinal),
        _ => DBNull.Value,
    };

    public override int GetValues(object[] values)
    {
        var count = Math.Min(values.Length, FieldCount);
        for (var i = 0; i < count; i++)
        {
            values[i] = GetValue(i);
        }

        return count;
    }

    public override T GetFieldValue<T>(int ordinal)
    {
        if (IsDBNull(ordinal) && default(T) is null)
        {
            return default!;
        }

        object value = Type.GetTypeCode(Nullable.GetUnderlyingType(typeof(T)) ?? typeof(T)) switch
        {
            TypeCode.Int64 => GetInt64(ordinal),
            TypeCode.Int32 => GetInt32(ordinal),
            TypeCode.Boolean => GetBoolean(ordinal),
            TypeCode.Double => GetDouble(ordinal),
            TypeCode.String => GetString(ordinal),
            TypeCode.DateTime => GetDateTime(ordinal),
            _ when typeof(T) == typeof(byte[]) => Bytes(ordinal),
            _ when typeof(T) == typeof(DateTimeOffset) || typeof(T) == typeof(DateTimeOffset?) => GetDateTimeOffset(ordinal),
            _ => GetValue(ordinal),
        };
        return (T)value;
    }

    public override string GetString(int ordinal) => NotNull(ordinal).Text(ordinal);

    public override long GetInt64(int ordinal) => NotNull(ordinal).Integer(ordinal);

    public override int GetInt32(int ordinal) => checked((int)GetInt64(ordinal));

    public override short GetInt16(int ordinal) => checked((short)GetInt64(ordinal));

    public override byte GetByte(int ordinal) => checked((byte)GetInt64(ordinal));

    public override bool GetBoolean(int ordinal) => GetInt64(ordinal) != 0;

    public override double GetDouble(int ordinal) => NotNull(ordinal).Float(ordinal);

    public override float GetFloat(int ordinal) => (float)GetDouble(ordinal);

    public override decimal GetDecimal(int ordinal) => decimal.Parse(GetString(ordinal), NumberStyles.Float, CultureInfo.InvariantCulture);

    public override char GetChar(int ordinal) => GetString(ordinal)[0];

    public override Guid GetGuid(int ordinal) => Guid.Parse(GetString(ordinal), CultureInfo.InvariantCulture);

    public DateTimeOffset GetDateTimeOffset(int ordinal) => DateTimeOffset.ParseExact(
        GetString(ordinal), SqlExtensions.TimeFormat, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    public override DateTime GetDateTime(int ordinal) => GetDateTimeOffset(ordinal).UtcDateTime;

    public override long GetBytes(int ordinal, long dataOffset, byte[]? buffer, int bufferOffset, int length) =>
        Copy<byte>(Bytes(ordinal), dataOffset, buffer, bufferOffset, length);

    public override long GetChars(int ordinal, long dataOffset, char[]? buffer, int bufferOffset, int length) =>
        Copy<char>(GetString(ordinal), dataOffset, buffer, bufferOffset, length);

    public override string GetName(int ordinal) => Shape.Name(ordinal);

    public override int GetOrdinal(string name)
    {
        for (var i = 0; i < FieldCount; i++)
        {
            if (string.Equals(GetName(i), name, StringComparison.Ordinal))
            {
                return i;
            }
        }

        throw new ArgumentOutOfRangeException(nameof(name), $"there is no column `{name}`");
    }

    public override Type GetFieldType(int ordinal) => Shape.Type(ordinal) switch
    {
        NativeSqlite.TypeInteger => typeof(long),
        NativeSqlite.TypeFloat => typeof(double),
        NativeSqlite.TypeText => typeof(string),
        NativeSqlite.TypeBlob => typeof(byte[]),
        _ => typeof(object),
    };

    public override string GetDataTypeName(int ordinal) => Shape.Type(ordinal) switch
    {
        NativeSqlite.TypeInteger => "INTEGER",
        NativeSqlite.TypeFloat => "REAL",
        NativeSqlite.TypeText => "TEXT",
        NativeSqlite.TypeBlob => "BLOB",
        _ => "NULL",
    };

    public override IEnumerator GetEnumerator() => new DbEnumerator(this, closeReader: false);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Close();
        }

        base.Dispose(disposing);
    }

    private SqliteStatement Current => statement is { } current && hasRow && !closed
        ? current
        : throw new InvalidOperationException("there is no row; call Read first");

    private SqliteStatement Shape => statement ?? throw new InvalidOperationException("there are no columns");

    private SqliteStatement NotNull(int ordinal) =>
        IsDBNull(ordinal) ? throw new InvalidCastException($"column `{GetName(ordinal)}` is null") : Current;

    private byte[] Bytes(int ordinal) => NotNull(ordinal).Blob(ordinal);

    private static long Copy<T>(ReadOnlySpan<T> source, long from, T[]? buffer, int bufferOffset, int length)
    {
        if (buffer is null)
        {
            return source.Length;
        }

        var count = (int)Math.Min(length, Math.Max(0, source.Length - from));
        source.Slice((int)Math.Min(from, source.Length), count).CopyTo(buffer.AsSpan(bufferOffset));
        return count;
    }

    private void Release()
    {
        if (statement is null)
        {
            return;
        }

        command.GiveBack(statement, isFirstStatement && command.IsRest(offset));
        isFirstStatement = false;
        statement = null;
        hasRow = isOnFirstRow = false;
    }
}
