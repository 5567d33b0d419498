using System.CommandLine;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Policies;

namespace Callgate.Cli;

/// <summary><c>callgate policy proposals</c> and <c>callgate policy proposal …</c>.</summary>
internal static class PolicyProposalCommands
{
    public static Command MakeList()
    {
        var all = new Option<bool>("--all") { Description = "Those that were decided and outdated ones too." };
        return GateOptions.Command("proposals", "Lists the proposals that wait for somebody, newest first.", [all], async call =>
            call.Print.Answer(await call.Gate.GetAsync(call.Parsed.GetValue(all) ? "proposals?all=true" : "proposals", call.Cancel), answer => call.Print.Table(
                ["ID", "STATE", "POLICY", "FROM", "SERVER", "TOOL", "AUTHOR", "MADE"],
                answer.GetProperty("proposals").EnumerateArray().Select(static proposal => (IReadOnlyList<string>)
                [
                    Printer.Text(proposal, "id"), Printer.Text(proposal, "state"), Printer.Text(proposal, "policy"), Printer.Text(proposal, "base"), Printer.Text(proposal, "server"),
                    Printer.Text(proposal, "tool"), Printer.Text(proposal, "author"), Printer.Text(proposal, "made"),
                ]),
                "nothing is proposed; `callgate approvals approve ID --rule` proposes")));
    }

    public static Command Make() => new("proposal", "One proposal: a document that is to become the next revision of a policy.")
    {
        Show(), Accept(), Reject(),
    };

    private static Command Show()
    {
        var id = Id();
        return GateOptions.Command("show", "Shows a proposal, what it would change, and its document.", [id], async call =>
            call.Print.Answer(await call.Gate.GetAsync(Path(call, id), call.Cancel), proposal => Text(call.Print, proposal)));
    }

    private static Command Accept()
    {
        var id = Id();
        return GateOptions.Command("accept", "Saves a proposal as the next revision of its policy and puts it in force.", [id], async call =>
            call.Print.Answer(await call.Gate.PostAsync(Path(call, id) + "/accept", null, call.Cancel), proposal =>
                call.Print.Line($"policy {Printer.Text(proposal, "policy")} is in force as revision {Printer.Text(proposal, "revision")}")));
    }

    private static Command Reject()
    {
        var id = Id();
        var reason = new Option<string?>("--reason") { Description = "Why.", HelpName = "TEXT" };
        return GateOptions.Command("reject", "Says that a proposal is not wanted; its document is gone then.", [id, reason], async call =>
            call.Print.Answer(await call.Gate.PostAsync(Path(call, id) + "/reject", new { reason = call.Parsed.GetValue(reason) }, call.Cancel), proposal =>
                call.Print.Line($"proposal {Printer.Text(proposal, "id")} is rejected")));
    }

    private static void Text(Printer print, JsonElement proposal)
    {
        foreach (var member in new[] { "state", "outdated", "policy", "base", "author", "note", "made", "server", "tool", "approval", "decided_by", "reason", "revision" })
        {
            print.Line($"{member.Replace('_', ' '),-11}{Printer.Plain(Printer.Text(proposal, member))}");
        }

        if (proposal.GetProperty("diff") is { ValueKind: JsonValueKind.Object } diff)
        {
            print.Line("");
            PolicyDiffCommand.Text(print, diff.Deserialize<DiffReply>(TraceReply.Options)!);
        }

        if (proposal.GetProperty("document") is { ValueKind: JsonValueKind.Object } document)
        {
            print.Line("");
            print.Line(Shown.Json(document.GetRawText()));
        }
    }

    private static Argument<string> Id() => new("id") { Description = "The proposal.", HelpName = "ID" };

    private static string Path(GateCall call, Argument<string> id) => $"proposals/{Uri.EscapeDataString(call.Parsed.GetRequiredValue(id))}";
}
