using System.Data.Common;
using System.Text.Json;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Webhooks;

namespace Callgate.Gateway.Storage;

/// <summary>Who is told about approvals, and what is still to be told, as rows.</summary>
internal static class WebhookRows
{
    /// <summary>Makes these the receivers and tells how many notices for others are gone.</summary>
    public static int Replace(DbConnection connection, IReadOnlyList<Webhook> webhooks)
    {
        var dropped = 0;
        foreach (var gone in connection.Rows("SELECT webhook FROM webhooks", row => row.GetString(0)).Except(webhooks.Select(static webhook => webhook.Key), StringComparer.Ordinal))
        {
            dropped += connection.Execute("DELETE FROM webhook_notices WHERE webhook = $webhook", ("$webhook", gone));
            connection.Execute("DELETE FROM webhooks WHERE webhook = $webhook", ("$webhook", gone));
        }

        foreach (var webhook in webhooks)
        {
            connection.Execute(
                """
                INSERT INTO webhooks (webhook, asked, answered) VALUES ($webhook, $asked, $answered)
                ON CONFLICT (webhook) DO UPDATE SET asked = excluded.asked, answered = excluded.answered
                """,
                ("$webhook", webhook.Key),
                ("$asked", webhook.Asked ? 1L : 0L),
                ("$answered", webhook.Answered ? 1L : 0L));
        }

        return dropped;
    }

    /// <summary>Queues for every receiver that wants to hear it how this approval stands.</summary>
    public static void Queue(DbConnection connection, Approval approval, DateTimeOffset now)
    {
        var wanting = $"SELECT webhook FROM webhooks WHERE {(approval.State == ApprovalState.Pending ? "asked" : "answered")} = 1";
        if (connection.Scalar(wanting) is null)
        {
            return;
        }

        var notice = Notice.Of(approval, now);
        connection.Execute(
            $"INSERT INTO webhook_notices (webhook, id, notice) SELECT webhook, $id, $notice FROM ({wanting})",
            ("$id", notice.Id),
            ("$notice", JsonSerializer.Serialize(notice, StoreJson.Default.Notice)));
    }

    /// <summary>What one receiver is owed, after all but the newest <paramref name="most"/> are gone.</summary>
    public static Owed Owed(DbConnection connection, string webhook, int most)
    {
        var dropped = connection.Execute(
            "DELETE FROM webhook_notices WHERE seq IN (SELECT seq FROM webhook_notices WHERE webhook = $webhook ORDER BY seq DESC LIMIT -1 OFFSET $most)",
            ("$webhook", webhook),
            ("$most", (long)most));
        var first = connection.Rows(
            "SELECT notice FROM webhook_notices WHERE webhook = $webhook ORDER BY seq LIMIT 1",
            row => JsonSerializer.Deserialize(row.GetString(0), StoreJson.Default.Notice)!,
            ("$webhook", webhook));
        var waiting = (long)connection.Scalar("SELECT count(*) FROM webhook_notices WHERE webhook = $webhook", ("$webhook", webhook))!;
        return new Owed(first.FirstOrDefault(), (int)waiting, dropped);
    }

    public static void Remove(DbConnection connection, string webhook, string notice) =>
        connection.Execute("DELETE FROM webhook_notices WHERE webhook = $webhook AND id = $id", ("$webhook", webhook), ("$id", notice));
}
