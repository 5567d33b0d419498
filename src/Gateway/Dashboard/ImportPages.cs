using System.Globalization;
using Callgate.Gateway.Clients;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Dashboard;

/// <summary>A server of a pasted configuration, and what became of it when it was to be registered.</summary>
/// <param name="Problem">Null where it was registered, or nobody asked for that yet.</param>
public sealed record ImportLine(ImportedServer Found, string Name, bool Chosen, string? Problem);

/// <summary><c>/servers/~import</c>: what stands in a client's configuration, and which of it is registered.</summary>
internal sealed class ImportPages(PageRoutes routes, DashboardParts parts)
{
    /// <summary>No server can be called so.</summary>
    public const string Root = ServerPages.Root + "/~import";
    public const string LookAction = "server import look";

    private const int MostServers = 100;

    private readonly ImportDrafts drafts = new(parts.Time);

    /// <summary>The token of the second form is of one draft.</summary>
    public static string AddActionOf(string draft) => $"server import {draft}";

    public void Map()
    {
        routes.Post(Root, Roles.Administrator, static _ => LookAction, (context, actor, form) => ValueTask.FromResult(Look(context, actor, form)));
        routes.Post(Root + "/add", Roles.Administrator, static context => AddActionOf(context.Request.Query["draft"].ToString()), AddAsync);
    }

    private IResult Look(HttpContext context, Actor actor, IFormCollection form)
    {
        var (entries, fault) = ClientServers.Read(form["text"].ToString());
        if (fault is not null)
        {
            return new PageResult<ServerFormPage>(
                new() { [nameof(ServerFormPage.Who)] = actor, [nameof(ServerFormPage.Asked)] = new ServerBody("", Url: ""), [nameof(ServerFormPage.Wrong)] = new List<string> { fault }, [nameof(ServerFormPage.Starts)] = form[ServerPages.Then] == StartPages.Name },
                StatusCodes.Status400BadRequest);
        }

        var gate = new Uri(parts.AddressOf(context));
        var found = entries.Take(MostServers).Select(entry => ImportReading.Of(entry, gate)).ToList();
        return Page(actor, drafts.Keep(actor.Name, found), [.. found.Select(static server => new ImportLine(server, server.Asked.Name, !server.IsOfGate, null))], form[ServerPages.Then].ToString());
    }

    private async ValueTask<IResult> AddAsync(HttpContext context, Actor actor, IFormCollection form)
    {
        var draft = context.Request.Query["draft"].ToString();
        if (drafts.Find(actor.Name, draft) is not { } found)
        {
            return PageRoutes.Message("Not done", "what was pasted is not kept any more, so nothing was registered; paste it again", StatusCodes.Status409Conflict, actor);
        }

        var (lines, added) = (new List<ImportLine>(), new List<string>());
        for (var i = 0; i < found.Count; i++)
        {
            var at = i.ToString(CultureInfo.InvariantCulture);
            var (chosen, name) = (form["chosen"].Contains(at), form["name-" + at].ToString().Trim());
            if (!chosen)
            {
                lines.Add(new ImportLine(found[i], name, false, null));
                continue;
            }

            var answer = await parts.ServerDesk.AddAsync(context, found[i].Asked with { Name = name });
            if (answer.Problem is { } problem)
            {
                lines.Add(new ImportLine(found[i], name, true, string.Join("; ", answer.Wrong.DefaultIfEmpty(problem))));
            }
            else
            {
                added.Add(name);
            }
        }

        if (lines.Any(static line => line.Problem is not null) || added.Count == 0)
        {
            drafts.Drop(draft);
            return Page(actor, drafts.Keep(actor.Name, [.. lines.Select(static line => line.Found)]), lines, form[ServerPages.Then].ToString(), added);
        }

        drafts.Drop(draft);
        return PageRoutes.SeeOther(context, form[ServerPages.Then] == StartPages.Name ? StartPages.PathOf(added[0]) : ServerPages.Root);
    }

    private static PageResult<ImportPage> Page(Actor actor, string draft, IReadOnlyList<ImportLine> lines, string then, IReadOnlyList<string>? added = null) => new(
        new()
        {
            [nameof(ImportPage.Who)] = actor,
            [nameof(ImportPage.Draft)] = draft,
            [nameof(ImportPage.Lines)] = lines,
            [nameof(ImportPage.Added)] = added ?? [],
            [nameof(ImportPage.Then)] = then == StartPages.Name ? then : "",
        },
        lines.Any(static line => line.Problem is not null) ? StatusCodes.Status400BadRequest : StatusCodes.Status200OK);
}

/// <summary>From what a client wrote to what the gate would register.</summary>
internal static class ImportReading
{
    public static ImportedServer Of(ServerEntry entry, Uri gate)
    {
        var notes = new List<string>();
        var url = Uri.TryCreate(entry.Url, UriKind.Absolute, out var parsed) ? parsed : null;
        var isOfGate = url is not null && url.Authority == gate.Authority && url.AbsolutePath.StartsWith("/mcp", StringComparison.Ordinal);
        if (isOfGate)
        {
            notes.Add("It leads to this gate already.");
        }

        if (entry.Transport == "other")
        {
            notes.Add("Only its client knows how to start it: it has neither an address nor a command.");
        }

        if (entry.Folder is not null)
        {
            notes.Add("Its client starts it in a folder of its own; the gate does not.");
        }

        var (headers, env) = (Own(entry.Headers, notes), Own(entry.Environment, notes));
        var body = entry.Command is { } program
            ? new ServerBody(NameOf(entry.Name), Command: [program, .. entry.Arguments], Env: env, Transport: "stdio")
            : new ServerBody(NameOf(entry.Name), Url: entry.Url ?? "", Headers: headers, Transport: entry.Transport == "sse" ? "sse" : "http");
        if (body.Command is not null && entry.Arguments.Any(static argument => argument.Contains("${", StringComparison.Ordinal)))
        {
            notes.Add("An argument refers to a variable of the client, which the gate does not fill in.");
        }

        return new ImportedServer(body, notes, isOfGate);
    }

    /// <summary>Values that the client fills in from elsewhere say nothing to us.</summary>
    private static Dictionary<string, string> Own(IReadOnlyDictionary<string, string> pairs, List<string> notes)
    {
        var referring = pairs.Where(static pair => pair.Value.Contains("${", StringComparison.Ordinal)).Select(static pair => pair.Key).ToList();
        if (referring.Count > 0)
        {
            notes.Add($"Left out, because they refer to variables of the client: {string.Join(", ", referring)}. Set them on the page of the server.");
        }

        return pairs.Where(pair => !referring.Contains(pair.Key)).ToDictionary(static pair => pair.Key, static pair => pair.Value, StringComparer.Ordinal);
    }

    /// <summary>The name as near as a name of ours can be; people may change it.</summary>
    private static string NameOf(string name)
    {
        if (Naming.IsName(name))
        {
            return name;
        }

        var plain = string.Join('-', new string([.. name.Take(64).Select(static c => char.IsAsciiLetterOrDigit(c) || c == '.' ? c : '-')]).Split('-', StringSplitOptions.RemoveEmptyEntries)).TrimStart('.');
        return Naming.IsName(plain) ? plain : "server";
    }
}
