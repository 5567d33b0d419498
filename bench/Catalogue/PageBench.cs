using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway;

namespace Callgate.Bench.Catalogue;

/// <summary>For whom pages are measured.</summary>
internal enum PageReaders
{
    Both,
    SignedIn,
}

/// <summary>Pages of a whole gate over this store, asked for over loopback: reading, rendering, Kestrel and the client together.</summary>
internal sealed class PageBench : IAsyncDisposable
{
    private const string Password = "correct horse battery";

    private readonly CancellationTokenSource stop = new();
    private readonly Task<int> gate;
    private readonly FirstLine output = new();
    private readonly HttpClient http = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(5) };

    private PageBench(string data) =>
        gate = Task.Run(() => GatewayHost.RunAsync(new GatewayOptions { DataDirectory = data, Listen = "http://127.0.0.1:0", Out = output }, stop.Token));

    /// <param name="whom">Whose pages: of everybody, of who signed in, or both.</param>
    /// <param name="records">How many entries the search index has to hold before anything is measured.</param>
    public static async Task RunAsync(string data, IReadOnlyList<(string What, List<string> Paths)> pages, PageReaders whom, long records = 0)
    {
        await using var bench = new PageBench(data);
        if (await Task.WhenAny(bench.output.Said, bench.gate) == bench.gate)
        {
            throw new InvalidOperationException($"the gate ended with {await bench.gate}");
        }

        bench.http.BaseAddress = new Uri((await bench.output.Said).Split(' ')[^1]);
        var cookie = await bench.SignInAsync(File.ReadAllText(Path.Combine(data, "admin.token")).Trim());
        Console.WriteLine($"\n### Pages\n\n{Figures.Head}");
        await bench.WaitForIndexAsync(File.ReadAllText(Path.Combine(data, "admin.token")).Trim(), records);
        foreach (var who in new[] { null, cookie }.Where(who => whom == PageReaders.Both || who is not null))
        {
            foreach (var (what, paths) in pages)
            {
                await bench.MeasureAsync(what, paths, who);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await gate;
        http.Dispose();
        stop.Dispose();
        await output.DisposeAsync();
    }

    public static IEnumerable<(string What, List<string> Paths)> CataloguePages(IReadOnlyList<ServerEntry> sample)
    {
        static string NameOf(JsonElement tool) => tool.GetProperty("name").GetString()!;
        static string Server(ServerEntry entry) => "/catalogue/" + Uri.EscapeDataString(entry.Name);
        var tools = sample.Select(entry => $"{Server(entry)}/{Uri.EscapeDataString(NameOf(entry.Tools[0]))}").ToList();
        yield return ("servers", [.. sample.Select(static entry => "/catalogue?after=" + Uri.EscapeDataString(entry.Name))]);
        yield return ("a search", [.. sample.Select(static entry => "/catalogue?q=" + Uri.EscapeDataString(NameOf(entry.Tools[^1]).Replace('_', ' ')))]);
        yield return ("a server", [.. sample.Select(Server)]);
        yield return ("a tool", tools);
        yield return ("a tool as Markdown", [.. tools.Select(static path => path + ".md")]);
    }

    private async Task WaitForIndexAsync(string token, long records)
    {
        while (records > 0)
        {
            using var asked = new HttpRequestMessage(HttpMethod.Get, "/api/v1/status") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
            using var answer = await http.SendAsync(asked);
            if (JsonElement.Parse(await answer.Content.ReadAsStringAsync()).GetProperty("indexed_seq").GetInt64() >= records)
            {
                return;
            }

            await Task.Delay(500);
        }
    }

    private async Task MeasureAsync(string what, List<string> paths, string? cookie)
    {
        var (found, bytes) = (0, 0);
        foreach (var path in paths)
        {
            var length = await GetAsync(path, cookie);
            found += length > 0 ? 1 : 0;
            bytes = Math.Max(bytes, length);
        }

        var figures = new Figures($"{what} ({(cookie is null ? "public" : "signed in")}; {found} found; {bytes / 1_000} KB at most)");
        foreach (var path in paths)
        {
            await figures.MeasureAsync($"`{path}`", () => GetAsync(path, cookie));
        }

        figures.Print();
    }

    /// <summary>The length of the page; 0 where there is none.</summary>
    private async Task<int> GetAsync(string path, string? cookie)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (cookie is not null)
        {
            request.Headers.Add("Cookie", cookie);
        }

        // A server that is not public has no page for everybody; that answer is timed as well.
        using var answer = await http.SendAsync(request);
        var page = await answer.Content.ReadAsByteArrayAsync();
        return answer.IsSuccessStatusCode ? page.Length : 0;
    }

    private async Task<string> SignInAsync(string token)
    {
        using var made = new HttpRequestMessage(HttpMethod.Post, "/api/v1/operators") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
        made.Content = new StringContent(JsonSerializer.Serialize(new { name = "ada", roles = new[] { "administrator", "policy_manager" }, password = Password }), Encoding.UTF8, "application/json");
        using var added = await http.SendAsync(made);
        added.EnsureSuccessStatusCode();
        using var form = new HttpRequestMessage(HttpMethod.Post, "/signin") { Content = new FormUrlEncodedContent([new("name", "ada"), new("password", Password)]) };
        form.Headers.Add("Origin", http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        form.Headers.Add("Sec-Fetch-Site", "same-origin");
        using var signed = await http.SendAsync(form);
        return signed.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
    }

    private sealed class FirstLine : StringWriter
    {
        private readonly TaskCompletionSource<string> said = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Said => said.Task;

        public override Task WriteLineAsync(string? value)
        {
            said.TrySetResult(value ?? "");
            return Task.CompletedTask;
        }
    }
}
