namespace Callgate.Policy.Judging;

/// <summary>
/// A pattern as steps: take a code point of a set and go on, go both ways, or stand at one end of the text. Repetitions are
/// written out, so their number of steps is the size of the pattern.
/// </summary>
internal sealed class PatternProgram
{
    /// <summary>Steps that take a code point. The cost of a match is at most the length of the text times these, times a sixty-fourth of these.</summary>
    public const int MostTaking = 1_024;

    private const int MostSteps = 8_192;

    private readonly List<Step> steps = [];
    private readonly List<CodePointSet> sets = [];
    private readonly List<int> places = []; // of the taking steps among all

    private PatternProgram()
    {
    }

    private enum StepKind
    {
        Take,
        Fork,
        TextStart,
        TextEnd,
        Accept,
    }

    /// <summary>Whether any step stands at the end of the text; otherwise a place is as good there as elsewhere.</summary>
    public bool AsksForEnd { get; private set; }

    /// <summary>The set of each taking step, in their order.</summary>
    public IReadOnlyList<CodePointSet> Sets => sets;

    /// <summary>Null when the pattern is too large.</summary>
    public static PatternProgram? Of(PatternNode pattern)
    {
        var program = new PatternProgram();
        if (!program.TryEmit(pattern))
        {
            return null;
        }

        program.steps.Add(new Step(StepKind.Accept, 0, 0));
        return program;
    }

    /// <summary>The taking steps that come next, without taking anything, from the beginning of the pattern.</summary>
    /// <param name="atStart">Whether that is at the start of the text.</param>
    /// <param name="atEnd">Whether that is at the end of the text.</param>
    public Reach FromBeginning(bool atStart, bool atEnd) => Close(0, atStart, atEnd);

    /// <summary>The taking steps that come next after one of them.</summary>
    public Reach After(int taking, bool atEnd) => Close(places[taking] + 1, false, atEnd);

    private bool TryEmit(PatternNode node)
    {
        if (steps.Count >= MostSteps || sets.Count > MostTaking)
        {
            return false;
        }

        switch (node)
        {
            case PatternNode.OneOf one:
                places.Add(steps.Count);
                steps.Add(new Step(StepKind.Take, sets.Count, 0));
                sets.Add(one.Set);
                return sets.Count <= MostTaking;
            case PatternNode.TextStart:
                steps.Add(new Step(StepKind.TextStart, 0, 0));
                return true;
            case PatternNode.TextEnd:
                AsksForEnd = true;
                steps.Add(new Step(StepKind.TextEnd, 0, 0));
                return true;
            case PatternNode.Sequence sequence:
                return sequence.Parts.All(TryEmit);
            case PatternNode.Choice choice:
                return TryEmitChoice(choice);
            default:
                return TryEmitRepeat((PatternNode.Repeat)node);
        }
    }

    private bool TryEmitChoice(PatternNode.Choice choice)
    {
        var exits = new List<int>();
        for (var i = 0; i < choice.Branches.Length - 1; i++)
        {
            var fork = Fork();
            if (!TryEmit(choice.Branches[i]))
            {
                return false;
            }

            exits.Add(Fork());
            steps[fork] = new Step(StepKind.Fork, fork + 1, steps.Count);
        }

        var emitted = TryEmit(choice.Branches[^1]);
        exits.ForEach(exit => steps[exit] = new Step(StepKind.Fork, steps.Count, steps.Count));
        return emitted;
    }

    private bool TryEmitRepeat(PatternNode.Repeat repeat)
    {
        var turn = steps.Count;
        for (var i = 0; i < repeat.Least; i++)
        {
            // A step for each turn: an empty body repeated a thousand times a thousand times must end, too.
            turn = Fork();
            steps[turn] = new Step(StepKind.Fork, turn + 1, turn + 1);
            if (!TryEmit(repeat.Body))
            {
                return false;
            }
        }

        if (repeat is { Most: null, Least: > 0 })
        {
            steps.Add(new Step(StepKind.Fork, turn, steps.Count + 1));
            return true;
        }

        var exits = new List<int>();
        for (var i = repeat.Least; i < (repeat.Most ?? 1); i++)
        {
            exits.Add(Fork());
            if (!TryEmit(repeat.Body))
            {
                return false;
            }
        }

        if (repeat.Most is null)
        {
            steps.Add(new Step(StepKind.Fork, turn, turn));
        }

        exits.ForEach(exit => steps[exit] = new Step(StepKind.Fork, exit + 1, steps.Count));
        return true;
    }

    private int Fork()
    {
        steps.Add(new Step(StepKind.Fork, 0, 0));
        return steps.Count - 1;
    }

    private Reach Close(int from, bool atStart, bool atEnd)
    {
        var reach = new Reach(new ulong[(sets.Count + 63) / 64]);
        var seen = new bool[steps.Count];
        var open = new Stack<int>([from]);
        while (open.TryPop(out var at))
        {
            if (seen[at])
            {
                continue;
            }

            seen[at] = true;
            var step = steps[at];
            switch (step.Kind)
            {
                case StepKind.Take:
                    reach.Taking[step.First >> 6] |= 1UL << (step.First & 63);
                    break;
                case StepKind.Fork:
                    open.Push(step.First);
                    open.Push(step.Second);
                    break;
                case StepKind.Accept:
                    reach = reach with { Accepts = true };
                    break;
                default:
                    if (step.Kind == StepKind.TextStart ? atStart : atEnd)
                    {
                        open.Push(at + 1);
                    }

                    break;
            }
        }

        return reach;
    }

    /// <summary>A bit for each taking step, and whether the pattern can end here.</summary>
    internal readonly record struct Reach(ulong[] Taking, bool Accepts = false);

    private readonly record struct Step(StepKind Kind, int First, int Second);
}
