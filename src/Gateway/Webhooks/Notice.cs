using System.Text.Json;
using Callgate.Gateway.Approvals;

namespace Callgate.Gateway.Webhooks;

/// <summary>What receivers are told: how an approval stood when it became so.</summary>
/// <param name="Id">The same however often it is sent, so that a receiver can drop what it has already.</param>
/// <param name="Approval">Without what the call carries.</param>
/// <param name="Arguments">The names of its arguments; null once the approval is settled, when they are no longer kept.</param>
public sealed record Notice(string Id, DateTimeOffset Queued, Approval Approval, IReadOnlyList<string>? Arguments)
{
    private const int MostNames = 64;
    private const int LongestName = 128;

    public bool IsQuestion => Approval.State == ApprovalState.Pending;

    public string Event => IsQuestion ? "approval.asked" : "approval." + Approval.State.ToString().ToLowerInvariant();

    public static Notice Of(Approval approval, DateTimeOffset now) =>
        new(Identifiers.New(now), now, approval with { Data = null }, approval.Data is { } data ? Names(data) : null);

    private static string[] Names(string data) =>
        JsonElement.Parse(data, new JsonDocumentOptions { MaxDepth = 256 }).TryGetProperty("arguments"u8, out var arguments) && arguments.ValueKind == JsonValueKind.Object
            ? [.. arguments.EnumerateObject().Take(MostNames).Select(static member => Cut(member.Name))]
            : [];

    private static string Cut(string name) =>
        name.Length <= LongestName ? name : name[..(char.IsHighSurrogate(name[LongestName - 1]) ? LongestName - 1 : LongestName)] + "…";
}

/// <summary>What one receiver is still to be told.</summary>
/// <param name="First">The oldest; null when there is none.</param>
/// <param name="Dropped">How many were too many and are gone.</param>
public sealed record Owed(Notice? First, int Waiting, int Dropped);
