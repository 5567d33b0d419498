using Callgate.Catalogue.Attacks;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Operators;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Callgate.Gateway.Dashboard;

/// <summary>
/// <c>/attacks</c>, <c>/attacks/{slug}</c>, and all of it as JSON at <c>/attacks/all.json</c>: the attack database, for everybody. A slug
/// that others know an attack by leads to its page.
/// </summary>
internal sealed class AttackPages(PageRoutes routes, DashboardParts parts)
{
    public const string Root = "/attacks";

    /// <summary>No slug has a dot in it.</summary>
    public const string Export = Root + "/all.json";

    private const int MostCapabilities = 20;

    public static string PathOf(AttackEntry attack) => $"{Root}/{attack.Slug}";

    /// <summary>The list of attacks on one of these capabilities.</summary>
    public static string PathOf(IEnumerable<string> capabilities) => $"{Root}?{string.Join('&', capabilities.Select(static one => "capability=" + Uri.EscapeDataString(one)))}";

    public void Map()
    {
        routes.Open(Root, static (context, who) => ValueTask.FromResult<IResult>(List(context, who)));
        routes.Open(Export, static (_, _) => ValueTask.FromResult(Results.Bytes(AttackExport.Json, "application/json; charset=utf-8")));
        routes.Open(Root + "/{slug}", OneAsync);
    }

    private static PageResult<AttacksPage> List(HttpContext context, Actor? who)
    {
        var database = AttackPack.Database;
        var asked = Asked(context.Request.Query, database.Terms);
        return new PageResult<AttacksPage>(new()
        {
            [nameof(AttacksPage.Who)] = who,
            [nameof(AttacksPage.Asked)] = asked,
            [nameof(AttacksPage.Database)] = database,
            [nameof(AttacksPage.Found)] = asked.Of(database).ToList(),
        });
    }

    private async ValueTask<IResult> OneAsync(HttpContext context, Actor? who)
    {
        var slug = context.GetRouteValue("slug") as string ?? "";
        if (AttackPack.Database.Find(slug) is not { } attack)
        {
            return PageRoutes.Message("Not in the database", "there is no such attack", StatusCodes.Status404NotFound, who);
        }

        if (attack.Slug != slug)
        {
            return Results.Redirect(PathOf(attack), permanent: true);
        }

        return new PageResult<AttackPage>(new()
        {
            [nameof(AttackPage.Who)] = who,
            [nameof(AttackPage.Attack)] = attack,
            [nameof(AttackPage.Database)] = AttackPack.Database,
            [nameof(AttackPage.Tools)] = await AttackedTools.OfAsync(attack, parts.Catalogue, who is null ? CatalogueScope.Public : CatalogueScope.All, context.RequestAborted),
        });
    }

    /// <summary>What is not known narrows nothing, as in the catalogue.</summary>
    private static AttackQuery Asked(IQueryCollection query, AttackTerms terms)
    {
        string? Term(string name, IReadOnlyList<AttackTerm> known) => known.FirstOrDefault(term => term.Id == One(query, name))?.Id;
        return new AttackQuery(
            Term("category", terms.Categories), Term("property", terms.Properties), Choice<AttackActor>(One(query, "actor"), AttackWords.Of), Choice<AttackStop>(One(query, "stops"), AttackWords.Of),
            [.. query["capability"].OfType<string>().Take(MostCapabilities).Where(static one => AttackWords.Capabilities.Contains(one, StringComparer.Ordinal)).Distinct(StringComparer.Ordinal)]);
    }

    private static T? Choice<T>(string text, Func<T, string> wordOf)
        where T : struct, Enum => Enum.GetValues<T>().Where(value => wordOf(value) == text).Select(static value => (T?)value).FirstOrDefault();

    private static string One(IQueryCollection query, string name) => query[name] is [{ } value] ? value.Trim() : "";
}
