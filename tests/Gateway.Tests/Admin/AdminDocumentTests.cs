using System.Text.Encodings.Web;
using System.Text.Json;
using Callgate.Gateway.Tests.Configuration;
using Xunit;

namespace Callgate.Gateway.Tests.Admin;

public sealed class AdminDocumentTests
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public async Task Document_OfTheRunningGate_IsTheCommittedOne()
    {
        await using var host = await AdminHost.StartAsync();

        var served = JsonElement.Parse(await host.Client.GetStringAsync(new Uri("api/v1/openapi.json", UriKind.Relative)));
        var text = JsonSerializer.Serialize(served, Indented).ReplaceLineEndings("\n") + "\n";
        var actual = Path.Combine(AppContext.BaseDirectory, "openapi.json");
        await File.WriteAllTextAsync(actual, text);

        var committed = await File.ReadAllTextAsync(RepositoryFiles.At("docs", "openapi.json"));
        Assert.True(text == committed, $"the API and docs/openapi.json differ; look at the difference and copy {actual} over it");
    }
}
