using System.Buffers.Binary;
using Callgate.Gateway.Storage.Sqlite;

namespace Callgate.Gateway.Storage;

/// <summary>What a database file is for.</summary>
/// <param name="Title">How messages call it.</param>
/// <param name="ApplicationId">Written into the file, so that another program's database is told apart.</param>
/// <param name="Migrations">Prefix of its numbered migrations.</param>
/// <param name="Synchronous"><c>FULL</c> survives loss of power with every commit; <c>NORMAL</c> may lose the last ones.</param>
internal sealed record StoreKind(string Title, int ApplicationId, string Migrations, string Synchronous)
{
    /// <summary>"CGcf" in ASCII.</summary>
    public static StoreKind Configuration { get; } = new("configuration store", 0x43476366, "config-", "FULL");

    /// <summary>"CGix" in ASCII.</summary>
    public static StoreKind AuditIndex { get; } = new("audit index", 0x43476978, "index-", "NORMAL");

    /// <summary>"CGca" in ASCII.</summary>
    public static StoreKind Catalogue { get; } = new("catalogue", 0x43476361, "catalogue-", "NORMAL");
}

/// <summary>
/// Opens a database file or says why not. A file that is damaged, foreign or newer is refused by name; a new one is made
/// beside and renamed, so an empty file is always damage and never a beginning.
/// </summary>
internal static class StoreFile
{
    /// <summary>Keys are enforced, functions in a foreign schema are not run, damaged pages are noticed sooner, and nothing is written to other files.</summary>
    private const string EachConnection = "PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY;";

    private static ReadOnlySpan<byte> Magic => "SQLite format 3\0"u8;

    /// <param name="path">The file; made when it is not there.</param>
    /// <param name="kind">What the file is for.</param>
    /// <param name="seed">Writes what a new file begins with, before anybody can see it.</param>
    /// <exception cref="StoreException">The file is damaged, foreign, newer than this program, or cannot be opened.</exception>
    public static SqliteConnection Open(string path, StoreKind kind, Action<SqliteConnection>? seed = null)
    {
        try
        {
            if (!Path.Exists(path))
            {
                Create(path, kind, seed);
            }

            CheckHeader(path, kind);
            return Connect(path, kind);
        }
        catch (SqliteException exception) when (IsDamage(exception))
        {
            throw Damaged(path, kind, exception.Message, exception);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the {kind.Title} `{path}` cannot be opened: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>A second connection to a file that <see cref="Open"/> has opened: it reads what was committed while the first one writes.</summary>
    /// <exception cref="SqliteException">The file cannot be opened.</exception>
    public static SqliteConnection OpenToRead(string path)
    {
        var connection = new SqliteConnection($"Data Source={Quoted(path)};Mode=ReadOnly;Pooling=False");
        try
        {
            connection.Open();
            connection.Execute(EachConnection);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The bytes of the file are not what a database must be (SQLITE_CORRUPT, SQLITE_NOTADB).</summary>
    public static bool IsDamage(Exception exception) => exception is SqliteException { SqliteErrorCode: 11 or 26 };

    /// <summary>Writes a consistent copy into one file that must not exist yet.</summary>
    /// <param name="connection">The store.</param>
    /// <param name="toFile">The copy.</param>
    /// <param name="without">A statement that takes out of the copy what does not belong there.</param>
    public static void Backup(SqliteConnection connection, string toFile, string without)
    {
        if (Path.Exists(toFile))
        {
            throw new StoreException($"the backup file `{toFile}` exists already; name another one");
        }

        var temporary = toFile + ".tmp";
        try
        {
            File.Delete(temporary);
            PrivateFile.Reserve(temporary);
            connection.Execute("VACUUM INTO $file", ("$file", temporary));
            using (var copy = new SqliteConnection($"Data Source={Quoted(temporary)};Mode=ReadWrite;Pooling=False"))
            {
                copy.Open();
                copy.Execute(without);
            }

            PrivateFile.Sync(temporary);
            File.Move(temporary, toFile, overwrite: false);
        }
        catch (Exception exception) when (exception is SqliteException or IOException or UnauthorizedAccessException)
        {
            throw new StoreException($"the backup file `{toFile}` cannot be written: {exception.Message.TrimEnd('.')}", exception);
        }
    }

    /// <summary>Removes a database with its side files.</summary>
    public static void Delete(string path)
    {
        foreach (var suffix in (ReadOnlySpan<string>)["", "-wal", "-shm", "-journal", ".new", ".new-journal"])
        {
            File.Delete(path + suffix);
        }
    }

    private static void Create(string path, StoreKind kind, Action<SqliteConnection>? seed)
    {
        // A log without its database means that somebody removed the database, not that this is the first start.
        if (File.Exists(path + "-wal") && new FileInfo(path + "-wal").Length > 0)
        {
            throw Damaged(path, kind, "the file is missing but its `-wal` file is there", null);
        }

        var fresh = path + ".new";
        File.Delete(fresh);
        File.Delete(fresh + "-journal");
        PrivateFile.Reserve(fresh);
        using (var connection = new SqliteConnection($"Data Source={Quoted(fresh)};Mode=ReadWrite;Pooling=False"))
        {
            connection.Open();
            connection.Execute(EachConnection);
            connection.Execute($"PRAGMA application_id = {kind.ApplicationId}; PRAGMA synchronous = FULL;");
            Migrations.Apply(connection, fresh, kind);
            seed?.Invoke(connection);
        }

        PrivateFile.Sync(fresh);
        File.Move(fresh, path, overwrite: false);
    }

    private static void CheckHeader(string path, StoreKind kind)
    {
        if (Directory.Exists(path))
        {
            throw Damaged(path, kind, "it is a folder", null);
        }

        var header = new byte[100];
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var length = file.ReadAtLeast(header, header.Length, throwOnEndOfStream: false);
        if (length == 0)
        {
            throw Damaged(path, kind, "it is empty", null);
        }

        if (length < header.Length || !header.AsSpan().StartsWith(Magic))
        {
            throw Damaged(path, kind, "it is not a database", null);
        }

        // Read before SQLite opens the file: opening would already fold another program's log into its database.
        if (BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(68)) != kind.ApplicationId)
        {
            throw Damaged(path, kind, "it belongs to another program or another purpose", null);
        }

        // SQLite reads what is missing of the last page as zeros. With a log beside it, the log restores the page.
        var pageSize = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(16)) is var size && size == 1 ? 65536 : size;
        if (pageSize > 0 && file.Length % pageSize != 0 && !File.Exists(path + "-wal"))
        {
            throw Damaged(path, kind, "its end is cut off", null);
        }
    }

    private static SqliteConnection Connect(string path, StoreKind kind)
    {
        var connection = new SqliteConnection($"Data Source={Quoted(path)};Mode=ReadWrite;Pooling=False");
        try
        {
            connection.Open();
            connection.Execute(EachConnection);
            CheckContent(connection, path, kind);

            // What is taken out of the configuration is overwritten; the index holds nothing that the journal does not.
            connection.Execute($"PRAGMA journal_mode = WAL; PRAGMA synchronous = {kind.Synchronous}; PRAGMA secure_delete = {(kind == StoreKind.Configuration ? "ON" : "OFF")};");
            Migrations.Apply(connection, path, kind);
            return Migrations.Difference(connection, kind) is { } difference
                ? throw Damaged(path, kind, difference, null)
                : connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static void CheckContent(SqliteConnection connection, string path, StoreKind kind)
    {
        // The check of the index skips comparing indexes with tables: it may be large, and it is not the truth of anything.
        var check = kind == StoreKind.Configuration ? "PRAGMA integrity_check(1)" : "PRAGMA quick_check(1)";
        if (connection.Scalar(check) is not "ok" and var finding)
        {
            throw Damaged(path, kind, $"{finding}", null);
        }

        if (connection.Scalar("PRAGMA foreign_key_check") is { } table)
        {
            throw Damaged(path, kind, $"rows of `{table}` point at nothing", null);
        }
    }

    private static StoreException Damaged(string path, StoreKind kind, string finding, Exception? inner) =>
        new($"the {kind.Title} `{path}` is damaged or foreign ({finding.ReplaceLineEndings(" ").TrimEnd('.')}); restore it from a backup, or move it away to begin empty", inner) { FileIsUnusable = true };

    private static string Quoted(string path) => $"\"{path.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
}
