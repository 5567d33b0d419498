namespace Callgate.Gateway.Audit;

/// <summary>
/// How long the index rests after a step. Calls need the processor more than searches that nobody makes, so it rests most of
/// the time while it stands at the end of the journal. Each step that does not reach the end halves its share of rest, down
/// to none: what is recorded faster than it can be indexed at rest must not fall out of searches.
/// </summary>
internal sealed class AuditIndexPace
{
    private const int MostRestPerWork = 19;

    private static readonly TimeSpan ShortestRest = TimeSpan.FromMilliseconds(250);

    private int restPerWork = MostRestPerWork;

    /// <param name="worked">How long the step took.</param>
    /// <param name="more">It did not reach the end of the journal.</param>
    public TimeSpan RestAfter(TimeSpan worked, bool more)
    {
        if (more)
        {
            restPerWork /= 2;
            return restPerWork * worked;
        }

        restPerWork = Math.Min(restPerWork + 1, MostRestPerWork);
        var rest = restPerWork * worked;
        return rest > ShortestRest ? rest : ShortestRest;
    }
}
