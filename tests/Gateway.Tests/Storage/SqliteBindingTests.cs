using System.Data;
using System.Data.Common;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Storage.Sqlite;
using Xunit;

namespace Callgate.Gateway.Tests.Storage;

public sealed class SqliteBindingTests : IDisposable
{
    private readonly StoreFolder folder = new();
    private readonly SqliteConnection connection;

    public SqliteBindingTests() => connection = Connect();

    public void Dispose()
    {
        connection.Dispose();
        folder.Dispose();
    }

    public static TheoryData<object> Values => [0L, 1L, -1L, long.MaxValue, long.MinValue, 1.5, double.MaxValue, "", "text", "nul \0 inside", "päth 💾", Array.Empty<byte>(), new byte[] { 0, 1, 255 }];

    [Theory]
    [MemberData(nameof(Values))]
    public void Value_OfEveryType_ComesBackEqual(object value) => Assert.Equal(value, connection.Scalar("SELECT $v", ("$v", value)));

    [Fact]
    public void Value_Null_ComesBackAsNull()
    {
        Assert.Null(connection.Scalar("SELECT $v", ("$v", null)));
        Assert.Equal("null", connection.Scalar("SELECT typeof($v)", ("$v", DBNull.Value)));
    }

    [Fact]
    public void Value_LongText_ComesBackEqual()
    {
        var text = new string('ü', 300_000);

        Assert.Equal(text, connection.Scalar("SELECT $v", ("$v", text)));
    }

    [Fact]
    public void Time_OfAnyOffset_IsFixedWidthUtcAndSorts()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)).AddTicks(1);

        Assert.Equal("2026-01-02T01:04:05.0000001Z", connection.Scalar("SELECT $v", ("$v", time)));
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT $v";
        command.Parameters.AddWithValue("$v", time);
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(time.ToUniversalTime(), reader.GetFieldValue<DateTimeOffset>(0));
    }

    [Fact]
    public void Parameter_DollarAtOrBareName_MeansTheSame()
    {
        Assert.Equal(1L, connection.Scalar("SELECT $v", ("v", 1)));
        Assert.Equal(1L, connection.Scalar("SELECT @v", ("@v", true)));
        Assert.Equal(1L, connection.Scalar("SELECT @v", ("v", 1L)));
    }

    [Fact]
    public void Parameter_MissingOrInOtherCase_IsAnError()
    {
        Assert.Contains("`$v`", Assert.Throws<InvalidOperationException>(() => connection.Scalar("SELECT $v")).Message, StringComparison.Ordinal);
        Assert.Throws<InvalidOperationException>(() => connection.Scalar("SELECT $v", ("$V", 1)));
    }

    [Fact]
    public void Parameter_OfAnUnknownType_IsAnError() =>
        Assert.Throws<NotSupportedException>(() => connection.Scalar("SELECT $v", ("$v", new Version(1, 0))));

    [Fact]
    public void Command_ManyStatements_RunInOrderAndCountTheirRows() =>
        Assert.Equal(3, connection.Execute("CREATE TABLE t (x); -- a note\nINSERT INTO t VALUES (1), (2); /* ; */ UPDATE t SET x = 'a;b' WHERE x = 1; ; "));

    [Fact]
    public void Command_RunAgainWithOtherValues_UsesThem()
    {
        connection.Execute("CREATE TABLE t (x)");
        using var command = connection.Command("INSERT INTO t VALUES ($x)", ("$x", 0));
        for (var i = 1; i <= 3; i++)
        {
            command.Parameters["$x"].Value = i;
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        Assert.Equal(6L, connection.Scalar("SELECT sum(x) FROM t"));
    }

    [Fact]
    public void Command_SchemaChangedBetweenRuns_SeesTheNewOne()
    {
        connection.Execute("CREATE TABLE t (x); INSERT INTO t VALUES (1)");
        using var command = connection.Command("SELECT * FROM t");
        Assert.Equal(1L, command.ExecuteScalar());

        connection.Execute("DROP TABLE t; CREATE TABLE t (y); INSERT INTO t VALUES (2)");

        Assert.Equal(2L, command.ExecuteScalar());
    }

    [Fact]
    public void Prepare_OfManyStatements_StillRunsAll()
    {
        using var command = connection.Command("CREATE TABLE t (x); INSERT INTO t VALUES (1);");
        command.Prepare();

        command.ExecuteNonQuery();

        Assert.Equal(1L, connection.Scalar("SELECT count(*) FROM t"));
    }

    [Fact]
    public void Reader_TwoOpenOnOneCommand_DoNotDisturbEachOther()
    {
        using var command = connection.Command("SELECT 1 UNION SELECT 2");
        command.Prepare();
        using var one = command.ExecuteReader();
        using var two = command.ExecuteReader();

        Assert.True(one.Read() && two.Read() && one.Read());
        Assert.Equal((2L, 1L), (one.GetInt64(0), two.GetInt64(0)));
        Assert.False(one.Read());
        Assert.False(one.Read());
    }

    [Fact]
    public void Reader_MoreResults_AreReached()
    {
        using var command = connection.Command("SELECT 1 AS a; CREATE TABLE t (x); SELECT 'x' AS b, NULL AS c;");
        using var reader = command.ExecuteReader();
        Assert.Equal((1, "a", typeof(long)), (reader.FieldCount, reader.GetName(0), reader.GetFieldType(0)));
        Assert.True(reader.NextResult());
        Assert.True(reader.Read());
        Assert.Equal((2, 1), (reader.FieldCount, reader.GetOrdinal("c")));
        Assert.True(reader.IsDBNull(1));
        Assert.Null(reader.GetFieldValue<string?>(1));
        Assert.Throws<InvalidCastException>(() => reader.GetInt64(1));
        Assert.False(reader.NextResult());
    }

    [Fact]
    public void Error_InSql_CarriesItsCodeAndLeavesTheConnectionUsable()
    {
        Assert.Equal(1, Assert.Throws<SqliteException>(() => connection.Execute("SELEC 1")).SqliteErrorCode);
        connection.Execute("CREATE TABLE t (x UNIQUE); INSERT INTO t VALUES (1)");

        var failure = Assert.Throws<SqliteException>(() => connection.Execute("INSERT INTO t VALUES (1)"));

        Assert.Equal((19, 2067), (failure.SqliteErrorCode, failure.SqliteExtendedErrorCode));
        Assert.Equal(1L, connection.Scalar("SELECT count(*) FROM t"));
    }

    [Fact]
    public void Transaction_NotCommitted_IsRolledBack()
    {
        connection.Execute("CREATE TABLE t (x)");
        using (connection.BeginTransaction())
        {
            connection.Execute("INSERT INTO t VALUES (1)");
            Assert.Throws<InvalidOperationException>(() => connection.BeginTransaction());
        }

        Assert.Equal(0L, connection.Scalar("SELECT count(*) FROM t"));
        using (DbTransaction transaction = connection.BeginTransaction())
        {
            connection.Execute("INSERT INTO t VALUES (1)");
            transaction.Commit();
            Assert.Throws<InvalidOperationException>(transaction.Commit);
        }

        Assert.Equal(1L, connection.Scalar("SELECT count(*) FROM t"));
    }

    [Fact]
    public void Transaction_LockHeldByAnother_IsBusyAndTransient()
    {
        using var other = Connect();
        other.Execute("PRAGMA busy_timeout = 10");
        using var held = connection.BeginTransaction();

        var failure = Assert.Throws<SqliteException>(() => other.BeginTransaction());

        Assert.Equal(5, failure.SqliteErrorCode);
        Assert.True(failure.IsTransient);
        Assert.Null(other.Current);
    }

    [Fact]
    public void Mode_ReadOnly_RefusesToWriteAndToCreate()
    {
        connection.Execute("CREATE TABLE t (x)");
        using var reader = new SqliteConnection($"Data Source={folder.StorePath};Mode=ReadOnly");
        reader.Open();

        Assert.Equal(8, Assert.Throws<SqliteException>(() => reader.Execute("INSERT INTO t VALUES (1)")).SqliteErrorCode);
        using var nowhere = new SqliteConnection($"Data Source={folder.At("none")};Mode=ReadOnly");
        Assert.Throws<SqliteException>(nowhere.Open);
        Assert.False(File.Exists(folder.At("none")));
    }

    [Theory]
    [InlineData("Data Source=x;Mode=Write")]
    [InlineData("Data Source=x;Pooling=True")]
    public void ConnectionString_NotUnderstood_IsRefused(string text) => Assert.Throws<ArgumentException>(() => new SqliteConnection(text));

    [Fact]
    public void Close_WithOpenReaders_LetsTheFileGo()
    {
        connection.Execute("PRAGMA journal_mode = WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1)");
        var command = connection.Command("SELECT x FROM t");
        var reader = command.ExecuteReader();
        Assert.True(reader.Read());

        connection.Close();

        // SQLite removes the log when the last statement of the last connection is gone.
        Assert.Equal(ConnectionState.Closed, connection.State);
        Assert.False(File.Exists(folder.StorePath + "-wal"));
        Assert.ThrowsAny<InvalidOperationException>(() => reader.GetInt64(0));
        reader.Dispose();
        command.Dispose();
    }

    private SqliteConnection Connect()
    {
        var opened = new SqliteConnection($"Data Source={folder.StorePath};Default Timeout=5");
        opened.Open();
        return opened;
    }
}
