using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Callgate.Gateway.Tests.Hosting;
using Callgate.Gateway.Tests.Hostile;
using Xunit;

namespace Callgate.Gateway.Tests.Dashboard;

/// <summary>A whole gate, an operator, and a browser as plain as can be: it keeps no cookie that it is not told to.</summary>
public sealed partial class PageGate : IAsyncLifetime
{
    public const string Name = "ada";
    public const string Password = "correct horse battery";

    private readonly HttpClient http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public RunningGate Gate { get; private set; } = null!;

    public string Origin => Gate.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>The same browser before a gate of the test's own, without an operator.</summary>
    public static PageGate Before(RunningGate gate) => new() { Gate = gate };

    public async ValueTask InitializeAsync()
    {
        Gate = await RunningGate.StartAsync(
            "public_url: https://gate.example.com\n" + RunningGate.OneServer(new Uri("http://127.0.0.1:9/mcp")), ("p.json", """{"version":"1","default":"deny"}"""));
        await AddAsync(Name, "viewer", "approver");
    }

    public async ValueTask DisposeAsync()
    {
        http.Dispose();
        await Gate.DisposeAsync();
    }

    public Task<HttpResponseMessage> AdministerAsync(HttpMethod method, string path, object? body = null)
    {
        var request = new HttpRequestMessage(method, new Uri(Gate.Address, "api/v1/" + path)) { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", Gate.AdminToken) } };
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        return http.SendAsync(request);
    }

    /// <summary>What the API says, as text.</summary>
    public async Task<string> ApiAsync(string path)
    {
        using var answer = await AdministerAsync(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    /// <summary>Whether a token opens the door of the server at all.</summary>
    public async Task<bool> IsLetInAsync(string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Gate.Mcp("up")) { Content = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"ping"}""", Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Headers.TryAddWithoutValidation("Accept", "application/json, text/event-stream");
        using var answer = await http.SendAsync(request);
        return answer.StatusCode != HttpStatusCode.Unauthorized;
    }

    /// <summary>A call of a tool that the server does not have, by the grant that the configuration declares.</summary>
    public async Task RefusedCallAsync(string tool)
    {
        await using var client = ScriptedUpstream.Client(Gate);
        await client.CallAsync(tool);
    }

    public async Task AddAsync(string name, params string[] roles)
    {
        using var added = await AdministerAsync(HttpMethod.Post, "operators", new { name, roles, identity = name + "@example.com", password = Password });
        Assert.Equal(HttpStatusCode.Created, added.StatusCode);
    }

    public Task<HttpResponseMessage> GetAsync(string path, string? cookie = null, params (string Name, string Value)[] headers) =>
        http.SendAsync(With(new HttpRequestMessage(HttpMethod.Get, new Uri(Gate.Address, path)), cookie, headers));

    /// <summary>A form as a browser sends it from a page of the gate, unless the headers say otherwise.</summary>
    public Task<HttpResponseMessage> PostAsync(string path, Dictionary<string, string> form, string? cookie = null, params (string Name, string Value)[] headers)
    {
        var sent = headers.Length > 0 ? headers : [("Origin", Origin), ("Sec-Fetch-Site", "same-origin")];
        return http.SendAsync(With(new HttpRequestMessage(HttpMethod.Post, new Uri(Gate.Address, path)) { Content = new FormUrlEncodedContent(form) }, cookie, sent));
    }

    public async Task<string> SignInAsync(string name = Name)
    {
        using var answer = await PostAsync("signin", new() { ["name"] = name, ["password"] = Password });
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return CookieOf(answer);
    }

    /// <summary>The cookie as a browser sends it back.</summary>
    public static string CookieOf(HttpResponseMessage answer) => Assert.Single(answer.Headers.GetValues("Set-Cookie")).Split(';')[0];

    /// <summary>The token of the first form with one.</summary>
    public static string TokenIn(string html) => TokenField().Match(html).Groups[1].Value;

    private static HttpRequestMessage With(HttpRequestMessage request, string? cookie, (string Name, string Value)[] headers)
    {
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (cookie is not null)
        {
            request.Headers.TryAddWithoutValidation("Cookie", cookie);
        }

        return request;
    }

    [GeneratedRegex("name=\"token\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();
}
