using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace Callgate.Cli;

/// <summary><c>callgate audit …</c>.</summary>
internal static class AuditCommands
{
    private static readonly string[] Filters = ["grant", "identity", "server", "tool", "method", "decision", "code", "rule", "outcome", "from", "to", "text"];

    public static Command Make() => new("audit", "The record of every call.")
    {
        Tail(), Search(), Arguments(), AuditVerifyCommand.Make(), AuditExportCommand.Make(), AuditKeyCommand.Make(), Reindex(),
    };

    private static Command Search()
    {
        var filters = FilterOptions();
        var limit = new Option<int>("--limit") { Description = "At most this many, newest first; 0 for all.", HelpName = "N", DefaultValueFactory = static _ => 100 };
        return GateOptions.Command("search", "Searches the record; --json prints one object a line.", [.. filters, limit], async call =>
        {
            var query = Query(call, filters);
            var left = call.Parsed.GetValue(limit) is var most and > 0 ? most : int.MaxValue;
            var found = new List<JsonElement>();
            string? cursor = null;
            do
            {
                var page = await PageAsync(call, query, Math.Min(left, 1000), cursor);
                await WarnAsync(call, page, isFirst: cursor is null);
                cursor = page.GetProperty("cursor").GetString();
                foreach (var record in page.GetProperty("records").EnumerateArray())
                {
                    left--;
                    Emit(call, record, found);
                }
            }
            while (cursor is not null && left > 0);

            if (!call.Print.Json)
            {
                Table(call, found);
            }

            return ExitCode.Fine;
        });
    }

    private static Command Arguments()
    {
        var id = new Argument<string>("id") { Description = "The record, by its `ref`.", HelpName = "REF" };
        return GateOptions.Command("arguments", "Opens the arguments of a call, where the record of its server keeps them. Who reads them is recorded.", [id], async call =>
            call.Print.Answer(
                await call.Gate.GetAsync($"audit/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}/arguments", call.Cancel),
                answer => call.Print.Line(Printer.Plain(answer.GetProperty("arguments").GetRawText()))));
    }

    private static Command Tail()
    {
        var filters = FilterOptions();
        var count = new Option<int>("--lines", "-n") { Description = "How many of the newest to begin with.", HelpName = "N", DefaultValueFactory = static _ => 20 };
        var follow = new Option<bool>("--follow", "-f") { Description = "Go on with what comes." };
        return GateOptions.Command("tail", "Shows the end of the record, oldest first.", [.. filters, count, follow], async call =>
        {
            var query = Query(call, filters);
            var last = 0L;
            var records = await NewestAsync(call, query, Math.Clamp(call.Parsed.GetValue(count), 1, 1000), last);
            last = Show(call, records, last);
            if (!call.Parsed.GetValue(follow))
            {
                return ExitCode.Fine;
            }

            using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
            while (await timer.WaitForNextTickAsync(call.Cancel))
            {
                last = Show(call, await NewestAsync(call, query, 1000, last), last);
            }

            return ExitCode.Fine;
        });
    }

    private static Command Reindex() => GateOptions.Command("reindex", "Fills the search index again from the journal.", [], async call =>
        call.Print.Answer(
            await call.Gate.PostAsync("audit/reindex", null, call.Cancel),
            answer => call.Print.Line($"the index is filled up to entry {Printer.Text(answer, "indexed_seq")}")));

    internal static Option<string?>[] FilterOptions() =>
        [.. Filters.Select(static name => new Option<string?>("--" + name) { Description = name is "from" or "to" ? "A time such as 2027-01-01T00:00:00Z." : $"Only this {name}.", HelpName = "X" })];

    private static string Query(GateCall call, Option<string?>[] filters) => Query(call.Parsed, filters);

    internal static string Query(ParseResult parsed, Option<string?>[] filters)
    {
        var given = filters.Select(option => (option.Name, Value: parsed.GetValue(option))).Where(static pair => pair.Value is not null);
        return string.Concat(given.Select(static pair => $"&{pair.Name.TrimStart('-')}={Uri.EscapeDataString(pair.Value!)}"));
    }

    private static Task<JsonElement> PageAsync(GateCall call, string query, int limit, string? cursor)
    {
        var from = cursor is null ? string.Empty : $"&cursor={Uri.EscapeDataString(cursor)}";
        return call.Gate.GetAsync($"audit?limit={limit.ToString(CultureInfo.InvariantCulture)}{query}{from}", call.Cancel);
    }

    /// <summary>A search that could not see the newest entries says so, once and beside the records.</summary>
    private static async Task WarnAsync(GateCall call, JsonElement page, bool isFirst)
    {
        if (isFirst && page.TryGetProperty("behind", out var behind) && behind.ValueKind == JsonValueKind.Object)
        {
            await call.Parsed.InvocationConfiguration.Error.WriteLineAsync(
                $"callgate: the search index is behind: it ends at entry {Printer.Text(behind, "indexed_seq")} of {Printer.Text(behind, "journal_seq")}, so the newest are missing here; search again in a while");
        }
    }

    /// <summary>The newest records after <paramref name="last"/>, oldest first.</summary>
    private static async Task<List<JsonElement>> NewestAsync(GateCall call, string query, int most, long last)
    {
        var records = new List<JsonElement>();
        string? cursor = null;
        do
        {
            var page = await PageAsync(call, query, Math.Min(most, 1000), cursor);
            await WarnAsync(call, page, isFirst: cursor is null && last == 0);
            var fresh = page.GetProperty("records").EnumerateArray().Where(record => record.GetProperty("seq").GetInt64() > last).ToList();
            records.AddRange(fresh);
            cursor = fresh.Count > 0 && last > 0 ? page.GetProperty("cursor").GetString() : null;
        }
        while (cursor is not null);

        records.Reverse();
        return records;
    }

    private static long Show(GateCall call, List<JsonElement> records, long last)
    {
        foreach (var record in records)
        {
            call.Print.Line(call.Print.Json ? JsonSerializer.Serialize(record) : string.Join("  ", Cells(record).Select(Printer.Cell)));
            last = Math.Max(last, record.GetProperty("seq").GetInt64());
        }

        return last;
    }

    private static void Emit(GateCall call, JsonElement record, List<JsonElement> found)
    {
        if (call.Print.Json)
        {
            call.Print.Line(JsonSerializer.Serialize(record));
        }
        else
        {
            found.Add(record);
        }
    }

    private static void Table(GateCall call, List<JsonElement> records) => call.Print.Table(
        ["TIME", "GRANT", "SERVER", "TOOL", "DECISION", "CODE", "OUTCOME", "REF"], records.Select(Cells), "nothing in the record fits");

    private static string[] Cells(JsonElement record) =>
    [
        Printer.Text(record, "time"), Printer.Text(record, "grant"), Printer.Text(record, "server"),
        Printer.Text(record, "tool") is not "-" and var tool ? tool : Printer.Text(record, "method"),
        Printer.Text(record, "decision"), Printer.Text(record, "code"), Printer.Text(record, "outcome"), Printer.Text(record, "id"),
    ];
}
