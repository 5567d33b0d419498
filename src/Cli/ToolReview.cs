using System.Text.Json;

namespace Callgate.Cli;

/// <summary>The tools of a server and their review, for every command that shows or accepts them.</summary>
internal static class ToolReview
{
    /// <summary>Accepts what drifted or waits, as `AcceptBody` of the API names it; all of it without a name.</summary>
    public static Task<JsonElement> AcceptAsync(GateCall call, string server, object wanted) => call.Gate.PostAsync(PathOf(server) + "/accept", wanted, call.Cancel);

    /// <summary>Has the gate look at the server now.</summary>
    public static Task<JsonElement> LookAsync(GateCall call, string server) => call.Gate.GetAsync(PathOf(server), call.Cancel);

    public static int Print(GateCall call, JsonElement answer) => call.Print.Answer(answer, shown =>
    {
        call.Print.Table(
            ["TOOL", "STATE", "CATEGORY", "FINGERPRINT"],
            shown.GetProperty("tools").EnumerateArray().Select(static tool => (IReadOnlyList<string>)
                [Printer.Text(tool, "name"), Printer.Text(tool, "state"), Printer.Text(tool, "category"), Short(Printer.Text(tool, "fingerprint"))]),
            "no tools are known");
        foreach (var other in shown.GetProperty("others").EnumerateArray().Where(static other => Printer.Text(other, "state") != "reviewed"))
        {
            call.Print.Line($"{Printer.Text(other, "kind")} {Printer.Plain(Printer.Text(other, "name"))}: {Printer.Text(other, "state")}");
        }

        if (Printer.Text(shown, "fault") is not "-" and var fault)
        {
            call.Print.Line($"the server could not be asked now: {Printer.Plain(fault)}");
        }
    });

    private static string PathOf(string server) => $"servers/{Uri.EscapeDataString(server)}/tools";

    public static string Short(string fingerprint) => fingerprint.Length > 12 ? fingerprint[..12] : fingerprint;
}
