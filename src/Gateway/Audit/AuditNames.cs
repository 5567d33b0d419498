using System.Data.Common;
using System.Security.Cryptography;
using System.Text.Json;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Audit;

/// <summary>One table of things that stand once each, and the numbers of those seen lately.</summary>
/// <param name="columns">As they are called in the table.</param>
/// <param name="valuesOf">Their values, in that order.</param>
/// <param name="searchedOf">What a search for text looks at.</param>
internal sealed class AuditNames<T>(string table, string[] columns, Func<T, object?[]> valuesOf, Func<T, string?[]> searchedOf)
    where T : notnull
{
    private const int MostKept = 20_000;

    private readonly Dictionary<T, long> ids = [];

    public void Clear() => ids.Clear();

    public long Intern(DbConnection connection, T item)
    {
        if (ids.TryGetValue(item, out var id))
        {
            return id;
        }

        var values = valuesOf(item);
        var digest = Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(values)).AsSpan(0, 16));
        id = (long?)connection.Scalar($"SELECT id FROM {table} WHERE digest = $digest", ("$digest", digest)) ?? Add(connection, digest, item, values);
        if (ids.Count >= MostKept)
        {
            ids.Clear();
        }

        ids[item] = id;
        return id;
    }

    private long Add(DbConnection connection, string digest, T item, object?[] values)
    {
        var given = columns.Zip(values, static (column, value) => ("$" + column, value)).Append(("$digest", digest)).Append(("$searched", string.Join('\n', searchedOf(item)))).ToArray();
        return (long)connection.Scalar(
            $"INSERT INTO {table} ({string.Join(", ", columns)}, digest, searched) VALUES ({string.Join(", ", columns.Select(static column => "$" + column))}, $digest, $searched) RETURNING id",
            given)!;
    }
}
