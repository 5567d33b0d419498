using System.Text;

namespace Callgate.Gateway.Tests.Hostile.Suite;

/// <summary>One text of the classes that JSON parsers are known to differ on.</summary>
/// <param name="Name">The class: <c>n_</c> every reader must refuse, <c>y_</c> every reader must take, <c>i_</c> is the reader's choice.</param>
/// <param name="Refused">Why it is refused here; null for what is taken.</param>
internal sealed record JsonCase(string Name, byte[] Bytes, string? Refused)
{
    public override string ToString() => Name;
}

/// <summary>The classes by name and our own bytes for each.</summary>
internal static partial class JsonCases
{
    public const string NoJson = "no JSON";

    /// <summary>The reasons for which more is refused than the specification of JSON asks; each must be met by some case.</summary>
    public const string RepeatedMember = "a member stands twice, and readers differ on which they take";
    public const string LoneSurrogate = "half of a surrogate pair is no text, and readers differ on what they put in its place";
    public const string NoUtf8 = "the text is not UTF-8, and readers differ on what they put in its place";
    public const string TooDeep = "more than 64 levels";
    public const string ByteOrderMark = "a byte order mark is no part of JSON, and readers differ on whether they skip it";

    public static IReadOnlyList<string> StricterReasons { get; } = [RepeatedMember, LoneSurrogate, NoUtf8, TooDeep, ByteOrderMark];

    public static IReadOnlyList<JsonCase> All => [.. MustFail, .. MustPass, .. Open];

    private static byte[] Utf8(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Hex(string hex) => Convert.FromHexString(hex);

    private static byte[] Many(string hex, int times) => [.. Enumerable.Repeat(Convert.FromHexString(hex), times).SelectMany(static bytes => bytes)];

    private static byte[] Nested(int depth) => Utf8(new string('[', depth) + new string(']', depth));
}
