namespace Callgate.Gateway.Upstreams;

/// <summary>What a pipe received and could give to nobody, since it began.</summary>
/// <param name="Malformed">Messages that strict reading refuses.</param>
/// <param name="UnmatchedResponses">Responses to an id that is unknown, answered already or given up.</param>
/// <param name="RepeatedRequests">Requests of the upstream under an id that still waits for its answer, and those beyond the bound.</param>
/// <param name="Unrouted">Notifications about a request that is not in flight.</param>
/// <param name="Overflowed">Messages dropped, oldest first, because nobody listened for too long.</param>
public readonly record struct PipeCounts(long Malformed, long UnmatchedResponses, long RepeatedRequests, long Unrouted, long Overflowed)
{
    public long Total => Malformed + UnmatchedResponses + RepeatedRequests + Unrouted + Overflowed;
}
