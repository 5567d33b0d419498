using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Approvals;

namespace Callgate.Gateway.Webhooks;

/// <summary>
/// A notice as one text for people. INVARIANT: what an agent or a server wrote is code in it, on one line, and makes no link,
/// mention or format, neither in Slack nor in what takes Slack's messages as Markdown.
/// </summary>
internal static class SlackText
{
    private const int MostNames = 20;
    private const int LongestPart = 200;

    public static ReadOnlyMemory<byte> Body(Notice notice, Uri? page)
    {
        var bytes = new ArrayBufferWriter<byte>(1_024);
        using var writer = new Utf8JsonWriter(bytes);
        writer.WriteStartObject();
        writer.WriteString("text"u8, string.Join('\n', Lines(notice, page)));
        writer.WriteEndObject();
        writer.Flush();
        return bytes.WrittenMemory;
    }

    /// <summary>As code, with what could begin a link, a mention or the end of the code as an escape that people see.</summary>
    public static string Foreign(string text)
    {
        var shown = Shown.Line(Cut(text));
        var safe = new StringBuilder(shown.Length + 16).Append('`');
        for (var i = 0; i < shown.Length; i++)
        {
            var c = shown[i];
            var begins = c is '`' or '@' || (c == ':' && Follows(shown, i, '/')) || (c == '.' && i + 1 < shown.Length && char.IsLetterOrDigit(shown[i + 1]));
            safe.Append(begins ? string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}") : Entity(c));
        }

        return safe.Append('`').ToString();
    }

    /// <summary>What an operator wrote, as code.</summary>
    public static string Own(string text) => $"`{Plain(text).Replace("`", "\\u0060", StringComparison.Ordinal)}`";

    private static IEnumerable<string> Lines(Notice notice, Uri? page)
    {
        var approval = notice.Approval;
        yield return $"*{Title(approval.State)}:* {Foreign(approval.Tool)} on {Own(approval.Server)} ({(approval.Category is { } category ? $"{category}, " : "not classified, ")}risk {approval.Risk})";
        yield return string.Concat(
            $"Grant {Own(approval.GrantLabel)}",
            approval.Identity is { } identity ? $" of {Own(identity)}" : "",
            approval.Client is { } client ? $", client {Foreign(client)}" : "");
        if (notice.Arguments is { } names)
        {
            yield return names.Count == 0 ? "No arguments" : $"Arguments: {string.Join(", ", names.Take(MostNames).Select(Foreign))}{(names.Count > MostNames ? " and more" : "")}";
        }

        yield return $"Rule {Own(approval.Rule)}{(approval.Reason is { } reason ? $": {Plain(reason)}" : "")}";
        foreach (var vote in approval.Votes)
        {
            yield return $"{Own(vote.Operator)} {(vote.Approves ? "approved" : "refused")}";
        }

        if (notice.IsQuestion)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"Until {approval.Expires.UtcDateTime:yyyy-MM-dd HH:mm} UTC");
        }

        yield return page is null ? $"`callgate approvals show {approval.Id}`" : $"<{Plain(page.AbsoluteUri)}|{(notice.IsQuestion ? "Show and answer" : "Show")}>";
    }

    private static string Title(ApprovalState state) => state switch
    {
        ApprovalState.Pending => "Approval asked",
        ApprovalState.Approved => "Approved",
        ApprovalState.Denied => "Refused",
        ApprovalState.Expired => "Expired",
        ApprovalState.Void => "Void",
        _ => "Called once, as approved",
    };

    private static string Plain(string text) => string.Concat(Shown.Line(text).Select(Entity));

    private static string Entity(char c) => c switch
    {
        '&' => "&amp;",
        '<' => "&lt;",
        '>' => "&gt;",
        _ => c.ToString(),
    };

    private static string Cut(string text) => text.Length <= LongestPart ? text : text[..LongestPart] + "…";

    private static bool Follows(string text, int at, char next) => at + 1 < text.Length && text[at + 1] == next;
}
