using System.Net;
using Callgate.Gateway.Admin;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Tests.Admin;
using Microsoft.AspNetCore.Routing;
using Xunit;

namespace Callgate.Gateway.Tests.Operators;

/// <summary>Who may use which endpoint, asked of every endpoint there is.</summary>
public sealed class RoleMatrixTests
{
    private const string AdministratorsToken = "the administrator's token";

    /// <summary>What changes something, and the roles that may. Everything else is read by every role.</summary>
    private static readonly Dictionary<string, string> Changing = new(StringComparer.Ordinal)
    {
        ["approvals.approve"] = "approver", ["approvals.deny"] = "approver", ["approvals.rule"] = "administrator policy_manager",
        ["catalogue.add"] = "policy_manager administrator", ["catalogue.remove"] = "policy_manager administrator",
        ["audit.arguments"] = "administrator", ["audit.reindex"] = "administrator", ["backups.create"] = "administrator",
        ["grants.create"] = "administrator", ["grants.revoke"] = "administrator", ["grants.rotate"] = "administrator", ["grants.attach"] = "administrator policy_manager",
        ["operators.add"] = "administrator", ["operators.invite"] = "administrator", ["operators.reset_factor"] = "administrator", ["operators.change"] = "administrator", ["operators.remove"] = "administrator", ["operators.unlock"] = "administrator",
        ["policies.put"] = "administrator policy_manager", ["policies.shadow"] = "administrator policy_manager", ["policies.enforce"] = "administrator policy_manager",
        ["proposals.get"] = "administrator policy_manager", ["proposals.accept"] = "administrator policy_manager", ["proposals.reject"] = "administrator policy_manager",
        ["servers.add"] = "administrator", ["servers.remove"] = "administrator", ["servers.accept"] = "administrator", ["servers.test"] = "administrator", ["servers.credentials"] = "administrator", ["servers.categorise"] = "administrator policy_manager",
        ["stops.all"] = "administrator", ["stops.server"] = "administrator", ["stops.grant"] = "administrator",
        ["stops.release_all"] = "administrator", ["stops.release_server"] = "administrator", ["stops.release_grant"] = "administrator",
    };

    /// <summary>What a person does under a name of one's own, so that the administrator's token does not.</summary>
    private static readonly HashSet<string> PersonsOnly = new(StringComparer.Ordinal) { "approvals.approve", "approvals.deny", "session.get", "session.end", "factor.begin", "factor.confirm", "factor.off" };

    [Fact]
    public async Task Table_NamesInIt_AreThoseOfTheEndpoints()
    {
        await using var host = await AdminHost.StartAsync();

        Assert.Equal(Access.Names.Order(StringComparer.Ordinal), host.Endpoints.Select(NameOf).Order(StringComparer.Ordinal));
        Assert.All(host.Endpoints, static endpoint => Assert.Same(Access.Of(NameOf(endpoint)), endpoint.Metadata.GetMetadata<Access>()));
        Assert.Throws<InvalidOperationException>(static () => Access.Of("nobody.thought_of_it"));
    }

    [Fact]
    public async Task Endpoints_AllOfThem_ForEveryRole_AnswerAsTheMatrixSays()
    {
        await using var host = await AdminHost.StartAsync();
        var roles = RoleText.All.ToDictionary(static name => name, static name => RoleText.Parse([name], out _)!.Value);
        var wrong = new List<string>();
        foreach (var endpoint in host.Endpoints.Where(static endpoint => NameOf(endpoint) != "session.begin"))
        {
            var (name, method, path) = (NameOf(endpoint), new HttpMethod(endpoint.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]), PathOf(endpoint));
            foreach (var role in RoleText.All.Append(AdministratorsToken))
            {
                var token = role == AdministratorsToken ? AdminToken.Read(host.Folder)! : await host.SignedInAsync("a-" + role.Replace('_', '-'), roles[role]);
                var (status, _, _) = await host.SendAsync(AdminHost.Bearer(token), method, path);
                var may = role == AdministratorsToken ? !PersonsOnly.Contains(name)
                    : !Changing.TryGetValue(name, out var needed) || needed.Split(' ').Contains(role, StringComparer.Ordinal);

                if (status == HttpStatusCode.Unauthorized || (status != HttpStatusCode.Forbidden) != may)
                {
                    wrong.Add($"{name} for {role}: {(int)status}");
                }
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public async Task Forbidden_WithoutTheRole_SaysWhichAndIsRecordedUnderTheName()
    {
        await using var host = await AdminHost.StartAsync();
        var token = await host.SignedInAsync("vera", Roles.Viewer);

        var (status, body, _) = await host.SendAsync(AdminHost.Bearer(token), HttpMethod.Put, "stops/all");

        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Equal("operator.forbidden", body.GetProperty("error").GetProperty("code").GetString());
        Assert.Equal("this needs the role `administrator`; `vera` has `viewer`", body.GetProperty("error").GetProperty("message").GetString());
        Assert.Empty(host.Parts.Snapshots.Current.Stops);
        Assert.Contains("\"identity\":\"vera\"", host.JournalText(), StringComparison.Ordinal);
    }

    /// <summary>Approving is for a person; what an endpoint for it says in the table is held here.</summary>
    [Fact]
    public void Access_ForApproversAlone_BarsAdministratorsAndTheirToken()
    {
        var approving = new Access(Roles.Approver, Token: false);
        var person = new Operator { Name = "ada", Roles = Roles.Administrator | Roles.PolicyManager | Roles.Viewer, PasswordHash = "", Stamp = "", Created = default };

        Assert.False(approving.Allows(Actor.Token));
        Assert.False(approving.Allows(Actor.SignedIn(person, "cgs_x")));
        Assert.True(approving.Allows(Actor.SignedIn(person with { Roles = Roles.Approver }, "cgs_x")));
        Assert.Contains("sign in as an operator with the role `approver`", approving.Needs(Actor.Token), StringComparison.Ordinal);
    }

    private static string NameOf(RouteEndpoint endpoint) => endpoint.Metadata.GetMetadata<IEndpointNameMetadata>()?.EndpointName ?? "nameless";

    private static string PathOf(RouteEndpoint endpoint) =>
        endpoint.RoutePattern.RawText!["/api/v1/".Length..].Replace("{operator}", "somebody", StringComparison.Ordinal).Replace("{", string.Empty, StringComparison.Ordinal).Replace("}", string.Empty, StringComparison.Ordinal);
}
