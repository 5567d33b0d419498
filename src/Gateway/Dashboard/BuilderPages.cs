using System.Text;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Policy;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>A policy that is being written, with all that its page shows of it.</summary>
/// <param name="Name">The policy.</param>
/// <param name="Server">The server whose tools it is written for; empty for none.</param>
/// <param name="From">The revision it began from; 0 where there is none yet.</param>
/// <param name="Declared">The configuration file alone can change it.</param>
/// <param name="Draft">The document as it stands.</param>
/// <param name="Rows">The tools that are shown, of all that fit the search.</param>
/// <param name="Found">How many fit.</param>
/// <param name="Skipped">How many of those stand before the first that is shown.</param>
public sealed record BuilderView(string Name, string Server, long From, bool Declared, PolicyDraft Draft, IReadOnlyList<SheetRow> Rows, int Found, int Skipped)
{
    /// <summary>What was typed and chosen beside the document.</summary>
    public required Func<string, string> Typed { get; init; }

    /// <summary>The tool whose rules are open, with what may be said of its arguments.</summary>
    public (SheetRow Row, IReadOnlyList<ArgumentField> Fields)? Open { get; init; }

    /// <summary>Why something was not done; null when all was.</summary>
    public string? Problem { get; init; }

    /// <summary>What the call that was tried would meet; null where none was.</summary>
    public TraceReply? Tried { get; init; }

    /// <summary>What would have become of the calls of the last week; null where nobody asked.</summary>
    public SimulationReply? Week { get; init; }

    /// <summary>Labels of grants by their ids, for a call to try.</summary>
    public IReadOnlyList<(string Id, string Label)> Grants { get; init; } = [];
}

/// <summary>
/// <c>/policies/{name}/edit</c>: a policy built by choosing from a table of a server's tools, by writing its document, or both
/// by turns. INVARIANT: the document in the form is all there is; the table is read from it each time, and nothing but saving
/// changes the gate.
/// </summary>
internal sealed class BuilderPages(PageRoutes routes, DashboardParts parts)
{
    /// <summary>A policy begins with what is recommended for the tools.</summary>
    public const string Recommended = "recommended";

    private const int OnAPage = 200;

    public static string PathOf(string name, string server, string begin = "") =>
        $"{PolicyPages.PathOf(name)}/edit?server={Uri.EscapeDataString(server)}{(begin.Length > 0 ? $"&begin={Uri.EscapeDataString(begin)}" : "")}";

    public static string ActionOf(string name) => $"policy edit {name}";

    public void Map()
    {
        routes.Get(PolicyPages.Root + "/{name}/edit", Roles.ChangesPolicies, (context, actor) => ValueTask.FromResult(Begin(context, actor)));
        routes.Post(PolicyPages.Root + "/{name}/edit", Roles.ChangesPolicies, static context => ActionOf(NameOf(context)), WorkAsync);
    }

    private static string NameOf(HttpContext context) => context.GetRouteValue("name") as string ?? "";

    private static string ServerOf(HttpContext context) => context.Request.Query["server"] is [{ } server] ? server : "";

    /// <summary>A document that we wrote, the same for every reader of JSON: what would not be seen as what it is stands as an escape.</summary>
    private static string Seen(byte[] document) => Approvals.Shown.Json(Encoding.UTF8.GetString(document)) + "\n";

    private static IResult Missing(Actor actor) => PageRoutes.Message("Not here", "there is no such server behind this gate, or no policy can be called so", StatusCodes.Status404NotFound, actor);

    private bool Fits(HttpContext context) =>
        MergedPolicy.NameFault(NameOf(context)) is null && (ServerOf(context).Length == 0 || parts.Snapshots.Current.Servers.ContainsKey(ServerOf(context)));

    private IResult Begin(HttpContext context, Actor actor)
    {
        if (!Fits(context))
        {
            return Missing(actor);
        }

        var now = parts.Snapshots.Current;
        var policy = now.Policies.GetValueOrDefault(NameOf(context));
        var tools = ReviewedTools.Of(now, ServerOf(context));
        var text = policy is not null ? Seen(PolicyMerge.Laid(policy.Document))
            : context.Request.Query["begin"] == Recommended && tools.Count > 0 ? Seen(PolicyRecommendation.Write(tools, $"recommended for {ServerOf(context)}"))
            : PolicyDraft.Empty;
        return Page(context, actor, View(context, PolicyDraft.Of(now, text, tools), policy?.Revision ?? 0, static _ => "", tools));
    }

    private async ValueTask<IResult> WorkAsync(HttpContext context, Actor actor, IFormCollection sent)
    {
        if (!Fits(context))
        {
            return Missing(actor);
        }

        var (now, form) = (parts.Snapshots.Current, new BuilderForm(sent));
        var tools = ReviewedTools.Of(now, ServerOf(context));
        var draft = PolicyDraft.Of(now, form.Document, tools);
        string? problem = null;
        if (draft.Sheet is not null)
        {
            (var document, problem) = form.Apply(draft, tools.FirstOrDefault(tool => tool.Name == form.Open));
            draft = document.AsSpan().SequenceEqual(draft.Document) ? draft : PolicyDraft.Of(now, Seen(document), tools);
        }

        if (form.Do == BuilderForm.Save && problem is null)
        {
            var decided = await parts.Policies.SaveFromAsync(context, NameOf(context), form.From, draft.Document, form.Note);
            if (decided.Problem is null)
            {
                return PageRoutes.SeeOther(context, PolicyPages.PathOf(NameOf(context)));
            }

            problem = decided.Problem;
        }

        var view = View(context, draft, form.From, form.Field, tools) with { Problem = problem };
        return Page(context, actor, form.Do switch
        {
            BuilderForm.Try => Tried(view, form, now),
            BuilderForm.Week => await SimulatedAsync(view, context.RequestAborted),
            _ => view,
        });
    }

    private static IResult Page(HttpContext context, Actor actor, BuilderView view)
    {
        return PagePart.IsAsked(context)
            ? PagePart.Of<BuilderParts>(new() { [nameof(BuilderParts.View)] = view, [nameof(BuilderParts.Who)] = actor })
            : new PageResult<BuilderPage>(new() { [nameof(BuilderPage.View)] = view, [nameof(BuilderPage.Who)] = actor }, view.Problem is null ? StatusCodes.Status200OK : StatusCodes.Status409Conflict);
    }

    private BuilderView View(HttpContext context, PolicyDraft draft, long from, Func<string, string> typed, IReadOnlyList<OfferedTool> tools)
    {
        var now = parts.Snapshots.Current;
        var (search, category, act) = (typed(BuilderForm.SearchField).Trim(), typed(BuilderForm.CategoryField), typed(BuilderForm.DoField));
        var fitting = (draft.Sheet?.Rows ?? [])
            .Where(row => (category.Length == 0 || (row.Category?.ToString() ?? "Unclassified") == category) && row.Tool.Contains(search, StringComparison.OrdinalIgnoreCase))
            .OrderByDescending(static row => row.Category is { } named ? (int)named : int.MaxValue).ThenBy(static row => row.Tool, StringComparer.Ordinal).ToList();
        var skipped = act.StartsWith(BuilderForm.Beyond, StringComparison.Ordinal) && int.TryParse(act[BuilderForm.Beyond.Length..], out var asked) ? Math.Clamp(asked, 0, fitting.Count) : 0;
        var opened = BuilderForm.OpenIn(typed);
        var open = opened.Length > 0 ? draft.Sheet?.Rows.FirstOrDefault(row => row.Tool == opened) : null;
        return new BuilderView(
            NameOf(context), ServerOf(context), from, now.Policies.GetValueOrDefault(NameOf(context))?.Declared ?? false, draft, [.. fitting.Skip(skipped).Take(OnAPage)], fitting.Count, skipped)
        {
            Typed = typed,
            Open = open is null ? null : (open, ArgumentField.Of(tools.First(tool => tool.Name == opened))),
            Grants = [.. parts.Grants.List().Where(grant => grant.Revoked is null && grant.Servers.ContainsKey(ServerOf(context))).Take(OnAPage).Select(static grant => (grant.Id, grant.Label))],
        };
    }

    /// <summary>By the document in the form, as if it were in force, with the caller that was chosen.</summary>
    private BuilderView Tried(BuilderView view, BuilderForm form, Snapshot now)
    {
        var (arguments, wrong) = form.Arguments();
        if (view.Draft.Compilation.Policy is not { } policy || !now.Servers.TryGetValue(view.Server, out var server) || wrong is not null || form.Field("tried").Length == 0)
        {
            return view with { Problem = view.Problem ?? wrong ?? (view.Draft.Sheet is null ? "the document has errors, so no call can be tried" : "name a tool of a server to try a call") };
        }

        var facts = TriedCall.Facts(now, server, now.FindGrant(form.Field("caller")), form.Field("tried"), arguments, parts.Time.GetUtcNow(), watches: false);
        return view with { Tried = TraceReply.Of(policy.Trace(facts)) };
    }

    /// <summary>The calls of the last seven days that this policy judged.</summary>
    private async Task<BuilderView> SimulatedAsync(BuilderView view, CancellationToken ct)
    {
        if (view.Draft.Compilation.Policy is not { } policy)
        {
            return view with { Problem = "the document has errors, so no call can be judged by it" };
        }

        if (!parts.Record.Healthy)
        {
            return view with { Problem = "the record cannot be searched now; `callgate audit reindex` makes the index again" };
        }

        await parts.Record.CatchUpAsync(ct);
        var query = new AuditQuery { Method = "tools/call", Server = view.Server.Length > 0 ? view.Server : null, From = parts.Time.GetUtcNow().AddDays(-7), Limit = AuditQuery.MaxLimit, OldestFirst = true };
        return view with { Week = await parts.Simulate(policy, view.Name, query, ct) };
    }
}
