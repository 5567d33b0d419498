using System.Text;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>The small part of administration and of pages that attacks on them look at.</summary>
internal sealed class WeakAdministration(WeakGate gate)
{
    public Task AnswerAsync(WireRequest request, WireReply reply, CancellationToken cancellationToken)
    {
        Task Say(int status, string text, string type = "application/json") => reply.AnswerAsync(status, type, Encoding.UTF8.GetBytes(text), [("Content-Security-Policy", gate.Has("pages-unescaped") ? "default-src *" : "default-src 'none'; frame-ancestors 'none'")], cancellationToken);
        if (request.Path is "/healthz" or "/readyz")
        {
            return Say(200, "ok", "text/plain");
        }

        if (request.Path == "/signin")
        {
            return Say(200, "<html></html>", "text/html");
        }

        if (request.Path.StartsWith("/catalogue", StringComparison.Ordinal))
        {
            var told = string.Concat(gate.Servers.Keys);
            return Say(200, gate.Has("pages-unescaped") ? $"<html><script>alert(1)</script>{told}</html>" : $"<html>{told}</html>", "text/html");
        }

        if (request.Path is "/authorize" or "/oauth/authorize" && gate.Has("open-redirect"))
        {
            return reply.AnswerAsync(302, null, [], [("Location", "https://evil.example/?code=1")], cancellationToken);
        }

        var token = request.Header("Authorization") is { } line && line.StartsWith("Bearer ", StringComparison.Ordinal) ? line[7..] : null;
        var isOperator = token is "weak-admin" or "weak-manager" || gate.Has("open-administration") || (gate.Has("grants-administer") && token is not null && gate.Grants.ContainsKey(token));
        var isForm = request.Method == "POST" && !request.Path.StartsWith("/api/", StringComparison.Ordinal);
        if (isForm)
        {
            return Say(gate.Has("forms-unguarded") ? 200 : 403, "{}");
        }

        if (!isOperator && (request.Path.StartsWith("/api/", StringComparison.Ordinal) || request.Path == "/metrics"))
        {
            return Say(401, "{}");
        }

        if (request.Path.EndsWith("/approve", StringComparison.Ordinal))
        {
            return Say(200, """{"proposal":"p1"}""");
        }

        if (request.Path.EndsWith("/accept", StringComparison.Ordinal))
        {
            return Say(gate.Has("older-revision") ? 200 : 409, "{}");
        }

        return Say(isOperator ? 200 : 404, gate.Has("look-alikes-unnoticed") ? "{}" : """{"alike":[{"tool":"other"}]}""");
    }
}
