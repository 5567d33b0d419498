using System.Buffers;
using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>One prepared statement: values in, rows out.</summary>
internal sealed unsafe class SqliteStatement : IDisposable
{
    /// <summary>A text that is no Unicode fails instead of becoming another text: identifiers are ordinal.</summary>
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly SqliteConnection connection;
    private readonly SqliteStatementHandle handle;
    private readonly string[] parameters;

    private SqliteStatement(SqliteConnection connection, SqliteStatementHandle handle)
    {
        this.connection = connection;
        this.handle = handle;
        parameters = new string[NativeSqlite.ParameterCount(handle)];
        for (var i = 0; i < parameters.Length; i++)
        {
            parameters[i] = NativeSqlite.Text(NativeSqlite.ParameterName(handle, i + 1));
        }

        ColumnCount = NativeSqlite.ColumnCount(handle);
        connection.Track(this);
    }

    public int ColumnCount { get; }

    public bool IsReadOnly => NativeSqlite.IsReadOnly(handle) != 0;

    /// <summary>Prepares the statement that begins at <paramref name="offset"/> and moves past it. Null when only blanks and comments are left.</summary>
    public static SqliteStatement? Next(SqliteConnection connection, byte[] sql, ref int offset)
    {
        while (offset < sql.Length)
        {
            fixed (byte* start = sql)
            {
                var code = NativeSqlite.Prepare(connection.Handle, start + offset, sql.Length - offset, 0, out var statement, out var tail);
                if (code != NativeSqlite.Ok)
                {
                    throw SqliteException.From(connection.Handle);
                }

                offset = (int)(tail - start);
                if (statement != 0)
                {
                    return new SqliteStatement(connection, new SqliteStatementHandle(statement));
                }
            }
        }

        return null;
    }

    public void Bind(SqliteParameterCollection values)
    {
        for (var i = 0; i < parameters.Length; i++)
        {
            // Values mostly come in the order of the text, so the search is the exception.
            var parameter = values.At(i);
            if (parameter?.IsFor(parameters[i]) != true)
            {
                parameter = values.Find(parameters[i]);
            }

            if (parameter is null)
            {
                throw new InvalidOperationException($"the statement wants a value for `{parameters[i]}`");
            }

            Check(Bind(i + 1, parameter.Value));
        }
    }

    /// <summary>True while there is a row.</summary>
    public bool Step()
    {
        switch (NativeSqlite.Step(handle))
        {
            case NativeSqlite.Row:
                return true;
            case NativeSqlite.Done:
                return false;
            default:
                var failure = SqliteException.From(connection.Handle);
                _ = NativeSqlite.Reset(handle);
                throw failure;
        }
    }

    /// <summary>Ready to run again; values that may be secrets are let go.</summary>
    public void Reset()
    {
        if (!handle.IsClosed)
        {
            _ = NativeSqlite.Reset(handle);
            _ = NativeSqlite.ClearBindings(handle);
        }
    }

    public string Name(int column) => NativeSqlite.Text(NativeSqlite.ColumnName(handle, column));

    public int Type(int column) => NativeSqlite.ColumnType(handle, column);

    public long Integer(int column) => NativeSqlite.ColumnInteger(handle, column);

    public double Float(int column) => NativeSqlite.ColumnFloat(handle, column);

    public string Text(int column)
    {
        var text = NativeSqlite.ColumnText(handle, column);
        return text is null ? "" : Utf8.GetString(text, NativeSqlite.ColumnBytes(handle, column));
    }

    public byte[] Blob(int column)
    {
        var bytes = NativeSqlite.ColumnBlob(handle, column);
        return bytes is null ? [] : new ReadOnlySpan<byte>(bytes, NativeSqlite.ColumnBytes(handle, column)).ToArray();
    }

    public void Dispose()
    {
        connection.Forget(this);
        handle.Dispose();
    }

    private int Bind(int index, object? value) => value switch
    {
        null or DBNull => NativeSqlite.BindNull(handle, index),
        string text => BindText(index, text),
        long number => NativeSqlite.BindInteger(handle, index, number),
        int number => NativeSqlite.BindInteger(handle, index, number),
        bool flag => NativeSqlite.BindInteger(handle, index, flag ? 1 : 0),
        double number => NativeSqlite.BindFloat(handle, index, number),
        byte[] bytes => BindBlob(index, bytes),
        ReadOnlyMemory<byte> bytes => BindBlob(index, bytes.Span),
        DateTimeOffset time => BindText(index, time.UtcDateTime.ToString(SqlExtensions.TimeFormat, CultureInfo.InvariantCulture)),
        _ => throw new NotSupportedException($"a value of {value.GetType()} cannot be bound; convert it first"),
    };

    private int BindText(int index, string text)
    {
        var rented = ArrayPool<byte>.Shared.Rent(Utf8.GetMaxByteCount(text.Length));
        var length = Utf8.GetBytes(text, rented);
        int code;
        fixed (byte* bytes = rented)
        {
            code = NativeSqlite.BindText(handle, index, bytes, length, NativeSqlite.Transient);
        }

        ArrayPool<byte>.Shared.Return(rented, clearArray: true);
        return code;
    }

    private int BindBlob(int index, ReadOnlySpan<byte> value)
    {
        // A null pointer would bind NULL, and no bytes are not the same as no value.
        byte nothing = 0;
        fixed (byte* bytes = value)
        {
            return NativeSqlite.BindBlob(handle, index, bytes is null ? &nothing : bytes, value.Length, NativeSqlite.Transient);
        }
    }

    private void Check(int code)
    {
        if (code != NativeSqlite.Ok)
        {
            throw SqliteException.From(connection.Handle);
        }
    }
}
