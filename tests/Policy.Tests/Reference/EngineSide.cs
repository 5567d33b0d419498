namespace Callgate.Policy.Tests.Reference;

/// <summary>The engine, asked in the words of the naive evaluator.</summary>
internal static class Engine
{
    /// <summary>
    /// Loads a document, which must have no errors, and gives back what judges calls under it. The texts of codes, rules
    /// and limits are those that <see cref="NaiveDecision"/> describes.
    /// </summary>
    public static Func<NaiveFacts, NaiveDecision> Judge(byte[] documentBytes) => throw new NotImplementedException();
}
