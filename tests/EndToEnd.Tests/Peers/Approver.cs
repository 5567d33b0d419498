using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Xunit;

namespace Callgate.EndToEnd.Tests.Peers;

/// <summary>A person who has signed in and answers everything that waits, until nobody needs an answer any more.</summary>
internal sealed class Approver : IAsyncDisposable
{
    private const string Name = "ada";
    private const string Password = "correct horse battery";

    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false });
    private readonly CancellationTokenSource stop = new();
    private readonly List<JsonElement> seen = [];
    private readonly List<string> taken = [];
    private readonly Task answering;

    private Approver(Uri root, string session, string? refuses, bool rules)
    {
        Session = session;
        http.BaseAddress = new Uri(root, "/api/v1/");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", session);
        answering = AnswerAsync(refuses, rules);
    }

    /// <summary>What was asked, as it was when it was answered.</summary>
    public IReadOnlyList<JsonElement> Seen
    {
        get
        {
            lock (seen)
            {
                return [.. seen];
            }
        }
    }

    /// <summary>What the person is signed in by; it outlives the gate's process.</summary>
    public string Session { get; }

    /// <summary>The approvals whose answer the gate said it had taken.</summary>
    public IReadOnlyList<string> Taken
    {
        get
        {
            lock (seen)
            {
                return [.. taken];
            }
        }
    }

    /// <summary>Goes on answering at a gate that was started again.</summary>
    public static Approver GoOn(Uri root, string session, bool rules = false) => new(root, session, null, rules);

    /// <param name="refuses">The reason to refuse with; null approves.</param>
    /// <param name="rules">Proposes a rule with each approval, as somebody who may change policies too.</param>
    public static async Task<Approver> StartAsync(Uri root, string adminToken, string? refuses = null, bool rules = false)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = new Uri(root, "/api/v1/") };
        await SendAsync(http, new AuthenticationHeaderValue("Bearer", adminToken), "operators", new { name = Name, roles = (string[])["approver", rules ? "policy_manager" : "viewer"], password = Password });
        var session = await SendAsync(http, new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Name}:{Password}"))), "session", null);
        return new Approver(root, session.GetProperty("token").GetString()!, refuses, rules);
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        try
        {
            await answering;
        }
        catch (Exception exception) when (exception is OperationCanceledException or HttpRequestException or IOException)
        {
            // It was told to stop, or the gate was ended.
        }

        http.Dispose();
        stop.Dispose();
    }

    private async Task AnswerAsync(string? refuses, bool rules)
    {
        while (true)
        {
            var list = JsonElement.Parse(await http.GetStringAsync(new Uri("approvals", UriKind.Relative), stop.Token));
            foreach (var approval in list.GetProperty("approvals").EnumerateArray().Where(static approval => approval.GetProperty("state").GetString() == "pending"))
            {
                lock (seen)
                {
                    seen.Add(approval);
                }

                var (verb, id) = (refuses is null ? "approve" : "deny", approval.GetProperty("id").GetString()!);
                await SendAsync(http, http.DefaultRequestHeaders.Authorization!, $"approvals/{id}/{verb}", rules ? new { rule = true } : new { reason = refuses });
                lock (seen)
                {
                    taken.Add(id);
                }
            }

            await Task.Delay(100, stop.Token);
        }
    }

    private static async Task<JsonElement> SendAsync(HttpClient http, AuthenticationHeaderValue who, string path, object? body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(path, UriKind.Relative)) { Headers = { Authorization = who } };
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        Assert.True(response.IsSuccessStatusCode, $"{path}: {(int)response.StatusCode} {text}");
        return JsonElement.Parse(text);
    }
}
