using Callgate.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>
/// Where open sessions are looked at and ended: everybody's own, and an administrator's all. The API, the command line and
/// pages come here.
/// </summary>
public sealed class SessionDesk(OperatorSessions sessions, Journal journal, TimeProvider time)
{
    private readonly OperatorRecord record = new(journal, time);

    /// <summary>The sessions that this person may see, of one operator or of all, the one used last first.</summary>
    public IReadOnlyList<OperatorSession> List(Actor actor, string? name = null) =>
    [
        .. sessions.Live().Where(session => MaySee(actor, session) && (name is null || session.Operator == name))
            .OrderByDescending(static session => session.LastUsed).ThenBy(static session => session.Id, StringComparer.Ordinal),
    ];

    /// <summary>Ends a session at once, and records who did. Null and nothing done where there is none that this person may see.</summary>
    public async ValueTask<(OperatorSession? Session, bool Recorded)> EndAsync(HttpContext context, Actor actor, string id)
    {
        if (sessions.Live().FirstOrDefault(session => session.Id == id && MaySee(actor, session)) is not { } session)
        {
            return (null, true);
        }

        var action = new OperatorAction("session-end", Detail: $"{session.Operator}: {KindOf(session)}, begun {session.Created.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}, from {session.Address ?? "an address that is not known"}");
        var (recorded, _) = await record.AroundAsync(context, action, async () =>
        {
            await sessions.EndAsync(session, CancellationToken.None);
            return true;
        });
        return (session, recorded);
    }

    /// <summary>In words.</summary>
    public static string KindOf(OperatorSession session) => session.Kind == SessionKind.Page ? "page" : "command line";

    private static bool MaySee(Actor actor, OperatorSession session) => actor.HasAny(Roles.Administrator) || (!actor.IsToken && actor.Name == session.Operator);
}
