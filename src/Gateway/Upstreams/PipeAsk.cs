namespace Callgate.Gateway.Upstreams;

/// <summary>A request of the upstream that waits for its answer.</summary>
/// <param name="Owner">Who was given it and may answer; null while it waits for a listener.</param>
/// <param name="Exchange">The request it was made in; null on a listening stream.</param>
internal sealed record PipeAsk(PipeConversation? Owner, PipeExchange? Exchange);
