using System.CommandLine;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Policies;

namespace Callgate.Cli;

/// <summary><c>callgate policy explain</c>: what one call would meet, and why.</summary>
internal static class PolicyExplainCommand
{
    public static Command Make()
    {
        var file = new Option<string?>("--file") { Description = "Explain by this document, without a gate.", HelpName = "POLICY" };
        var grant = new Option<string?>("--grant") { Description = "The grant's id; its policy on the server counts.", HelpName = "ID" };
        var tool = new Option<string>("--tool") { Description = "The tool's exact name.", HelpName = "TOOL", Required = true };
        var args = new Option<string?>("--args") { Description = "The arguments, a JSON object.", HelpName = "JSON" };
        var facts = new Option<string[]>("--fact") { Description = "A fact of the call with --file, such as grant.identity=ann, grant.attributes.tenant=acme, tool.category=Write, time=2026-01-31T09:30:00Z.", HelpName = "NAME=VALUE" };
        var (gate, source) = (new GateOptions(), new ToolSource());
        var command = new Command("explain", "Shows what a call would meet: the decision, the rule that made it, every condition with its value. Exits with 3 when the call is refused.") { file, grant, tool, args, facts };
        source.AddTo(command);
        gate.AddTo(command).SetAction(async (parsed, ct) =>
        {
            var arguments = Arguments(parsed.GetValue(args));
            var print = new Printer(parsed.InvocationConfiguration.Output, gate.Json(parsed));
            if (parsed.GetValue(file) is { } path)
            {
                if (parsed.GetValue(grant) is not null)
                {
                    throw new CommandFault(ExitCode.Usage, "callgate: give --file or --grant, not both");
                }

                var tools = await source.ReadAsync(parsed, gate, ct);
                var call = FactOptions.Read(parsed.GetValue(facts) ?? [], tools, parsed.GetRequiredValue(tool), arguments);
                var trace = PolicyFiles.Policy(path).Policy!.Trace(call);
                return Show(print, JsonSerializer.SerializeToElement(TraceReply.Of(trace), TraceReply.Options));
            }

            if (parsed.GetValue(source.Server) is not { } server || parsed.GetValue(grant) is not { } id || parsed.GetValue(facts) is { Length: > 0 })
            {
                throw new CommandFault(ExitCode.Usage, "callgate: give --server NAME and --grant ID, or --file POLICY; --fact goes with --file");
            }

            using var client = gate.Connect(parsed);
            return Show(print, await client.PostAsync("policies/explain", new { server, grant = id, tool = parsed.GetRequiredValue(tool), arguments }, ct));
        });
        return command;
    }

    private static JsonElement? Arguments(string? text)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            var value = JsonElement.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false });
            return value.ValueKind == JsonValueKind.Object ? value : throw new CommandFault(ExitCode.Usage, "callgate: --args takes a JSON object, such as '{\"id\": 7}'");
        }
        catch (JsonException fault)
        {
            throw new CommandFault(ExitCode.Usage, $"callgate: --args is not JSON at byte {(fault.BytePositionInLine + 1)?.ToString(CultureInfo.InvariantCulture)}; it takes an object, such as '{{\"id\": 7}}'");
        }
    }

    private static int Show(Printer print, JsonElement trace)
    {
        print.Answer(trace, shown => Text(print, shown));
        return trace.GetProperty("decision").GetString() is "allow" && trace.GetProperty("no_room").GetString() is null ? ExitCode.Fine : ExitCode.Refused;
    }

    private static void Text(Printer print, JsonElement trace)
    {
        var code = trace.GetProperty("code").GetString();
        print.Line(Printer.Plain($"{trace.GetProperty("decision").GetString()}{(code is null ? string.Empty : $" ({code})")} by {Printer.Text(trace, "rule")}{(trace.GetProperty("listed").GetBoolean() ? string.Empty : "; the tool is not listed")}"));
        if (Printer.Text(trace, "reason") is not "-" and var reason)
        {
            print.Line($"  {Printer.Plain(reason)}");
        }

        foreach (var step in trace.GetProperty("steps").EnumerateArray())
        {
            var rule = Printer.Text(step, "rule");
            print.Line(Printer.Plain($"{step.GetProperty("step").GetString(),-10} {(rule == "-" ? string.Empty : rule + ": ")}{step.GetProperty("says").GetString()}"));
            foreach (var condition in step.GetProperty("conditions").EnumerateArray())
            {
                var line = new StringBuilder("             ").Append(CultureInfo.InvariantCulture, $"{condition.GetProperty("truth").GetString(),-8}");
                line.Append(CultureInfo.InvariantCulture, $"{Printer.Text(condition, "path")} {Printer.Text(condition, "op")} {Printer.Text(condition, "value")}   is {Printer.Text(condition, "actual")}");
                print.Line(Printer.Plain(line.ToString()));
            }
        }

        if (trace.GetProperty("no_room").GetString() is { } full)
        {
            print.Line(Printer.Plain($"{full} has no room now: the call would be refused"));
        }

        if (Printer.Text(trace, "shadow_until") is not "-" and var until)
        {
            print.Line($"the policy only watches until {until}: the call passes, and the record says what would have been decided");
        }
    }
}
