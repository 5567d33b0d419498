using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Callgate.Catalogue;

namespace Callgate.Cli;

/// <summary><c>callgate catalogue add</c>: takes servers in from a file or a registry. It may be ended at any time and begun again: what is in already is left alone.</summary>
internal static class CatalogueAddCommand
{
    /// <summary>Below what the gate takes in one request, with room for what is around it.</summary>
    private const int LargestBatch = 700 * 1024;

    private const int MostInBatch = 200;

    /// <summary>Letters of every script stay as they are: as escapes, a batch of them would be twice as large.</summary>
    private static readonly JsonSerializerOptions AsWritten = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Make()
    {
        var file = new Argument<string?>("file") { Description = "A tools/list answer, a server.json, a pack, or a registry's list; JSON, or JSON lines; `-` for stdin.", HelpName = "FILE", Arity = ArgumentArity.ZeroOrOne };
        var registry = new Option<string?>("--registry") { Description = "Read everything a registry has (API v0.1), from this address.", HelpName = "URL" };
        var name = new Option<string?>("--name") { Description = "The server's name, for a bare list of tools.", HelpName = "NAME" };
        var open = new Option<bool>("--public") { Description = "Show the servers to people who have not signed in." };
        return GateOptions.Command("add", "Takes servers and their tools into the catalogue.", [file, registry, name, open], async call =>
        {
            var (from, url) = (call.Parsed.GetValue(file), call.Parsed.GetValue(registry));
            if (from is null == url is null)
            {
                throw new CommandFault(ExitCode.Usage, "callgate: give a FILE or --registry URL");
            }

            var import = new Import(call, call.Parsed.GetValue(name), call.Parsed.GetValue(open));
            await using var source = url is not null ? CatalogueSourceFile.OfRegistry(url) : CatalogueSourceFile.Open(from!);
            try
            {
                await foreach (var value in source.ValuesAsync(call.Cancel))
                {
                    await import.TakeAsync(value, source);
                }
            }
            catch (CommandFault) when (!import.HasFailed)
            {
                // The source broke off: what it gave before is kept, as the message says.
                await import.SendAsync();
                throw;
            }

            return await import.EndAsync();
        });
    }

    private sealed class Import(GateCall call, string? name, bool isPublic)
    {
        private readonly TextWriter progress = call.Parsed.InvocationConfiguration.Error;
        private readonly List<string> faults = [];
        private readonly List<JsonElement> batch = [];
        private readonly List<JsonElement> tools = [];
        private readonly long begun = System.Diagnostics.Stopwatch.GetTimestamp();
        private int bytes;
        private int seen;
        private (int Added, int Changed, int Unchanged, int Removed) taken;
        private double share;
        private long told = System.Diagnostics.Stopwatch.GetTimestamp();

        /// <summary>The gate refused something, or what was read is of no use: nothing more is sent.</summary>
        public bool HasFailed { get; private set; }

        public async Task TakeAsync(JsonElement value, CatalogueSourceFile source)
        {
            share = source.Share ?? share;
            if (name is not null && source.IsList)
            {
                tools.Add(value);
                return;
            }

            foreach (var server in Servers(value))
            {
                seen++;
                await AddAsync(server);
            }
        }

        public async Task<int> EndAsync()
        {
            if (tools.Count > 0)
            {
                seen++;
                await AddAsync(Named(JsonSerializer.SerializeToElement(tools)));
            }

            await SendAsync();
            if (seen == 0)
            {
                throw new CommandFault(ExitCode.Failed, "callgate: there is no server in it");
            }

            var answer = JsonSerializer.SerializeToElement(new { added = taken.Added, changed = taken.Changed, unchanged = taken.Unchanged, removed = taken.Removed, faults });
            call.Print.Answer(answer, _ =>
            {
                call.Print.Line($"{taken.Added} added, {taken.Changed} changed, {taken.Unchanged} as before, {taken.Removed} removed{(faults.Count > 0 ? $", {faults.Count} not taken:" : "")}");
                faults.ForEach(fault => call.Print.Line("  " + Printer.Plain(fault)));
            });
            return faults.Count > 0 ? ExitCode.Failed : ExitCode.Fine;
        }

        private List<JsonElement> Servers(JsonElement value)
        {
            if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("servers", out var servers) && servers.ValueKind == JsonValueKind.Array)
            {
                return [.. servers.EnumerateArray()];
            }

            var isList = value.ValueKind == JsonValueKind.Object && !value.TryGetProperty("name", out _) && !value.TryGetProperty("server", out _)
                && (value.TryGetProperty("tools", out _) || value.TryGetProperty("result", out _));
            if (!isList)
            {
                return [value];
            }

            return [Named(value)];
        }

        private JsonElement Named(JsonElement list)
        {
            HasFailed = true;
            if (name is null)
            {
                throw new CommandFault(ExitCode.Usage, "callgate: a list of tools does not say whose they are; give --name NAME");
            }

            var all = ServerEntry.ReadTools(list, out var fault) ?? throw new CommandFault(ExitCode.Failed, $"callgate: it is no list of tools: {fault}");
            HasFailed = false;
            return JsonSerializer.SerializeToElement(new { name, tools = all });
        }

        private async Task AddAsync(JsonElement server)
        {
            if (ServerEntry.Read(server, out var wrong) is null)
            {
                if (wrong is not null)
                {
                    faults.Add($"server {seen}: {wrong}");
                }

                return;
            }

            var size = System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(server).Length;
            if (size > LargestBatch)
            {
                faults.Add($"server {seen}: it is larger than {LargestBatch / 1024} KiB");
                return;
            }

            if (batch.Count == MostInBatch || bytes + size > LargestBatch)
            {
                await SendAsync();
            }

            batch.Add(server);
            bytes += size + 1;
        }

        public async Task SendAsync()
        {
            if (batch.Count == 0)
            {
                return;
            }

            HasFailed = true;
            var answer = await call.Gate.PostAsync("catalogue/servers", JsonSerializer.SerializeToUtf8Bytes(new { servers = batch, @public = isPublic }, AsWritten), call.Cancel);
            HasFailed = false;
            int Count(string member) => answer.GetProperty(member).GetInt32();
            taken = (taken.Added + Count("added"), taken.Changed + Count("changed"), taken.Unchanged + Count("unchanged"), taken.Removed + Count("removed"));
            faults.AddRange(answer.GetProperty("faults").EnumerateArray().Select(fault => $"of {batch.Count} sent at once, {fault.GetString()}"));
            batch.Clear();
            bytes = 0;
            Tell();
        }

        private void Tell()
        {
            const int Width = 30;
            if (System.Diagnostics.Stopwatch.GetElapsedTime(told) < TimeSpan.FromSeconds(1))
            {
                return;
            }

            told = System.Diagnostics.Stopwatch.GetTimestamp();
            var rate = seen / System.Diagnostics.Stopwatch.GetElapsedTime(begun).TotalSeconds;
            var done = Math.Clamp((int)(share * Width), 0, Width);
            progress.WriteLine(string.Create(CultureInfo.InvariantCulture, $"callgate: [{new string('#', done)}{new string('.', Width - done)}] {seen} servers, {rate:0} a second"));
        }
    }
}
