using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Callgate.Catalogue;
using Callgate.Gateway.Approvals;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Discovery;
using Callgate.Policy;

namespace Callgate.Gateway.Proxy;

/// <summary>Makes of a call what a person is asked, and the digest that binds the answer to exactly that.</summary>
public sealed class ApprovalRequests(Journal journal)
{
    /// <summary>More than this nobody reads, and nobody could answer for.</summary>
    public const int LargestData = 64 * 1024;

    private const string Changed = "its definition is not the reviewed one any more";

    /// <summary>Null when the call carries more than a person can be shown.</summary>
    public Approval? Of(Incoming call, Leg leg, PinnedTool tool, Decision decision)
    {
        var data = DataOf(call, leg);
        var policy = call.Policy!;
        if (data.Length > LargestData)
        {
            return null;
        }

        var terms = decision.Approval ?? ApprovalTerms.Default;
        var shown = PinBook.StandingOf(tool, call.Server) == ToolStanding.DriftedAsked ? tool.Shown : null;
        return new Approval
        {
            Id = Identifiers.New(call.Started),
            Subject = SubjectOf(call, policy.Policy.Form, tool, shown, data),
            Grant = call.Grant.Id,
            GrantLabel = call.Grant.Label,
            Identity = call.Grant.Identity,
            Client = call.Client,
            Server = call.Server.Name,
            PinKey = call.PinKey,
            Tool = tool.Name,
            Category = (shown is null ? tool.Category : PinComparison.Worst(tool.Category, shown.Category))?.ToString(),
            Definition = tool.Fingerprint,
            ShownDefinition = shown?.Fingerprint,
            Policy = policy.Name,
            Revision = policy.Revision,
            Form = policy.Policy.Form,
            Rule = decision.Rule,
            Reason = decision.Reason ?? (shown is null ? null : Changed),
            Data = Encoding.UTF8.GetString(data),
            Approvers = terms.Approvers,
            NotRequester = terms.NotRequester,
            Asked = call.Started,
            Expires = call.Started + terms.Timeout,
            Since = journal.LastSeq,
        };
    }

    /// <summary>Canonical JSON of the members of <c>params</c> that carry data, as they would go up.</summary>
    private static byte[] DataOf(Incoming call, Leg leg)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        using (var writer = new Utf8JsonWriter(bytes))
        {
            writer.WriteStartObject();
            if (call.Message.Params.TryGetProperty("arguments"u8, out var arguments))
            {
                writer.WritePropertyName("arguments"u8);
                writer.WriteRawValue(Canonical(arguments), skipInputValidation: true);
            }

            if (leg.ResponsesIn(call) is { ValueKind: not JsonValueKind.Undefined } responses)
            {
                writer.WritePropertyName("inputResponses"u8);
                writer.WriteRawValue(Canonical(responses), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        return bytes.WrittenSpan.ToArray();
    }

    private static byte[] Canonical(JsonElement value)
    {
        var bytes = new ArrayBufferWriter<byte>(256);
        CanonicalJson.Write(value, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    /// <summary>A definition that changed is part of what is approved; where none did, the digest is as it always was.</summary>
    private static string SubjectOf(Incoming call, string form, PinnedTool tool, ShownTool? shown, byte[] data)
    {
        string[] all = [call.Grant.Id, call.Server.Name, call.PinKey, tool.Name, call.Policy!.Name, form, tool.Fingerprint, Encoding.UTF8.GetString(data)];
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(shown is null ? all : [.. all, shown.Fingerprint])));
    }
}
