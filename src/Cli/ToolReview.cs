using System.Text.Json;

namespace Callgate.Cli;

/// <summary>The tools of a server and their review, for every command that shows or accepts them.</summary>
internal static class ToolReview
{
    /// <summary>Accepts what drifted or waits; all of it without names.</summary>
    /// <param name="fingerprint">Of what was looked at; null takes what the server shows.</param>
    public static Task<JsonElement> AcceptAsync(GateCall call, string server, string[] tools, string? fingerprint) =>
        call.Gate.PostAsync(PathOf(server) + "/accept", new { tools, fingerprint }, call.Cancel);

    /// <summary>Has the gate look at the server now.</summary>
    public static Task<JsonElement> LookAsync(GateCall call, string server) => call.Gate.GetAsync(PathOf(server), call.Cancel);

    public static int Print(GateCall call, JsonElement answer) => call.Print.Answer(answer, shown =>
    {
        call.Print.Table(
            ["TOOL", "STATE", "CATEGORY", "FINGERPRINT"],
            shown.GetProperty("tools").EnumerateArray().Select(static tool => (IReadOnlyList<string>)
                [Printer.Text(tool, "name"), Printer.Text(tool, "state"), Printer.Text(tool, "category"), Short(Printer.Text(tool, "fingerprint"))]),
            "no tools are known");
        if (Printer.Text(shown, "fault") is not "-" and var fault)
        {
            call.Print.Line($"the server could not be asked now: {Printer.Plain(fault)}");
        }
    });

    private static string PathOf(string server) => $"servers/{Uri.EscapeDataString(server)}/tools";

    private static string Short(string fingerprint) => fingerprint.Length > 12 ? fingerprint[..12] : fingerprint;
}
