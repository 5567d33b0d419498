using System.CommandLine;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Approvals;

namespace Callgate.Cli;

/// <summary><c>callgate approvals …</c>.</summary>
internal static class ApprovalCommands
{
    public static Command Make() => new("approvals", "Calls that wait for a person. To answer, sign in with `callgate login`.")
    {
        List(), Show(), Approve(), Deny(), Rule(),
    };

    private static Command List()
    {
        var all = new Option<bool>("--all") { Description = "Settled ones too, newest first." };
        return GateOptions.Command("list", "Lists the calls that wait, oldest first.", [all], async call =>
            call.Print.Answer(await call.Gate.GetAsync(call.Parsed.GetValue(all) ? "approvals?all=true" : "approvals", call.Cancel), answer => call.Print.Table(
                ["ID", "STATE", "RISK", "SERVER", "TOOL", "GRANT", "EXPIRES"],
                answer.GetProperty("approvals").EnumerateArray().Select(static approval => (IReadOnlyList<string>)
                [
                    Printer.Text(approval, "id"), Printer.Text(approval, "state"), Printer.Text(approval, "risk"), Printer.Text(approval, "server"),
                    Printer.Text(approval, "tool"), Printer.Text(approval, "grant_label"), Printer.Text(approval, "expires"),
                ]),
                "nothing waits")));
    }

    private static Command Show()
    {
        var id = Id();
        return GateOptions.Command("show", "Shows what is asked.", [id], async call =>
            call.Print.Answer(await call.Gate.GetAsync(Path(call, id), call.Cancel), approval => Text(call.Print, approval)));
    }

    private static Command Approve()
    {
        var (id, reason) = (Id(), Reason("Why; for the record, and for whoever decides about the rule."));
        var rule = new Option<bool>("--rule") { Description = "Propose a policy in the same step under which exactly this call asks nobody any more; for those who may change policies too. Both are done or neither." };
        return GateOptions.Personal("approve", "Lets exactly this call be made once.", [id, reason, rule], call =>
            AnswerAsync(call, id, "approve", new { reason = call.Parsed.GetValue(reason), rule = call.Parsed.GetValue(rule) }));
    }

    private static Command Rule()
    {
        var id = Id();
        return GateOptions.Command("rule", "Prints what `approve --rule` would propose, as long as the request is open. It changes nothing.", [id], async call =>
        {
            var document = await call.Gate.GetAsync(Path(call, id) + "/rule", call.Cancel);
            call.Print.Line(Shown.Json(document.GetRawText()));
            return ExitCode.Fine;
        });
    }

    private static Command Deny()
    {
        var (id, reason) = (Id(), Reason("Why; the agent is told it."));
        return GateOptions.Personal("deny", "Refuses this call.", [id, reason], call => AnswerAsync(call, id, "deny", new { reason = call.Parsed.GetValue(reason) }));
    }

    private static async Task<int> AnswerAsync(GateCall call, Argument<string> id, string verb, object body)
    {
        var answer = await call.Gate.PostAsync($"{Path(call, id)}/{verb}", body, call.Cancel);
        return call.Print.Answer(answer, approval =>
        {
            call.Print.Line($"approval {Printer.Text(approval, "id")} is {Printer.Text(approval, "state")}");
            if (Printer.Text(approval.GetProperty("votes").EnumerateArray().Last(), "proposal") is not "-" and var proposal)
            {
                call.Print.Line($"proposal {proposal} is open: `callgate policy proposal show {proposal}`");
            }
        });
    }

    private static void Text(Printer print, JsonElement approval)
    {
        foreach (var (title, member) in new[]
        {
            ("state", "state"), ("server", "server"), ("tool", "tool"), ("category", "category"), ("risk", "risk"), ("grant", "grant_label"), ("identity", "identity"),
            ("client", "client"), ("policy", "policy"), ("rule", "rule"), ("reason", "reason"), ("asked", "asked"), ("expires", "expires"), ("outcome", "outcome"),
        })
        {
            print.Line($"{title,-10}{Printer.Plain(Printer.Text(approval, member))}");
        }

        foreach (var vote in approval.GetProperty("votes").EnumerateArray())
        {
            print.Line(Printer.Plain($"answer    {Printer.Text(vote, "operator")} {(vote.GetProperty("approves").GetBoolean() ? "approved" : "refused")}: {Printer.Text(vote, "reason")}{(Printer.Text(vote, "proposal") is not "-" and var proposal ? $" (proposal {proposal})" : "")}"));
        }

        Drift(print, approval);
        if (approval.GetProperty("data") is { ValueKind: JsonValueKind.Object } data)
        {
            print.Line("sends");
            print.Line(Shown.Json(data.GetRawText()));
        }
    }

    private static void Drift(Printer print, JsonElement approval)
    {
        if (!approval.TryGetProperty("drift", out var drift) || drift.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        print.Line($"changed   the definition is not the reviewed one any more: category {Printer.Text(drift, "reviewed_category")} as reviewed, {Printer.Text(drift, "shown_category")} now");
        foreach (var line in drift.GetProperty("changes") is { ValueKind: JsonValueKind.Array } changes ? changes.EnumerateArray().Select(Change).SelectMany(DefinitionText.Lines) : ["these are not the two definitions any more"])
        {
            print.Line("    " + line);
        }
    }

    private static DefinitionChange Change(JsonElement change)
    {
        JsonElement? Of(string member) => change.GetProperty(member) is { ValueKind: not JsonValueKind.Null } value ? value : null;
        return new DefinitionChange(Printer.Text(change, "place") is not "-" and var place ? place : "", Of("before"), Of("after"));
    }

    private static Argument<string> Id() => new("id") { Description = "The approval.", HelpName = "ID" };

    private static Option<string?> Reason(string description) => new("--reason") { Description = description, HelpName = "TEXT" };

    private static string Path(GateCall call, Argument<string> id) => $"approvals/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}";
}
