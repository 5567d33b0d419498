using System.Collections.Immutable;
using System.Data.Common;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Upstreams;

namespace Callgate.Gateway.Storage;

/// <summary>Servers as rows.</summary>
internal static class ServerRows
{
    private const string SaveSql = """
        INSERT INTO servers (name, transport, sealed, methods_allow, public, on_drift, on_new, connect_ms, first_byte_ms, idle_ms, total_ms, recorded_arguments)
        VALUES ($name, $transport, $sealed, $methods, $public, $drift, $new, $connect, $first, $idle, $total, $recorded)
        ON CONFLICT (name) DO UPDATE SET transport = excluded.transport, sealed = excluded.sealed, methods_allow = excluded.methods_allow,
            public = excluded.public, on_drift = excluded.on_drift, on_new = excluded.on_new, connect_ms = excluded.connect_ms,
            first_byte_ms = excluded.first_byte_ms, idle_ms = excluded.idle_ms, total_ms = excluded.total_ms, recorded_arguments = excluded.recorded_arguments
        """;

    private const string LoadSql = """
        SELECT name, transport, sealed, methods_allow, public, on_drift, on_new, connect_ms, first_byte_ms, idle_ms, total_ms, recorded_arguments
        FROM servers ORDER BY name
        """;

    public static void Save(DbConnection connection, ServerDefinition server, Sealer sealer) => connection.Execute(
        SaveSql,
        ("$name", server.Name),
        ("$transport", server.Transport switch { TransportKind.Http => "http", TransportKind.Sse => "sse", _ => "stdio" }),
        ("$sealed", Seal(server, sealer)),
        ("$methods", JsonSerializer.Serialize([.. server.MethodsAllow], StoreJson.Default.StringArray)),
        ("$public", server.Public),
        ("$drift", server.OnDrift switch { OnDrift.Report => "report", OnDrift.Approve => "approve", _ => "block" }),
        ("$new", server.OnNew == OnNew.Block ? "block" : "categorise"),
        ("$connect", Milliseconds(server.Timeouts.Connect)),
        ("$first", Milliseconds(server.Timeouts.FirstByte)),
        ("$idle", Milliseconds(server.Timeouts.Idle)),
        ("$total", Milliseconds(server.Timeouts.Total)),
        ("$recorded", server.RecordedArguments == RecordedArguments.Sealed ? "sealed" : "names"));

    public static ImmutableArray<ServerDefinition> Load(DbConnection connection, Sealer sealer) =>
        [.. connection.Rows(LoadSql, row => Read(row, sealer))];

    private static ServerDefinition Read(DbDataReader row, Sealer sealer)
    {
        var name = row.GetString(0);
        var secrets = Unseal(name, row.GetString(2), sealer);
        return new ServerDefinition
        {
            Name = name,
            Transport = row.GetString(1) switch { "http" => TransportKind.Http, "sse" => TransportKind.Sse, _ => TransportKind.Stdio },
            Url = secrets.Url is null ? null : new Uri(secrets.Url),
            Headers = StoreJson.Sorted(secrets.Headers),
            Command = [.. secrets.Command],
            Environment = StoreJson.Sorted(secrets.Environment),
            MethodsAllow = [.. JsonSerializer.Deserialize(row.GetString(3), StoreJson.Default.StringArray)!],
            Public = row.GetBoolean(4),
            OnDrift = row.GetString(5) switch { "report" => OnDrift.Report, "approve" => OnDrift.Approve, _ => OnDrift.Block },
            OnNew = string.Equals(row.GetString(6), "categorise", StringComparison.Ordinal) ? OnNew.Categorise : OnNew.Block,
            Timeouts = new UpstreamTimeouts(Time(row, 7), Time(row, 8), Time(row, 9), Time(row, 10)),
            RecordedArguments = string.Equals(row.GetString(11), "sealed", StringComparison.Ordinal) ? RecordedArguments.Sealed : RecordedArguments.Names,
        };
    }

    private static string Seal(ServerDefinition server, Sealer sealer)
    {
        var secrets = new ServerSecrets(server.Url?.OriginalString, new(server.Headers), [.. server.Command], new(server.Environment));
        return sealer.Seal(JsonSerializer.SerializeToUtf8Bytes(secrets, StoreJson.Default.ServerSecrets), Place(server.Name));
    }

    private static ServerSecrets Unseal(string name, string text, Sealer sealer) =>
        sealer.TryOpen(text, Place(name), out var plain)
            ? JsonSerializer.Deserialize(plain, StoreJson.Default.ServerSecrets)!
            : throw new StoreException($"the sealed part of server `{name}` does not open; register the server again, or restore the store from a backup");

    /// <summary>Bound to the name, so that one server's credentials cannot be moved to another row.</summary>
    private static byte[] Place(string name) => Encoding.UTF8.GetBytes("server/" + name);

    private static long Milliseconds(TimeSpan time) => (long)time.TotalMilliseconds;

    private static TimeSpan Time(DbDataReader row, int column) => TimeSpan.FromMilliseconds(row.GetInt64(column));
}
