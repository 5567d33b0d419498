namespace Callgate.Policy.Judging;

/// <summary>What a condition is: true, false, or not to be known from this call (policy language, Conditions). The order makes <c>and</c> the lesser of two.</summary>
internal enum Truth
{
    False,
    Unknown,
    True,
}

/// <summary>The three-valued tables of the language.</summary>
internal static class Truths
{
    public static Truth Of(bool value) => value ? Truth.True : Truth.False;

    public static Truth And(this Truth left, Truth right) => left < right ? left : right;

    public static Truth Or(this Truth left, Truth right) => left > right ? left : right;

    public static Truth Not(this Truth value) => Truth.True - (int)value;
}
