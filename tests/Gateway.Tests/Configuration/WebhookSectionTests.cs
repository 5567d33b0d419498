using Callgate.Gateway.Configuration;
using Callgate.Gateway.Webhooks;
using Xunit;

namespace Callgate.Gateway.Tests.Configuration;

/// <summary>Webhooks as the file declares them; what is wrong with them is in <c>Cases/webhooks.yaml</c>.</summary>
public sealed class WebhookSectionTests : IDisposable
{
    private const string Secret = "0123456789abcdef0123456789abcdef";

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("callgate-test-");

    public void Dispose() => folder.Delete(recursive: true);

    [Fact]
    public void Load_Webhooks_AreReadWithWhatHoldsWithoutAWord()
    {
        var webhooks = Load("""
            approvals:
              webhooks:
                - { url: "https://hooks.example.com/a?b=c", secret: "${SECRET}" }
                - { url: "https://hooks.example.com/slack", format: slack, events: [asked, answered] }
                - { url: "http://127.0.0.1:8080/", secret: "${SECRET}", format: json, events: [answered] }
                - { url: "http://hooks.internal/", secret: "${SECRET}", insecure: true }
            """).Approvals.Webhooks;

        Assert.Equal(
            [
                new Webhook(1, new Uri("https://hooks.example.com/a?b=c"), Secret, WebhookFormat.Json, true, false),
                new Webhook(2, new Uri("https://hooks.example.com/slack"), null, WebhookFormat.Slack, true, true),
                new Webhook(3, new Uri("http://127.0.0.1:8080/"), Secret, WebhookFormat.Json, false, true),
                new Webhook(4, new Uri("http://hooks.internal/"), Secret, WebhookFormat.Json, true, false),
            ],
            webhooks);
    }

    [Fact]
    public void Webhooks_WithAnotherSecret_AreOthers()
    {
        const string text = """approvals: { webhooks: [{ url: "https://hooks.example.com/", secret: "${SECRET}" }] }""";
        Assert.Equal(Load(text).Approvals.Webhooks.AsEnumerable(), Load(text).Approvals.Webhooks);
        Assert.NotEqual(Load(text).Approvals.Webhooks.AsEnumerable(), Load(text.Replace("${SECRET}", "another-0123456789abcdef0123456789", StringComparison.Ordinal)).Approvals.Webhooks);
    }

    private DeclaredConfiguration Load(string text)
    {
        var path = Path.Combine(folder.FullName, "callgate.yaml");
        File.WriteAllText(path, text);
        var load = ConfigurationFile.Load(path, static name => name == "SECRET" ? Secret : null);
        Assert.Empty(load.Errors);
        return load.Configuration!;
    }
}
