using Callgate.Gateway.Tests.Hostile.Inputs;
using Xunit;

namespace Callgate.Gateway.Tests.Hostile;

/// <summary>
/// The classes of bad input of the attack table, whole, for every era they exist in. Each input is held to four oracles:
/// the answer, what the upstream saw, the record, and a good call afterwards.
/// </summary>
[Collection(HostileCollection.Name)]
public sealed class HostileInputTests(HostileGate hostile)
{
    /// <summary>The class, its era, and how many inputs it must have at the least; a table that lost its rows proves nothing.</summary>
    public static TheoryData<string, Era, int> Classes { get; } = new()
    {
        { "A03", Era.Modern, 120 }, { "A03", Era.Legacy, 120 }, { "A03", Era.Batches, 120 },
        { "A04", Era.Modern, 300 }, { "A04", Era.Legacy, 300 },
        { "A05", Era.Modern, 80 }, { "A05", Era.Legacy, 80 },
        { "A06", Era.Modern, 1_000 }, { "A06", Era.Legacy, 1_000 },
        { "A20", Era.Modern, 27 }, { "A20", Era.Legacy, 27 }, { "A20", Era.Batches, 30 },
        { "A21", Era.Modern, 140 }, { "A21", Era.Legacy, 140 }, { "A21", Era.Batches, 140 },
        { "A22", Era.Modern, 80 }, { "A22", Era.Legacy, 80 }, { "A22", Era.Batches, 80 },
        { "A25", Era.Modern, 30 }, { "A25", Era.Legacy, 9 }, { "A25", Era.Batches, 9 },
        { "A32", Era.Modern, 19 }, { "A32", Era.Legacy, 19 },
        { "A33", Era.Modern, 80 }, { "A33", Era.Legacy, 80 },
        { "A51", Era.Modern, 80 }, { "A51", Era.Legacy, 80 }, { "A51", Era.Batches, 80 },
        { "A53", Era.Modern, 300 }, { "A53", Era.Legacy, 300 },
        { "A54", Era.Modern, 40 },
    };

    [Theory]
    [MemberData(nameof(Classes))]
    public async Task Input_OfAClass_IsRefusedRecordedOnceAndNeverSent(string attack, Era era, int least)
    {
        var faults = new List<string>();
        var count = 0;
        foreach (var input in Inputs(attack, era))
        {
            count++;
            if (await hostile.FaultOfAsync(era, input) is { } fault)
            {
                faults.Add(fault);
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count} of {count}:\n{string.Join('\n', faults.Take(20))}");
        Assert.True(count >= least, $"{count} inputs instead of at least {least}");
    }

    private IEnumerable<HostileInput> Inputs(string attack, Era era) => attack switch
    {
        "A03" => NameInputs.Inputs(era),
        "A04" => MemberInputs.Variants(era),
        "A05" => MemberInputs.Twice(era),
        "A06" => MemberInputs.UnseenCharacters(era),
        "A20" => ShapeInputs.Batches(era),
        "A21" => ShapeInputs.OddMessages(era),
        "A22" => ShapeInputs.ForgedAnswers(era),
        "A25" => HeaderInputs.Mismatches(hostile, era),
        "A32" => EncodingInputs.Bombs(hostile, era),
        "A33" => EncodingInputs.Encodings(hostile, era),
        "A51" => ShapeInputs.WrongParams(era),
        "A53" => MemberInputs.Escaped(era),
        _ => HeaderInputs.BentMirrors(hostile, era),
    };
}
