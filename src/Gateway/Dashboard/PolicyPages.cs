using System.Globalization;
using System.Text;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>A policy in force, with who calls under it.</summary>
/// <param name="Servers">Servers that some live grant calls under it.</param>
public sealed record PolicyLine(string Name, long Revision, string Mode, bool Declared, string? Description, SomeNames Grants, IReadOnlyList<string> Servers);

/// <summary>Two revisions held against each other.</summary>
/// <param name="Before">0 for nothing.</param>
/// <param name="Diff">What becomes of tools; null where one of them has errors by today's rules.</param>
public sealed record ComparedRevisions(long Before, long After, DiffReply? Diff, IReadOnlyList<DiffLine> Lines);

/// <summary><c>/policies</c> and <c>/policies/{name}</c>: which there are, what each was, how two revisions differ, and the way back.</summary>
internal sealed class PolicyPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/policies";

    /// <summary>No policy can be called so.</summary>
    public const string New = Root + "/~new";
    public const string RollBack = "rollback";

    private const int MostRevisions = 200;
    private const int MostGrants = 20;

    public static string PathOf(string name) => $"{Root}/{Uri.EscapeDataString(name)}";

    public static string Compare(string name, long before, long after) => FormattableString.Invariant($"{PathOf(name)}?a={before}&b={after}#difference");

    /// <summary>From the revision that the page showed, to one of those before.</summary>
    public static string RollBackAction(string name, long from, long to) => FormattableString.Invariant($"policy roll back {name} from {from} to {to}");

    public void Map()
    {
        routes.Get(Root, Roles.Any, (_, actor) => ValueTask.FromResult<IResult>(List(actor)));
        routes.Get(New, Roles.ChangesPolicies, (context, actor) => ValueTask.FromResult(Begin(context, actor)));
        routes.Get(Root + "/{name}", Roles.Any, (context, actor) => ShowAsync(context, actor));
        routes.Post($"{Root}/{{name}}/{RollBack}", Roles.ChangesPolicies, static context => RollBackAction(NameOf(context), Number(context, "from"), Number(context, "to")), RollBackAsync);
    }

    private static string NameOf(HttpContext context) => context.GetRouteValue("name") as string ?? "";

    private static long Number(HttpContext context, string name) =>
        context.Request.Query[name] is [{ } text] && long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private PageResult<PoliciesPage> List(Actor actor, string? problem = null) => new(
        new()
        {
            [nameof(PoliciesPage.Who)] = actor,
            [nameof(PoliciesPage.Policies)] = parts.Snapshots.Current.Policies.Values.OrderBy(static policy => policy.Name, StringComparer.Ordinal).Select(Line).ToList(),
            [nameof(PoliciesPage.Servers)] = parts.Snapshots.Current.Servers.Keys.Order(StringComparer.Ordinal).ToList(),
            [nameof(PoliciesPage.Problem)] = problem,
        },
        problem is null ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest);

    private IResult Begin(HttpContext context, Actor actor)
    {
        var name = context.Request.Query["name"].ToString().Trim();
        return !Naming.IsName(name) ? List(actor, $"`{name}` is no name for a policy: {Naming.Rule}")
            : parts.Snapshots.Current.Policies.ContainsKey(name) ? List(actor, $"there is a policy `{name}` already")
            : PageRoutes.SeeOther(context, BuilderPages.PathOf(name, context.Request.Query["server"].ToString(), context.Request.Query["begin"].ToString()));
    }

    private PolicyLine Line(PolicyRevision policy)
    {
        var (now, at) = (parts.Snapshots.Current, parts.Time.GetUtcNow());
        var grants = now.GrantsByTokenHash.Values.Where(grant => grant.IsLive(at) && grant.Servers.ContainsValue(policy.Name)).ToList();
        var mode = !policy.Policy.IsShadow ? "enforced" : now.WatchedUntil(policy, at) is { } until ? $"only watches until {ApprovalPage.Time(until)}" : "enforced: its time to watch is over, or never began";
        return new PolicyLine(
            policy.Name, policy.Revision, mode, policy.Declared, policy.Policy.Description, SomeNames.Of([.. grants.Select(static grant => grant.Label).Order(StringComparer.Ordinal)], MostGrants),
            [.. grants.SelectMany(grant => grant.Servers.Where(pair => pair.Value == policy.Name).Select(static pair => pair.Key)).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    private async ValueTask<IResult> ShowAsync(HttpContext context, Actor actor, string? problem = null, int status = StatusCodes.Status200OK)
    {
        var now = parts.Snapshots.Current;
        if (!now.Policies.TryGetValue(NameOf(context), out var policy))
        {
            return PageRoutes.Message("No such policy", "there is no policy of this name", StatusCodes.Status404NotFound, actor);
        }

        var revisions = await parts.Policies.RevisionsAsync(policy.Name, context.RequestAborted);
        var (a, b) = (Number(context, "a"), Number(context, "b"));
        return new PageResult<PolicyPage>(
            new()
            {
                [nameof(PolicyPage.Who)] = actor,
                [nameof(PolicyPage.Line)] = Line(policy),
                [nameof(PolicyPage.Text)] = Shown(policy.Document),
                [nameof(PolicyPage.Revisions)] = revisions.Reverse().Take(MostRevisions).ToList(),
                [nameof(PolicyPage.Servers)] = now.Servers.Keys.Order(StringComparer.Ordinal).ToList(),
                [nameof(PolicyPage.Compared)] = b > 0 ? Compared(revisions, a, b) : null,
                [nameof(PolicyPage.Problem)] = problem,
            },
            status);
    }

    private static ComparedRevisions? Compared(IReadOnlyList<PastRevision> revisions, long a, long b)
    {
        var (before, after) = (revisions.FirstOrDefault(revision => revision.Revision == a), revisions.FirstOrDefault(revision => revision.Revision == b));
        if (after is null)
        {
            return null;
        }

        var (one, other) = (PolicyCompiler.Compile(before?.Document ?? Encoding.UTF8.GetBytes(PolicyDraft.Empty)), PolicyCompiler.Compile(after.Document));
        return new ComparedRevisions(
            before?.Revision ?? 0, b, one.Policy is null || other.Policy is null ? null : DiffReply.Of(PolicyDiff.Compare(one, other)),
            LineDiff.Of(before is null ? "" : Shown(before.Document), Shown(after.Document)));
    }

    private async ValueTask<IResult> RollBackAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var (name, from, to) = (NameOf(context), Number(context, "from"), Number(context, "to"));
        var old = (await parts.Policies.RevisionsAsync(name, context.RequestAborted)).FirstOrDefault(revision => revision.Revision == to);
        if (old is null)
        {
            return await ShowAsync(context, actor, "there is no such revision, so nothing was saved", StatusCodes.Status404NotFound);
        }

        var decided = await parts.Policies.SaveFromAsync(context, name, from, old.Document.ToArray(), FormattableString.Invariant($"back to revision {to}"));
        return decided.Problem is { } problem ? await ShowAsync(context, actor, problem, StatusCodes.Status409Conflict) : PageRoutes.SeeOther(context, PathOf(name));
    }

    /// <summary>Laid out, with every character seen; as it is where it is no JSON object.</summary>
    private static string Shown(ReadOnlyMemory<byte> document) => Approvals.Shown.Json(Encoding.UTF8.GetString(document.Span));
}
