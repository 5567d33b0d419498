using System.Text;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Tests;

/// <summary>Any bytes give a policy or findings, never an exception, and every finding stands inside the document.</summary>
public sealed class FuzzTests
{
    private const int Seed = 161_803;

    private static readonly string[] Parts =
    [
        "{", "}", "[", "]", ",", ":", "\"", "\\", "\"version\":\"1\"", "\"default\":\"deny\"", "\"tools\":{", "\"hide\":[", "\"limits\":[",
        "\"rate_limit\":{\"max\":1,\"window\":60}", "\"x\":{}", "\"*\"", "\"a*\":{", "\\ud800", "\\u0000", "1e999", "-0", "null", "true",
        "\n", "\r\n", "\t", " ", "//", "é", "😀", "\ufeff", "\"counter\":\"x_rate\"", "\"max\":", "\"window\":\"day\"",
    ];

    [Fact]
    public void Compile_RandomBytes_NeverThrows()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            Check(bytes);
        }
    }

    [Fact]
    public void Compile_RandomPiecesOfTheLanguage_NeverThrows()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            Check(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(30)).Select(_ => Parts[random.Next(Parts.Length)]))));
        }
    }

    [Fact]
    public void Compile_DamagedDocuments_NeverThrows()
    {
        var random = new Random(Seed);
        var documents = Directory.GetFiles(Texts.Path("Seeds"))
            .Select(File.ReadAllBytes)
            .Concat(Directory.GetFiles(Texts.Path("Cases"), "*.cases.yaml").Select(PolicyOf).OfType<byte[]>())
            .ToList();
        for (var i = 0; i < 10_000; i++)
        {
            var bytes = documents[random.Next(documents.Count)].ToArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            Check(bytes.AsSpan(0, random.Next(4) == 0 ? random.Next(bytes.Length) : bytes.Length).ToArray());
        }
    }

    [Fact]
    public void Compile_EveryCutOfADocument_IsRefusedWithOnePlace()
    {
        var whole = Encoding.UTF8.GetBytes("{\"version\":\"1\",\n \"default\":\"deny\", \"hide\":[\"é😀\\n\"], \"tools\":{\"x\":{\"rate_limit\":{\"max\":1.5e1,\"window\":60}}}}");
        for (var length = 0; length < whole.Length; length++)
        {
            var compilation = PolicyCompiler.Compile(whole.AsMemory(0, length));
            Assert.Single(compilation.Diagnostics);
        }

        Assert.Empty(PolicyCompiler.Compile(whole).Diagnostics);
    }

    /// <summary>The policy that stands in a file of cases, as JSON.</summary>
    private static byte[]? PolicyOf(string file) =>
        PolicySyntax.Yaml.Read(new DiagnosticSink(new SourceText(File.ReadAllBytes(file))))!.Find("policy") is { Kind: NodeKind.Object } policy ? policy.ToUtf8() : null;

    private static void Check(byte[] bytes)
    {
        var compilation = PolicyCompiler.Compile(bytes);
        Assert.True(compilation.Policy is null != compilation.Diagnostics.IsEmpty, Convert.ToHexString(bytes));
        var lines = bytes.Count(one => one == '\n') + 1;
        foreach (var found in compilation.Diagnostics.Concat(compilation.Warnings))
        {
            Assert.True(found.Line >= 1 && found.Line <= lines && found.Column >= 1 && found.Column <= bytes.Length + 1, Convert.ToHexString(bytes));
            Assert.DoesNotContain('\n', found.Message);
        }

        compilation.Policy?.Decide("x");
    }
}
