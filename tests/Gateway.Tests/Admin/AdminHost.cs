using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Callgate.Gateway.Admin;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Catalogue;
using Callgate.Gateway.Configuration;
using Callgate.Gateway.Grants;
using Callgate.Gateway.Operators;
using Callgate.Gateway.Policies;
using Callgate.Gateway.Quota;
using Callgate.Gateway.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

/// <summary>Administration on a real port over a real store and journal. Only the servers themselves are stood in for.</summary>
internal sealed class AdminHost : IAsyncDisposable
{
    public const string DeclaredToken = "declared-0123456789abcdef0123456789abcdef";

    private readonly WebApplication app;
    private readonly DataDirectory data;

    private AdminHost(WebApplication app, DataDirectory data, AdminParts parts)
    {
        this.app = app;
        this.data = data;
        Parts = parts;
        Client = new HttpClient { BaseAddress = new Uri(app.Urls.First() + "/") };
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", AdminToken.Read(data.Root));
    }

    public AdminParts Parts { get; }

    public HttpClient Client { get; }

    public string Folder => data.Root;

    public List<string> Asked { get; } = [];

    /// <summary>Everything the API ever answered, for the sweep for secrets.</summary>
    public StringBuilder Said { get; } = new();

    /// <param name="clock">The system's when left out.</param>
    /// <param name="indexFollows">False: the search index never hears of what is recorded.</param>
    public static async Task<AdminHost> StartAsync(TimeProvider? clock = null, bool indexFollows = true)
    {
        var time = clock ?? TimeProvider.System;
        var folder = Directory.CreateTempSubdirectory("callgate-admin-").FullName;
        var file = ConfigurationIn(folder + "-file");
        var data = DataDirectory.Open(folder);
        var store = await SqliteConfigStore.OpenAsync(data.ConfigurationFile, Keyring.Open(folder), time);
        var heads = new JournalHeads(data.JournalDirectory, JournalKey.Open(folder), time, NullLogger.Instance);
        var journal = await Journal.OpenAsync(new JournalOptions(data.JournalDirectory, Durability.Process), time, NullLogger.Instance);
        var index = await AuditIndex.OpenAsync(data.AuditIndexFile, indexFollows ? data.JournalDirectory : Path.Combine(folder, "elsewhere"), NullLogger.Instance);
        journal.Subscribe(index.Notify);
        heads.Follow(journal);
        var snapshots = new SnapshotSource();
        var options = new ConfiguratorOptions(file, ConfigurationFile.Load(file, static _ => null), static _ => null);
        var configurator = new Configurator(options, snapshots, store, journal, time, NullLogger<Configurator>.Instance);
        Assert.Empty(await configurator.StartAsync(CancellationToken.None));

        var sessions = new OperatorSessions(await store.ListSessionsAsync(), store, snapshots, time);
        var record = new RecordSearch(journal, index, time);
        var factors = new Factors(store, configurator, journal, time);
        var signIn = new SignIn(snapshots, sessions, factors, journal, time);
        AdminHost? host = null;
        var parts = new AdminParts
        {
            Snapshots = snapshots,
            Store = store,
            Journal = journal,
            Index = index,
            Record = record,
            Export = new RecordExport(journal, heads, index, record, data.JournalDirectory),
            Grants = new GrantDesk(store, configurator, journal, snapshots, time), Policies = new PolicyDesk(store, configurator, journal, snapshots, time),
            Catalogue = new CatalogueStore(data.CatalogueFile, time, NullLogger<CatalogueStore>.Instance),
            Approvals = new ApprovalDesk(await ApprovalBook.OpenAsync(snapshots, store, journal, data.JournalDirectory, time, NullLogger.Instance), store, journal, snapshots, time),
            Arguments = new SealedArguments(Keyring.Open(folder)),
            Heads = heads,
            Anchors = new JournalAnchors([], heads, data.JournalDirectory, time, NullLogger.Instance),
            Counters = new Counters(time),
            Configurator = configurator,
            Servers = new ServerOperations(
                (server, _) => Asked(server, "tools"), async (server, wanted, _) => await Asked(server, "accept " + string.Join(',', wanted.Names?.Select(static one => one.Name) ?? [])),
                (server, tool, category) => Asked(server, $"categorise {tool} {category}")),
            ServerDesk = new ServerDesk(store, configurator, journal, snapshots, static (server, _) => new ValueTask<ServerTest>(new ServerTest(server, true, "2025-11-25", "fixture", 2, 5, null)), time),
            Token = AdminToken.Open(folder),
            Sessions = sessions,
            SignIn = signIn,
            Operators = new OperatorDesk(store, configurator, journal, snapshots, signIn, time),
            Invitations = new Invitations(store, configurator, journal, snapshots, signIn, time), SecondFactors = new FactorDesk(factors, signIn, snapshots, time), OpenSessions = new SessionDesk(sessions, journal, time), Pages = new ApprovalPages(ApprovalPages.UsualWait, new Uri("https://gate.example.com")),
            Time = time,
            Log = NullLogger.Instance,
            DataDirectory = folder,
            StoreFileName = Path.GetFileName(data.ConfigurationFile),
        };

        return host = new AdminHost(await ServeAsync(parts), data, parts);

        ValueTask<ServerTools> Asked(string server, string what)
        {
            host!.Asked.Add($"{server} {what}");
            return new ValueTask<ServerTools>(ServerTools.Of(server, snapshots.Current.Pins.GetValueOrDefault(server), null));
        }
    }

    private static async Task<WebApplication> ServeAsync(AdminParts parts)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddAdmin();
        var app = builder.Build();
        app.MapAdmin(parts);
        await app.StartAsync();
        return app;
    }

    private static string ConfigurationIn(string folder)
    {
        var file = Path.Combine(Directory.CreateDirectory(folder).FullName, "callgate.yaml");
        File.WriteAllText(Path.Combine(Path.GetDirectoryName(file)!, "careful.json"), """{ "version": "1", "default": "deny" }""");
        File.WriteAllText(
            file,
            $$"""
            servers:
              declared: { url: "http://127.0.0.1:9/mcp?key=canary-query", headers: { Authorization: "Bearer canary-header" } }
            policies: { careful: careful.json }
            grants:
              laptop: { token: {{DeclaredToken}}, servers: { declared: careful } }
            """);
        return file;
    }

    /// <summary>Every endpoint of the API with its name.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints =>
        [.. ((IEndpointRouteBuilder)app).DataSources.SelectMany(static source => source.Endpoints).OfType<RouteEndpoint>().Where(static endpoint => endpoint.RoutePattern.RawText!.StartsWith("/api/v1/", StringComparison.Ordinal) && !endpoint.RoutePattern.RawText.EndsWith("openapi.json", StringComparison.Ordinal))];

    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, object? body = null)
    {
        using var request = new HttpRequestMessage(method, "api/v1/" + path);
        request.Headers.Accept.ParseAdd("application/json");
        if (body is not null)
        {
            var text = body as string ?? JsonSerializer.Serialize(body);
            request.Content = new StringContent(text, Encoding.UTF8, "application/json");
        }

        using var response = await Client.SendAsync(request);
        var said = await response.Content.ReadAsStringAsync();
        Said.Append(response.Headers).Append(said);
        return (response.StatusCode, said.Length > 0 ? JsonElement.Parse(said) : default);
    }

    public async Task<JsonElement> OkAsync(HttpMethod method, string path, object? body = null, HttpStatusCode expected = HttpStatusCode.OK)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == expected, $"{method} {path}: {(int)status} {answer}");
        return answer;
    }

    public async Task<string> RefusedAsync(HttpMethod method, string path, object? body, HttpStatusCode expected)
    {
        var (status, answer) = await SendAsync(method, path, body);
        Assert.True(status == expected, $"{method} {path}: {(int)status} {answer}");
        Assert.Equal(JsonValueKind.Array, answer.GetProperty("error").GetProperty("details").ValueKind);
        Assert.NotEmpty(answer.GetProperty("error").GetProperty("message").GetString()!);
        return answer.GetProperty("error").GetProperty("code").GetString()!;
    }

    /// <summary>Adds an operator without a password and signs in; the token of the session.</summary>
    public async Task<string> SignedInAsync(string name, Roles roles, SessionKind kind = SessionKind.Cli)
    {
        var person = Parts.Snapshots.Current.Operators.GetValueOrDefault(name);
        if (person is null)
        {
            person = new Operator { Name = name, Identity = name + "@example.com", Roles = roles, PasswordHash = "", Stamp = Operator.NewStamp(), Created = Parts.Time.GetUtcNow() };
            await Parts.Store.SaveOperatorAsync(person);
            await Parts.Configurator.ReloadAsync(CancellationToken.None);
        }

        return (await Parts.Sessions.BeginAsync(person, kind, "127.0.0.1", CancellationToken.None)).Token;
    }

    /// <summary>One request under a credential of its own.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body, HttpResponseHeaders Headers)> SendAsync(AuthenticationHeaderValue? credential, HttpMethod method, string path, object? body = null)
    {
        using var client = new HttpClient { BaseAddress = Client.BaseAddress };
        using var request = new HttpRequestMessage(method, "api/v1/" + path) { Headers = { Authorization = credential } };
        if (body is not null)
        {
            request.Content = new StringContent(JsonSerializer.Serialize(body), Encoding.UTF8, "application/json");
        }

        using var response = await client.SendAsync(request);
        var said = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.Content.Headers.ContentType?.MediaType == "application/json" ? JsonElement.Parse(said) : default, response.Headers);
    }

    public static AuthenticationHeaderValue Bearer(string token) => new("Bearer", token);

    public static AuthenticationHeaderValue Basic(string name, string password) => new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{name}:{password}")));

    /// <summary>The journal as it lies on disk.</summary>
    public string JournalText() => string.Concat(Directory.EnumerateFiles(Parts.JournalDirectory, "*.jsonl").Order(StringComparer.Ordinal).Select(ReadShared));

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await app.DisposeAsync();
        Parts.SignIn.Dispose();
        await Parts.Configurator.DisposeAsync();
        await Parts.Catalogue.DisposeAsync();
        await Parts.Index.DisposeAsync();
        await Parts.Journal.DisposeAsync();
        await Parts.Heads.DisposeAsync();
        await Parts.Store.DisposeAsync();
        data.Dispose();
        Directory.Delete(Folder, recursive: true);
        Directory.Delete(Folder + "-file", recursive: true);
    }

    private static string ReadShared(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd();
    }
}
