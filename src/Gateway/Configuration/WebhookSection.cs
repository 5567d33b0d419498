using System.Collections.Immutable;
using Callgate.Gateway.Webhooks;

namespace Callgate.Gateway.Configuration;

/// <summary>The <c>webhooks</c> of <c>approvals</c>. No error quotes an address, which can be a secret by itself.</summary>
internal static class WebhookSection
{
    private const int ShortestSecret = 32;

    public static ImmutableArray<Webhook> Read(Reading reading, YamlNode? node)
    {
        if (node is not YamlSequence sequence)
        {
            _ = node is not null && reading.Wrong(node, "webhooks: a list of mappings");
            return [];
        }

        var webhooks = ImmutableArray.CreateBuilder<Webhook>();
        foreach (var item in sequence.Items)
        {
            if (One(reading, item, webhooks.Count + 1) is not { } webhook)
            {
                continue;
            }

            if (webhooks.Any(earlier => earlier.Key == webhook.Key))
            {
                reading.Report(item, "this address has a webhook already; give that one all the `events`");
                continue;
            }

            webhooks.Add(webhook);
        }

        return webhooks.ToImmutable();
    }

    private static Webhook? One(Reading reading, YamlNode item, int number)
    {
        if (Fields.Of(reading, item, "a webhook", "url", "secret", "format", "events", "insecure") is not { } fields)
        {
            return null;
        }

        var format = (WebhookFormat)(fields.ReadValue("format", node => reading.Word(node, "json", "slack")) ?? 0);
        var url = Address(reading, item, fields["url"], fields.ReadValue("insecure", reading.Flag) ?? false);
        var secret = Secret(reading, fields["secret"]);
        if (format == WebhookFormat.Json && fields["secret"] is null)
        {
            reading.Report(item, "a webhook with `format: json` needs a `secret`, by which its receiver knows that it comes from here; make one with `openssl rand -hex 32`");
        }

        var (asked, answered) = Events(reading, fields["events"]);
        return url is null ? null : new Webhook(number, url, secret, format, asked, answered);
    }

    private static Uri? Address(Reading reading, YamlNode item, YamlNode? node, bool insecure)
    {
        if (node is null)
        {
            reading.Report(item, "a webhook needs a `url`");
            return null;
        }

        if (reading.Text(node) is not { } text)
        {
            return null;
        }

        if (Reading.WebAddress(text) is not { } url)
        {
            reading.Report(node, "`url` of a webhook is an absolute address with `https://`, without user and fragment");
            return null;
        }

        if (url.Scheme == Uri.UriSchemeHttp && !url.IsLoopback && !insecure)
        {
            reading.Report(node, "over `http://` anybody on the way reads what is sent; write `https://`, or accept it with `insecure: true`");
        }

        return url;
    }

    private static string? Secret(Reading reading, YamlNode? node)
    {
        var secret = node is null ? null : reading.Text(node);
        if (secret is { Length: < ShortestSecret })
        {
            reading.Report(node!, "the `secret` of a webhook has at least 32 characters; make one with `openssl rand -hex 32`");
        }

        return secret;
    }

    /// <summary>Without a word about it only questions are sent: what people need to know in time.</summary>
    private static (bool Asked, bool Answered) Events(Reading reading, YamlNode? node)
    {
        if (node is not YamlSequence sequence)
        {
            _ = node is not null && reading.Wrong(node, "a list of `asked` and `answered`");
            return (true, false);
        }

        if (sequence.Items.Count == 0)
        {
            reading.Report(node, "`events` names `asked`, `answered` or both; take the webhook out if it is to hear nothing");
        }

        var words = sequence.Items.Select(item => reading.Word(item, "asked", "answered")).ToList();
        return (words.Contains(0), words.Contains(1));
    }
}
