using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>Calls of the stand-in that wait for a person.</summary>
internal sealed class WeakApprovals
{
    private const int Most = 20;

    private readonly List<Waiting> waiting = [];

    /// <summary>Null when the call may be made now, else why not.</summary>
    public string? Spend(string server, string grant, string tool, string arguments, int revision, TimeSpan life, WeakGate gate)
    {
        lock (waiting)
        {
            var found = waiting.Find(one => one.Server == server && !one.IsSpent && (gate.Has("approval-by-tool")
                ? one.Tool == tool && one.IsApproved
                : one.Grant == grant && one.Tool == tool && one.Arguments == arguments && (gate.Has("approval-for-ever") || (one.Revision == revision && TimeProvider.System.GetUtcNow() < one.Until))));
            if (found is { IsApproved: true })
            {
                found.IsSpent = !gate.Has("approval-not-spent");
                return null;
            }

            if (found is null)
            {
                if (!gate.Has("approvals-unbounded") && waiting.Count(one => one.Server == server && one.Grant == grant && !one.IsApproved) >= Most)
                {
                    return "approval.queue_full";
                }

                waiting.Add(new Waiting(WeakGate.NewId(), server, grant, tool, arguments, revision, TimeProvider.System.GetUtcNow() + life));
            }

            return "approval.required";
        }
    }

    public IReadOnlyList<JsonElement> Pending(string server, bool asProse)
    {
        lock (waiting)
        {
            // Prose is shown as it was written; else everything beyond ASCII is an escape.
            return [.. waiting.Where(one => one.Server == server && !one.IsApproved).Select(one =>
                Json.Lenient($$"""{"id":"{{one.Id}}","server":{{Json.Quoted(server)}},"state":"pending","call":{{Json.Quoted(asProse ? Prose(one.Arguments) : JsonSerializer.Serialize(Json.Lenient(one.Arguments)))}}}"""))];
        }
    }

    public bool Approve(string id)
    {
        lock (waiting)
        {
            if (waiting.Find(one => one.Id == id) is not { } found)
            {
                return false;
            }

            found.IsApproved = true;
            return true;
        }
    }

    private static string Prose(string arguments) => string.Join(", ", Json.Lenient(arguments).Members().Select(static member => $"{member.Name} is {member.Value}"));

    private sealed record Waiting(string Id, string Server, string Grant, string Tool, string Arguments, int Revision, DateTimeOffset Until)
    {
        public bool IsApproved { get; set; }

        public bool IsSpent { get; set; }
    }
}
