using System.Reflection;

namespace Callgate.Mutation;

/// <summary>The class that Stryker puts into the assembly it mutates: which mutant is active, and which ones were passed.</summary>
internal sealed class MutantSwitch(Assembly mutated)
{
    /// <summary>No mutant at all.</summary>
    public const int None = -1;

    private readonly Type control = mutated.GetTypes().SingleOrDefault(static type => type.Name == "MutantControl") ?? throw new InvalidOperationException("the assembly holds no mutants");

    public void Activate(int mutant) => Field("ActiveMutant").SetValue(null, mutant);

    /// <summary>The mutants that were passed while <paramref name="action"/> ran, none of them active.</summary>
    public IReadOnlyCollection<int> Covered(Action action)
    {
        Method("ResetCoverage").Invoke(null, null);
        Field("CaptureCoverage").SetValue(null, true);
        try
        {
            action();
        }
        finally
        {
            Field("CaptureCoverage").SetValue(null, false);
        }

        var lists = (IList<int>[])Method("GetCoverageData").Invoke(null, null)!;
        return [.. lists.SelectMany(static list => list).Distinct()];
    }

    private FieldInfo Field(string name) => control.GetField(name)!;

    private MethodInfo Method(string name) => control.GetMethod(name)!;
}
