using System.Net;
using System.Runtime.Versioning;
using System.Text.Json;
using Callgate.Gateway.Admin;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

/// <summary>Security property S18, attack A42: no agent's credential reaches an operator's action.</summary>
public sealed class AdminAccessTests
{
    [Fact]
    public async Task EveryRoute_WithoutTheAdministratorsToken_Is401AndChangesNothing()
    {
        await using var host = await AdminHost.StartAsync();
        var created = await host.OkAsync(HttpMethod.Post, "grants", new { label = "agent", servers = new Dictionary<string, string?> { ["declared"] = "careful" } }, HttpStatusCode.Created);
        var version = host.Parts.Snapshots.Current.Version;
        var routes = await RoutesAsync(host);
        string?[] credentials =
        [
            null,
            $"Bearer {created.GetProperty("token").GetString()}",
            $"Bearer {AdminHost.DeclaredToken}",
            $"Basic {AdminToken.Read(host.Folder)}",
            AdminToken.Read(host.Folder)!,
            "Bearer ",
            $"Bearer {AdminToken.Read(host.Folder)}x",
        ];

        Assert.True(routes.Count >= 27, $"only {routes.Count} routes are described");
        foreach (var (method, path) in routes)
        {
            foreach (var credential in credentials)
            {
                using var request = new HttpRequestMessage(method, path);
                request.Headers.TryAddWithoutValidation("Authorization", credential);
                using var client = new HttpClient { BaseAddress = host.Client.BaseAddress };
                using var response = await client.SendAsync(request);
                Assert.True(response.StatusCode == HttpStatusCode.Unauthorized, $"{method} {path} with `{credential}`: {(int)response.StatusCode}");
                Assert.Equal("operator.unauthorized", JsonElement.Parse(await response.Content.ReadAsStringAsync()).GetProperty("error").GetProperty("code").GetString());
                Assert.StartsWith("Bearer", response.Headers.WwwAuthenticate.ToString(), StringComparison.Ordinal);
            }
        }

        Assert.Equal(version, host.Parts.Snapshots.Current.Version);
        Assert.Empty(host.Asked);
        Assert.Contains("\"operator/request\"", host.JournalText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Token_InQueryOrTwice_IsNotRead()
    {
        await using var host = await AdminHost.StartAsync();
        var token = AdminToken.Read(host.Folder)!;
        using var client = new HttpClient { BaseAddress = host.Client.BaseAddress };

        using var query = await client.GetAsync(new Uri($"api/v1/status?access_token={token}&token={token}", UriKind.Relative));
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/status");
        request.Headers.TryAddWithoutValidation("Authorization", [$"Bearer {token}", $"Bearer {token}"]);
        using var twice = await client.SendAsync(request);

        Assert.Equal(HttpStatusCode.Unauthorized, query.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, twice.StatusCode);
    }

    [Fact]
    public async Task Document_WithoutToken_IsReadable()
    {
        await using var host = await AdminHost.StartAsync();
        using var client = new HttpClient { BaseAddress = host.Client.BaseAddress };

        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(new Uri("api/v1/openapi.json", UriKind.Relative))).StatusCode);
    }

    [Fact]
    [SupportedOSPlatform("linux")]
    public void Token_AtFirstStart_IsMadeOnceAndOnlyForTheOwner()
    {
        var folder = Directory.CreateTempSubdirectory("callgate-token-").FullName;
        try
        {
            var first = AdminToken.Open(folder);
            var token = AdminToken.Read(folder)!;
            File.SetUnixFileMode(Path.Combine(folder, "admin.token"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
            var second = AdminToken.Open(folder);

            Assert.StartsWith("cga_", token, StringComparison.Ordinal);
            Assert.Equal(47, token.Length);
            Assert.True(first.Accepts(token) && second.Accepts(token));
            Assert.False(first.Accepts(token[..^1]) || first.Accepts(string.Empty));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, "admin.token")));
            File.WriteAllText(Path.Combine(folder, "admin.token"), "\n");
            Assert.Contains("admin.token", Assert.Throws<InvalidDataException>(() => AdminToken.Open(folder)).Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    internal static async Task<List<(HttpMethod Method, string Path)>> RoutesAsync(AdminHost host)
    {
        var document = JsonElement.Parse(await host.Client.GetStringAsync(new Uri("api/v1/openapi.json", UriKind.Relative)));
        return [.. document.GetProperty("paths").EnumerateObject().SelectMany(static path => path.Value.EnumerateObject()
            .Where(static verb => verb.Name is "get" or "put" or "post" or "delete" or "patch")
            .Select(verb => (new HttpMethod(verb.Name.ToUpperInvariant()), path.Name.Replace("{", string.Empty, StringComparison.Ordinal).Replace("}", string.Empty, StringComparison.Ordinal))))];
    }
}
