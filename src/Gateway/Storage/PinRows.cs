using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Data.Common;
using Callgate.Gateway.Discovery;
using Callgate.Policy;

namespace Callgate.Gateway.Storage;

/// <summary>Pins as rows: one for the server, one for each tool, reviewed or waiting.</summary>
internal static class PinRows
{
    private const string ToolSql = """
        INSERT INTO pinned_tools (server, waiting, name, definition, fingerprint, category, drifted_to)
        VALUES ($server, $waiting, $name, $definition, $fingerprint, $category, $drifted)
        """;

    public static void Save(DbConnection connection, PinnedServer pins)
    {
        connection.Execute("DELETE FROM pins WHERE server = $server", ("$server", pins.Server));
        connection.Execute(
            "INSERT INTO pins (server, instructions, pinned_at) VALUES ($server, $instructions, $at)",
            ("$server", pins.Server),
            ("$instructions", pins.Instructions),
            ("$at", pins.PinnedAt));
        Save(connection, pins.Server, pins.Tools.Values, waiting: false);
        Save(connection, pins.Server, pins.Waiting.Values, waiting: true);
    }

    public static ImmutableArray<PinnedServer> Load(DbConnection connection)
    {
        var tools = connection.Rows(
            "SELECT server, waiting, name, definition, fingerprint, category, drifted_to FROM pinned_tools",
            row => (Server: row.GetString(0), Waiting: row.GetBoolean(1), Tool: Read(row)));
        var byServer = tools.ToLookup(row => row.Server, StringComparer.Ordinal);
        return
        [
            .. connection.Rows("SELECT server, instructions, pinned_at FROM pins ORDER BY server", row =>
            {
                var server = row.GetString(0);
                return new PinnedServer(
                    server,
                    Named(byServer[server].Where(tool => !tool.Waiting).Select(tool => tool.Tool)),
                    Named(byServer[server].Where(tool => tool.Waiting).Select(tool => tool.Tool)),
                    row.Text(1),
                    row.Time(2)!.Value);
            }),
        ];
    }

    private static void Save(DbConnection connection, string server, IEnumerable<PinnedTool> tools, bool waiting)
    {
        foreach (var tool in tools)
        {
            connection.Execute(
                ToolSql,
                ("$server", server),
                ("$waiting", waiting),
                ("$name", tool.Name),
                ("$definition", tool.Definition),
                ("$fingerprint", tool.Fingerprint),
                ("$category", tool.Category?.ToString()),
                ("$drifted", tool.DriftedTo));
        }
    }

    /// <remarks>A category this program does not know is none: rules for categories do not apply then.</remarks>
    private static PinnedTool Read(DbDataReader row) => new(
        row.GetString(2), row.GetFieldValue<byte[]>(3), row.GetString(4), ToolCategories.Parse(row.Text(5)), row.Bytes(6) is { } drifted ? (ReadOnlyMemory<byte>?)drifted : null);

    private static FrozenDictionary<string, PinnedTool> Named(IEnumerable<PinnedTool> tools) =>
        tools.ToFrozenDictionary(tool => tool.Name, StringComparer.Ordinal);
}
