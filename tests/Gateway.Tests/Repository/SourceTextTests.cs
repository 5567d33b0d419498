using Xunit;

namespace Callgate.Gateway.Tests.Repository;

/// <summary>The other tests of this folder are worth as much as the scanner under them.</summary>
public sealed class SourceTextTests
{
    [Theory]
    [InlineData("a // {\nb", "ab")]
    [InlineData("a /* { \n */ b", "ab")]
    [InlineData("a '{' b '\\'' c", "abc")]
    [InlineData("a \"{ \\\" }\" b", "ab")]
    [InlineData("a @\"{ \\\" b", "ab")]
    [InlineData("a @\"x \"\" {\" b", "ab")]
    [InlineData("a $\"{x} {{ {y(\"}\")}\" b", "ab")]
    [InlineData("a \"\"\"\n { \"\" }\n\"\"\" b", "ab")]
    [InlineData("a $$\"\"\"\"\n \"\"\" {{x}}\n\"\"\"\" b", "ab")]
    [InlineData("a\n  #if X {\nb", "ab")]
    [InlineData("@class b", "@classb")]
    public void Mask_CommentOrLiteral_IsGone(string source, string left)
    {
        var masked = SourceText.Mask(source);
        Assert.Equal(left, string.Concat(masked.Where(static character => !char.IsWhiteSpace(character))));
        Assert.Equal(source.Length, masked.Length);
        Assert.Equal(source.Split('\n').Length, masked.Split('\n').Length);
    }

    [Fact]
    public void MemberBodies_EveryForm_IsMeasured()
    {
        const string Source = """
            namespace A;
            [Some(new[] { 1 })]
            public sealed record B(int C = 1) : D<int>(C) where T : class
            {
                private static readonly int[] Table = new[]
                {
                    1,
                };
                public int E { get; init; } = 3;
                public static bool operator ==(B left, B right) => left.C
                    == right.C;
                public void F<T>() where T : class
                {
                    if (true) { G(); }

                    G("}");
                }
                public int H => I switch
                {
                    1 => 2,
                    _ => 3,
                };
                private enum J { K, L }
            }
            """;

        var bodies = MemberBodies.Of(Source).Select(static body => (body.Header.Split(' ', '(')[^1], body.Lines)).ToList();
        Assert.Equal([0, 2, 3, 5], MemberBodies.Of(Source).Select(static body => body.Lines));
        Assert.Equal(4, bodies.Count);
    }

    [Fact]
    public void DeclaredTypes_EveryKind_IsFound() =>
        Assert.Equal(
            ["A", "B", "C", "D", "E", "F"],
            SourceTree.DeclaredTypes("class A { } record B(int X); record struct C; interface D { } enum E { } delegate int F(int x); // class G"));
}
