using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Callgate.EndToEnd.Tests;
using Callgate.Fixtures;
using Callgate.Fixtures.Clients;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Storage;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Browser.Tests;

/// <summary>
/// The pages that the README shows, of a gate that has worked for an hour in front of two of the imitated systems.
/// <c>eng/pictures</c> takes what this leaves behind into <c>docs/images</c>.
/// </summary>
public sealed class PicturesTests(Chromium chromium) : IClassFixture<Chromium>
{
    private const int Minutes = 60;
    private const string Token = "pictures-0123456789abcdef0123456789abcdef";

    [Fact]
    public async Task Pages_OfTheReadme_AreSound()
    {
        using var folder = new TemporaryFolder();
        await using var dagster = await FixtureServer.StartHttpAsync(new FixtureOptions { Profile = "dagster" });
        await using var databricks = await FixtureServer.StartHttpAsync(new FixtureOptions { Profile = "databricks" });
        folder.Write("data.json", """
            { "version": "1", "default": "deny", "hide": ["delete_*", "dbfs_delete"], "tools": {
                "list_*": {}, "get_*": {}, "run_job": { "limits": [ { "counter": "runs", "window": "hour", "max": 5 } ] },
                "terminate_cluster": { "action": "require_approval", "reason": "others may work on it" } } }
            """);
        var config = folder.Write("callgate.yaml", $$"""
            servers: { dagster: { url: "{{dagster.Url}}" }, databricks: { url: "{{databricks.Url}}" } }
            policies: { data: data.json }
            grants:
              nightly: { token: {{Token}}, servers: { databricks: data } }
              analyst: { token: {{Token}}-2, servers: { databricks: data, dagster: null } }
            approvals: { wait: 1ms }
            """);
        await WriteHourAsync(folder.File("data"));
        await using var gate = await GateProcess.StartAsync(config, folder.File("data"));
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = gate.Root };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", gate.AdminToken);
        await SendAsync(http, HttpMethod.Post, "operators", new { name = BrowsedGate.Operator, roles = new[] { "administrator", "policy_manager", "approver" }, password = BrowsedGate.Password });
        var recommended = await SendAsync(http, HttpMethod.Post, "policies/recommend?server=dagster");
        await SendAsync(http, HttpMethod.Put, "policies/pipelines?note=recommended", JsonElement.Parse(recommended));
        await using (var client = new McpClient(gate.Mcp("databricks"), Token, "2025-06-18"))
        {
            await client.InitializeAsync();
            foreach (var job in new[] { 4, 4, 7 })
            {
                await client.CallAsync("run_job", new() { ["job_id"] = job });
            }

            var asked = await client.CallAsync("terminate_cluster", new() { ["cluster_id"] = "0923-164208-meows279" });
            Assert.Contains("approval", asked.Text, StringComparison.Ordinal);
        }

        var approval = JsonElement.Parse(await SendAsync(http, HttpMethod.Get, "approvals")).GetProperty("approvals")[0].GetProperty("id").GetString();
        foreach (var (name, path, width) in new[] { ("overview", "", 1280), ("builder", "policies/pipelines/edit?server=dagster", 1440), ("approval", $"approvals/{approval}", 375), ("first-steps", "start/dagster", 1280) })
        {
            await using var window = await chromium.OpenAsync(width);
            await window.SignInAsync(new Uri(gate.Root, path));
            await window.AssertSoundAsync($"readme-{name}");
        }
    }

    /// <summary>Calls of the last hour, through the journal itself; the index reads them when the gate starts.</summary>
    private static async Task WriteHourAsync(string data)
    {
        using var opened = DataDirectory.Open(data);
        await using var journal = await Journal.OpenAsync(new JournalOptions(opened.JournalDirectory), TimeProvider.System, NullLogger.Instance);
        var (random, begin, count) = (new Random(20261130), TimeProvider.System.GetUtcNow().AddMinutes(-Minutes), 0);
        (string Tool, string? Code, string? Rule)[] kinds =
        [
            ("list_jobs", null, null), ("list_job_runs", null, null), ("get_run_status", null, null), ("get_run_status", null, null), ("list_clusters", null, null), ("run_job", null, null),
            ("run_job", "limit.exceeded", "/tools/run_job/limits/0"), ("create_cluster", "policy.default_deny", "/default"), ("import_notebook", "policy.default_deny", "/default"),
        ];
        for (var minute = 1; minute < Minutes; minute++)
        {
            for (var calls = 4 + (int)(10 * Math.Sin(minute / 9.0)) + random.Next(9); calls > 0; calls--)
            {
                var (tool, code, rule) = kinds[(int)(kinds.Length * Math.Pow(random.NextDouble(), 1.4))];
                var (id, time) = ($"picture-{count++:D6}", begin.AddMinutes(minute).AddSeconds(random.Next(60)));
                await journal.AppendAsync(
                    new CallRecord
                    {
                        Id = id, Time = time, Method = "tools/call", Decision = code is null ? "allow" : "deny", Code = code, Rule = rule, Outcome = code is null ? null : "refused", Grant = random.Next(3) == 0 ? "analyst" : "nightly",
                        Server = "databricks", Tool = tool, Policy = "data", Revision = 1, Client = "agent 1.0", RequestId = "7",
                    },
                    Durability.Process,
                    CancellationToken.None);
                if (code is null)
                {
                    journal.Complete(new OutcomeRecord(id, time.AddMilliseconds(40), "answered", 200, random.Next(20, 300)));
                }
            }
        }
    }

    private static async Task<string> SendAsync(HttpClient http, HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, new Uri("api/v1/" + path, UriKind.Relative));
        request.Content = body is null ? null : new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text;
    }
}
