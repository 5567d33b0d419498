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

    private const string EntrySql = """
        INSERT INTO pinned_entries (server, kind, waiting, name, definition, fingerprint, drifted_to)
        VALUES ($server, $kind, $waiting, $name, $definition, $fingerprint, $drifted)
        """;

    public static void Save(DbConnection connection, PinnedServer pins)
    {
        connection.Execute("DELETE FROM pins WHERE server = $server", ("$server", pins.Server));
        connection.Execute(
            "INSERT INTO pins (server, instructions, shown_instructions, before_lists, pinned_at) VALUES ($server, $instructions, $shown, $before, $at)",
            ("$server", pins.Server),
            ("$instructions", pins.Instructions),
            ("$shown", pins.ShownInstructions),
            ("$before", pins.BeforeLists),
            ("$at", pins.PinnedAt));
        Save(connection, pins.Server, pins.Tools.Values, waiting: false);
        Save(connection, pins.Server, pins.Waiting.Values, waiting: true);
        foreach (var kind in pins.Lists.Keys)
        {
            connection.Execute("INSERT INTO pinned_lists (server, kind) VALUES ($server, $kind)", ("$server", pins.Server), ("$kind", Listing.WordOf(kind)));
        }

        foreach (var (kind, pin, waits) in pins.All().Where(entry => pins.Lists.ContainsKey(entry.Kind)))
        {
            connection.Execute(
                EntrySql,
                ("$server", pins.Server),
                ("$kind", Listing.WordOf(kind)),
                ("$waiting", waits),
                ("$name", pin.Name),
                ("$definition", pin.Definition),
                ("$fingerprint", pin.Fingerprint),
                ("$drifted", pin.DriftedTo));
        }
    }

    public static ImmutableArray<PinnedServer> Load(DbConnection connection)
    {
        var tools = connection.Rows(
            "SELECT server, waiting, name, definition, fingerprint, category, drifted_to FROM pinned_tools",
            row => (Server: row.GetString(0), Waiting: row.GetBoolean(1), Tool: Read(row)));
        var byServer = tools.ToLookup(row => row.Server, StringComparer.Ordinal);
        var lists = Lists(connection);
        return
        [
            .. connection.Rows("SELECT server, instructions, pinned_at, shown_instructions, before_lists FROM pins ORDER BY server", row =>
            {
                var server = row.GetString(0);
                return new PinnedServer(
                    server,
                    Named(byServer[server].Where(tool => !tool.Waiting).Select(tool => tool.Tool)),
                    Named(byServer[server].Where(tool => tool.Waiting).Select(tool => tool.Tool)),
                    row.Text(1),
                    row.Time(2)!.Value)
                {
                    Lists = lists[server].ToFrozenDictionary(static list => list.Kind, static list => list.List),
                    ShownInstructions = row.Text(3),
                    BeforeLists = row.GetBoolean(4),
                };
            }),
        ];
    }

    private static ILookup<string, (ListingKind Kind, PinnedList List)> Lists(DbConnection connection)
    {
        var entries = connection.Rows(
            "SELECT server, kind, waiting, name, definition, fingerprint, drifted_to FROM pinned_entries",
            static row => (Key: (row.GetString(0), row.GetString(1)), Waiting: row.GetBoolean(2), Pin: Pin(row, drifted: 6))).ToLookup(static row => row.Key);
        return connection.Rows("SELECT server, kind FROM pinned_lists", static row => (Server: row.GetString(0), Kind: row.GetString(1))).ToLookup(
            static list => list.Server,
            list => (
                Enum.Parse<ListingKind>(list.Kind, ignoreCase: true),
                new PinnedList(Named(entries[list].Where(static row => !row.Waiting).Select(static row => row.Pin)), Named(entries[list].Where(static row => row.Waiting).Select(static row => row.Pin)))),
            StringComparer.Ordinal);
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
    private static PinnedTool Read(DbDataReader row) =>
        new(row.GetString(2), row.GetFieldValue<byte[]>(3), row.GetString(4), ToolCategories.Parse(row.Text(5)), Drifted(row, 6));

    private static PinnedTool Pin(DbDataReader row, int drifted) => new(row.GetString(3), row.GetFieldValue<byte[]>(4), row.GetString(5), null, Drifted(row, drifted));

    private static ReadOnlyMemory<byte>? Drifted(DbDataReader row, int column) => row.Bytes(column) is { } drifted ? (ReadOnlyMemory<byte>?)drifted : null;

    private static FrozenDictionary<string, PinnedTool> Named(IEnumerable<PinnedTool> tools) =>
        tools.ToFrozenDictionary(tool => tool.Name, StringComparer.Ordinal);
}
