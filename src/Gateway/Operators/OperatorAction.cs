using Callgate.Gateway.Audit;
using Microsoft.AspNetCore.Http;

namespace Callgate.Gateway.Operators;

/// <summary>What an operator does, as the record names it.</summary>
/// <param name="Verb">Becomes the method <c>operator/VERB</c>.</param>
public sealed record OperatorAction(string Verb, string? Server = null, string? Grant = null, string? Policy = null, string? Detail = null)
{
    /// <summary>The approval that it comes of; null for none.</summary>
    public string? Approval { get; init; }

    /// <summary>What the method of every action begins with.</summary>
    public const string Prefix = "operator/";

    private const int MaxClient = 128;

    /// <param name="who">The operator's name, or <see cref="Actor.TokenName"/>; null when it is not known who.</param>
    public CallRecord Record(HttpContext context, string? who, string decision, DateTimeOffset now)
    {
        var client = context.Request.Headers.UserAgent.ToString();
        return new CallRecord
        {
            Id = Identifiers.New(now),
            Time = now,
            Method = Prefix + Verb,
            Decision = decision,
            Identity = who,
            Server = Server,
            Grant = Grant,
            Policy = Policy,
            Client = client.Length > MaxClient ? client[..MaxClient] : client,
            Approval = Approval,
            Detail = Detail,
        };
    }
}
