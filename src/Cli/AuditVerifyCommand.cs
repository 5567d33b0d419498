using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Callgate.Gateway.Admin;
using Callgate.Gateway.Audit;

namespace Callgate.Cli;

/// <summary><c>callgate audit verify</c>: through the gate, or on the files alone.</summary>
internal static class AuditVerifyCommand
{
    private static readonly TimeSpan ProgressEvery = TimeSpan.FromSeconds(5);

    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Make()
    {
        var options = new GateOptions();
        var export = new Argument<string?>("EXPORT") { Description = "A file made by `audit export --format jsonl`; without it the record in --data, or of a running gate.", Arity = ArgumentArity.ZeroOrOne };
        var offline = new Option<bool>("--offline") { Description = "Read the journal in --data directly; no gate is needed." };
        var head = new Option<string?>("--head") { Description = "The head that an earlier check printed: finds a record that was cut or replaced since.", HelpName = "SEQ:HASH" };
        var heads = new Option<string[]>("--heads") { Description = "Signed heads that an anchor kept: find a record that was cut, replaced or put back; reads the files.", HelpName = "FILE" };
        var key = new Option<string[]>("--key") { Description = "The key that must have signed the heads, or a file with it, as `audit key` prints it; without it the key beside the record.", HelpName = "KEY" };
        var isSealed = new Option<bool>("--sealed") { Description = "A signed head must cover the last entry too, as after an orderly stop; an export always is." };
        var command = options.AddTo(new Command("verify", "Checks that nothing in the record was changed, left out or moved.") { export, offline, head, heads, key, isSealed });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var print = new Printer(parsed.InvocationConfiguration.Output, options.Json(parsed));
            var noted = Noted(parsed.GetValue(head));
            var folder = parsed.GetValue(options.DataFolder);
            var file = parsed.GetValue(export);
            var needsFiles = parsed.GetValue(offline) || parsed.GetValue(isSealed) || parsed.GetValue(heads) is { Length: > 0 } || parsed.GetValue(key) is { Length: > 0 };
            if (file is not null || (folder is not null && (needsFiles || GateOptions.RunningAt(folder) is null)))
            {
                var request = new VerifyRequest(file is null ? JournalOf(folder!) : Existing(file))
                {
                    Noted = noted,
                    HeadFiles = [.. (parsed.GetValue(heads) ?? []).Select(Existing)],
                    IsSealed = file is not null || parsed.GetValue(isSealed),
                };
                return Report(print, Offline(request, parsed.GetValue(key) ?? [], folder, parsed.InvocationConfiguration.Error));
            }

            if (needsFiles)
            {
                throw new CommandFault(ExitCode.Usage, "callgate: --offline, --heads, --key and --sealed read files: name an export, or the data folder with --data");
            }

            using var gate = new GateClient(options.Address(parsed), options.Credential(parsed));
            return Report(print, await gate.PostAsync("audit/verify", noted is null ? null : new { head = noted.ToString() }, cancellationToken));
        });
        return command;
    }

    public static string JournalOf(string folder)
    {
        var journal = Path.Combine(folder, "journal");
        return Directory.Exists(journal) ? journal : throw new CommandFault(ExitCode.Failed, $"callgate: `{folder}` holds no journal");
    }

    private static JournalHead? Noted(string? text) =>
        text is null ? null
        : JournalHead.TryParse(text) ?? throw new CommandFault(ExitCode.Usage, "callgate: --head takes SEQ:HASH, as `callgate audit verify` prints it");

    private static string Existing(string file) => File.Exists(file) ? file : throw new CommandFault(ExitCode.Failed, $"callgate: the file `{file}` is not there");

    private static JsonElement Offline(VerifyRequest request, string[] given, string? folder, TextWriter error)
    {
        var keys = given.Length > 0 ? [.. given.Select(Key)] : Found(request, folder) is { } found ? new List<NoteKey> { found } : [];
        if (keys.Count == 0 && request.HeadFiles.Count > 0)
        {
            throw new CommandFault(ExitCode.Usage, "callgate: --heads needs --key: no key lies beside the record");
        }

        try
        {
            var report = JournalVerifier.Verify(request with { Keys = keys, NeedsHead = given.Length > 0 || request.HeadFiles.Count > 0 }, new Progress(error));
            return JsonSerializer.SerializeToElement(VerifyReply.Of(report, keys.Count > 0 ? keys[0].Text : null), Snake);
        }
        finally
        {
            keys.ForEach(static key => key.Dispose());
        }
    }

    private static NoteKey Key(string given)
    {
        var text = File.Exists(given) ? File.ReadAllText(given) : given;
        return NoteKey.TryParse(text) ?? throw new CommandFault(ExitCode.Usage, "callgate: --key takes a key as `callgate audit key` prints it, or a file with one");
    }

    /// <summary>The key that came with the record: it proves that the record agrees with itself, and no more.</summary>
    private static NoteKey? Found(VerifyRequest request, string? folder)
    {
        if (File.Exists(request.Path))
        {
            return AuditExport.KeyOf(request.Path);
        }

        var path = Path.Combine(folder ?? "", JournalKey.PublicFileName);
        return File.Exists(path) ? NoteKey.TryParse(File.ReadAllText(path)) : null;
    }

    private static int Report(Printer print, JsonElement report)
    {
        var ok = report.GetProperty("ok").GetBoolean();
        print.Answer(report, shown =>
        {
            if (!ok)
            {
                print.Line($"the record is broken at entry {Printer.Text(shown, "broken_seq")} in {Printer.Text(shown, "file")}: {Printer.Text(shown, "why")}");
                return;
            }

            print.Line($"the record is whole: {Printer.Text(shown, "entries")} entries, head {Printer.Text(shown, "head")}");
            var first = shown.GetProperty("first_seq").GetInt64();
            if (first > 1)
            {
                print.Line($"the entries before {first.ToString(CultureInfo.InvariantCulture)} were retired; the summary in their place is part of the chain");
            }

            print.Line(shown.GetProperty("heads").GetInt64() == 0
                ? "no signed head was compared"
                : $"signed heads that agree: {Printer.Text(shown, "heads")}, by {Printer.Text(shown, "key")}");
            var unsigned = shown.GetProperty("entries").GetInt64() + first - 1 - shown.GetProperty("signed_seq").GetInt64();
            if (unsigned > 0)
            {
                print.Line($"entries at the end that no signed head covers yet: {unsigned.ToString(CultureInfo.InvariantCulture)}");
            }
        });
        return ok ? ExitCode.Fine : ExitCode.Failed;
    }

    /// <summary>A line every few seconds.</summary>
    private sealed class Progress(TextWriter error) : IProgress<long>
    {
        private long told = System.Diagnostics.Stopwatch.GetTimestamp();

        public void Report(long value)
        {
            if (System.Diagnostics.Stopwatch.GetElapsedTime(told) >= ProgressEvery)
            {
                told = System.Diagnostics.Stopwatch.GetTimestamp();
                error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"callgate: {value} entries checked"));
            }
        }
    }
}
