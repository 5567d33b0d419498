using System.Data.Common;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Approvals;

namespace Callgate.Gateway.Storage;

/// <summary>Approvals as rows. What a call carries is sealed for its row, and gone with its state.</summary>
internal static class ApprovalRows
{
    /// <summary>Settled ones beyond this go when another is saved; the journal keeps what became of them.</summary>
    private const int MostKept = 10_000;

    private const string Columns = "SELECT id, request, sealed FROM approvals";

    /// <summary>True when its state is another than before.</summary>
    public static bool Save(DbConnection connection, Approval approval, Sealer sealer)
    {
        var before = connection.Scalar("SELECT state FROM approvals WHERE id = $id", ("$id", approval.Id)) as string;
        connection.Execute(
            """
            INSERT INTO approvals (id, state, asked, request, sealed) VALUES ($id, $state, $asked, $request, $sealed)
            ON CONFLICT (id) DO UPDATE SET state = excluded.state, request = excluded.request, sealed = excluded.sealed
            """,
            ("$id", approval.Id),
            ("$state", approval.State.ToString()),
            ("$asked", approval.Asked),
            ("$request", JsonSerializer.Serialize(approval with { Data = null }, StoreJson.Default.Approval)),
            ("$sealed", approval.Data is { } data ? sealer.Seal(Encoding.UTF8.GetBytes(data), Place(approval.Id)) : null));
        connection.Execute(
            "DELETE FROM approvals WHERE sealed IS NULL AND state <> 'Denied' AND id IN (SELECT id FROM approvals ORDER BY asked DESC LIMIT -1 OFFSET $most)",
            ("$most", MostKept));
        return before != approval.State.ToString();
    }

    /// <summary>Those that still count for a call, oldest first.</summary>
    public static List<Approval> Live(DbConnection connection, Sealer sealer) =>
        connection.Rows($"{Columns} WHERE state IN ('Pending', 'Approved', 'Denied') ORDER BY asked, id", row => Read(row, sealer));

    /// <summary>All that are kept, newest first.</summary>
    public static List<Approval> Newest(DbConnection connection, Sealer sealer, int most) =>
        connection.Rows($"{Columns} ORDER BY asked DESC, id DESC LIMIT $most", row => Read(row, sealer), ("$most", most));

    public static Approval? Find(DbConnection connection, Sealer sealer, string id) =>
        connection.Rows($"{Columns} WHERE id = $id", row => Read(row, sealer), ("$id", id)) is [var found] ? found : null;

    private static Approval Read(DbDataReader row, Sealer sealer)
    {
        var (id, approval) = (row.GetString(0), JsonSerializer.Deserialize(row.GetString(1), StoreJson.Default.Approval)!);
        if (row.Text(2) is not { } text)
        {
            return approval;
        }

        return sealer.TryOpen(text, Place(id), out var plain)
            ? approval with { Data = Encoding.UTF8.GetString(plain) }
            : throw new StoreException($"what approval `{id}` carries does not open; restore the store from a backup");
    }

    private static byte[] Place(string id) => Encoding.UTF8.GetBytes("approval/" + id);
}
