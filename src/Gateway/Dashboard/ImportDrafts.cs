using System.Security.Cryptography;

namespace Callgate.Gateway.Dashboard;

/// <summary>A server found in a client's configuration.</summary>
/// <param name="Asked">What it would be registered as.</param>
/// <param name="Notes">What whoever registers it should know, in sentences.</param>
/// <param name="IsOfGate">It leads to this gate already.</param>
public sealed record ImportedServer(ServerBody Asked, IReadOnlyList<string> Notes, bool IsOfGate);

/// <summary>
/// What was found in pasted configurations, between the look and the choice: their credentials go to no page, so that they
/// wait here, for who pasted them, for a while.
/// </summary>
internal sealed class ImportDrafts(TimeProvider time)
{
    private const int Most = 32;

    private static readonly TimeSpan Kept = TimeSpan.FromMinutes(15);

    private readonly Dictionary<string, (string Owner, DateTimeOffset Until, IReadOnlyList<ImportedServer> Servers)> drafts = [];
    private readonly Lock gate = new();

    /// <summary>Its id. The oldest gives way where there are too many.</summary>
    public string Keep(string owner, IReadOnlyList<ImportedServer> servers)
    {
        var (id, now) = (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), time.GetUtcNow());
        lock (gate)
        {
            foreach (var old in drafts.Where(pair => pair.Value.Until <= now).Select(static pair => pair.Key).ToList())
            {
                drafts.Remove(old);
            }

            if (drafts.Count >= Most)
            {
                drafts.Remove(drafts.MinBy(static pair => pair.Value.Until).Key);
            }

            drafts[id] = (owner, now + Kept, servers);
        }

        return id;
    }

    /// <summary>Null where there is none of the id, of this owner, or it waited too long.</summary>
    public IReadOnlyList<ImportedServer>? Find(string owner, string id)
    {
        lock (gate)
        {
            return drafts.TryGetValue(id, out var draft) && draft.Owner == owner && draft.Until > time.GetUtcNow() ? draft.Servers : null;
        }
    }

    public void Drop(string id)
    {
        lock (gate)
        {
            drafts.Remove(id);
        }
    }
}
