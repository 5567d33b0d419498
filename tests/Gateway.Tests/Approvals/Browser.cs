using System.Net;
using System.Text.RegularExpressions;
using Xunit;

namespace Callgate.Gateway.Tests.Approvals;

/// <summary>As plain as can be: it keeps the one cookie of its sign-in.</summary>
internal sealed partial class Browser(ApprovalGate gate, string? cookie)
{
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false });

    public static async Task<Browser> SignInAsync(ApprovalGate gate, string name)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gate.Gate.Address, "signin")) { Content = new FormUrlEncodedContent([new("name", name), new("password", ApprovalGate.Password)]) };
        request.Headers.Add("Origin", OriginOf(gate));
        using var answer = await Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.SeeOther, answer.StatusCode);
        return new Browser(gate, answer.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
    }

    /// <summary>The tokens of the forms of a page, in order; the first is that of the sign-out.</summary>
    public static List<string> Tokens(string html) => [.. Token().Matches(html).Select(static match => match.Groups[1].Value)];

    public async Task<string> GetAsync(string path, HttpStatusCode expected = HttpStatusCode.OK)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(gate.Gate.Address, path));
        request.Headers.Add("Cookie", cookie);
        using var answer = await Http.SendAsync(request);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadAsStringAsync();
    }

    public Task<HttpStatusCode> PostAsync(string path, string token) => PostAsync(path, token, OriginOf(gate));

    public async Task<HttpStatusCode> PostAsync(string path, string token, string? origin, string reason = "")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(gate.Gate.Address, path)) { Content = new FormUrlEncodedContent([new("token", token), new("reason", reason)]) };
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        if (origin is not null)
        {
            request.Headers.Add("Origin", origin);
        }

        using var answer = await Http.SendAsync(request);
        return answer.StatusCode;
    }

    public static string OriginOf(ApprovalGate gate) => gate.Gate.Address.GetLeftPart(UriPartial.Authority);

    [GeneratedRegex("name=\"token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
