using System.Net;
using Callgate.Gateway.Tests.Hosting;
using Xunit;

namespace Callgate.Gateway.Tests.Operations;

public sealed class RoutesTests(RoutesTests.AnyGate any) : IClassFixture<RoutesTests.AnyGate>
{
    [Theory]
    [InlineData("healthz", 200)]
    [InlineData("HEALTHZ", 200)]
    [InlineData("healthz/", 200)]
    [InlineData("healthz//", 404)]
    [InlineData("healthz/x", 404)]
    [InlineData("ReadyZ/", 200)]
    [InlineData("metrics/", 200)]
    [InlineData("Metrics", 200)]
    public async Task Page_OfAnyCaseAndWithOneSlash_IsServed(string path, int status)
    {
        using var answer = await any.Http.GetAsync(new Uri(any.Gate.Address, path));

        Assert.Equal(status, (int)answer.StatusCode);
    }

    [Theory]
    [InlineData("healthz")]
    [InlineData("metrics")]
    public async Task Page_AskedByPost_IsNotServed(string path)
    {
        using var answer = await any.Http.PostAsync(new Uri(any.Gate.Address, path), null);

        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal("GET, HEAD", string.Join(", ", answer.Content.Headers.Allow));
    }

    /// <summary>A gate and a client of its pages.</summary>
    public sealed class AnyGate : IAsyncLifetime
    {
        public RunningGate Gate { get; private set; } = null!;

        public HttpClient Http { get; } = new();

        public async ValueTask InitializeAsync() =>
            Gate = await RunningGate.StartAsync(RunningGate.OneServer(new Uri("http://127.0.0.1:9/mcp")), ("p.json", """{"version":"1","default":"deny"}"""));

        public async ValueTask DisposeAsync()
        {
            Http.Dispose();
            await Gate.DisposeAsync();
        }
    }
}
