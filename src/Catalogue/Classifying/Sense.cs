namespace Callgate.Catalogue.Classifying;

/// <summary>How a word of the lexicon is written where it was found.</summary>
internal enum WordForm
{
    /// <summary>As a command: <c>delete</c>.</summary>
    Base,

    /// <summary>As a statement: <c>deletes</c>. The same letters may be the plural of a thing.</summary>
    Third,

    /// <summary><c>deleting</c>.</summary>
    Gerund,

    /// <summary><c>deleted</c>: says what happened to a thing, not what the tool does.</summary>
    Participle,
}

/// <summary>What the lexicon says of a word.</summary>
/// <param name="Verb">The base form.</param>
/// <param name="Category">What a tool does that does this.</param>
/// <param name="Strength">1 a hint, 2 usually, 3 plainly.</param>
/// <param name="IsNoun">The same letters also name a thing: <c>order</c>, <c>run</c>, <c>transfer</c>.</param>
/// <param name="Form">How it is written.</param>
/// <param name="Language">Two letters; <c>en</c> unless the word is of another language.</param>
internal sealed record Sense(string Verb, RiskCategory Category, int Strength, bool IsNoun, WordForm Form, string Language);
