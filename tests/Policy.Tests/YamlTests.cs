using System.Text;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Tests;

/// <summary>YAML and JSON spell one document alike; what is wrong with a text of YAML is in <c>Cases/Diagnostics/yaml.json</c>.</summary>
public sealed class YamlTests
{
    private const int Seed = 271_828;

    private static readonly string[] Parts =
    [
        "version: \"1\"\n", "default: deny\n", "tools:\n", "  x: {}\n", "  \"a*\":\n", "    limits:\n", "      - { counter: c, window: day, max: 1 }\n",
        "hide: [", "]", "{", "}", ", ", ": ", "- ", "? ", "\n", "\r\n", "\t", "  ", "'", "\"", "|\n", ">-\n", "#", "&a ", "*a", "!x ", "<<: ", "---\n", "...\n", "%YAML 1.2\n",
        "\\ud800", "\\x41", "0x1f", "1e999", "-0", "~", "null", "true", "yes", "é", "😀", "\u2028", "\ufeff", "@", "`", "[[[[", "]]]]",
    ];

    public static TheoryData<string, string> Pairs => new()
    {
        { "{\"a\":1}", "a: 1" },
        { "{\"a\":[1,-2.50,1e3,0,-0]}", "a: [1, -2.50, 1e3, 0, -0]" },
        { "{\"a\":[true,true,true,false,false,false]}", "a: [true, True, TRUE, false, False, FALSE]" },
        { "{\"a\":[null,null,null,null,null]}", "a:\n- null\n- Null\n- NULL\n- ~\n-\n" },
        { "{\"a\":[\"yes\",\"No\",\"on\",\"1_000\",\"12:30\",\"2026-01-05\",\"tRUE\",\"1e\",\"0b1\",\"0X1F\",\"- \",\"_1\"]}", "a: [yes, No, on, 1_000, 12:30, 2026-01-05, tRUE, 1e, 0b1, 0X1F, '- ', _1]" },
        { "{\"a\":[\"1\",\"true\",\"null\",\"\",\"~\"]}", "a: ['1', \"true\", 'null', '', \"~\"]" },
        { "{\"a\":\"it's \\\"so\\\"\",\"b\":\"\\u0007é😀\\n\"}", "a: 'it''s \"so\"'\nb: \"\\a\\xe9\\U0001F600\\n\"" },
        { "{\"a\":\"x\\n y\\n\",\"b\":\"x y\",\"c\":\"x\\n\\ny\\n\"}", "a: |\n  x\n   y\nb: >-\n  x\n  y\nc: |+\n  x\n\n  y\n" },
        { "{\"a\":\"two lines\",\"b\":\"two lines\"}", "a: two\n  lines\nb: \"two\n  lines\"" },
        { "{\"a\":{\"b\":{\"c\":[[],{},[{}]]}}}", "a:\n  b:\n    c:\n    - []\n    - {}\n    - - {}\n" },
        { "{\"a b\":\"x\",\"c#d\":\"e#f\",\"g\":\"h\"}", "a b: x\nc#d: e#f\ng: h # i" },
        { "{\"\":1,\"1\":2,\"true\":3,\"<<\":4,\"*\":5}", "'': 1\n\"1\": 2\n'true': 3\n'<<': 4\n'*': 5\n" },
        { "{\"a\":\"|\",\"b\":\"x: y\",\"c\":\"[z]\"}", "{ a: \"|\", b: 'x: y', c: \"[z]\" }" },
        { "[1,\"two\",{\"three\":null}]", "- 1\n- two\n- three:\n" },
        { "{\"a\":1}", "# before\r\n---\r\na: 1\r\n...\r\n# after\r\n" },
        { "{\"a\":{\"b\":1,\"c\":[2]}}", "{\"a\":{\"b\":1,\"c\":[2]}}" },
    };

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Read_PairOfSpellings_GivesOneTree(string json, string yaml)
    {
        var (sink, other) = (Sink(json), Sink(yaml));
        var (one, two) = (PolicySyntax.Json.Read(sink), PolicySyntax.Yaml.Read(other));

        Assert.Empty(sink.Errors.Concat(other.Errors));
        Assert.Equal(Shown(one!), Shown(two!));
    }

    [Fact]
    public void Compile_EverySeedAsYaml_DecidesAsItsJson()
    {
        foreach (var file in Directory.GetFiles(Texts.Path("Seeds")))
        {
            // JSON is YAML too, as long as no tab indents it.
            var bytes = File.ReadAllBytes(file);
            var (json, yaml) = (PolicyCompiler.Compile(bytes), PolicyCompiler.Compile(bytes, PolicySyntax.Yaml));

            Assert.Empty(json.Diagnostics.Concat(yaml.Diagnostics));
            Assert.Equal(json.Warnings.AsEnumerable(), yaml.Warnings);
        }
    }

    [Fact]
    public void Read_EveryValue_StandsWhereItsTextBegins()
    {
        const string Text = "é: \"😀a\"\n😀: [ä, b, {c: 12}]\r\nd: 'x'\n";
        var root = PolicySyntax.Yaml.Read(Sink(Text))!;
        var bytes = Encoding.UTF8.GetBytes(Text);

        string At(Node node) => Encoding.UTF8.GetString(bytes.AsSpan(node.Offset, 2));
        Assert.Equal("\"\ufffd", At(root.Find("é")!));
        Assert.Equal("[\ufffd", At(root.Find("😀")!));
        Assert.Equal("b,", At(root.Find("😀")!.Items[1]));
        Assert.Equal("12", At(root.Find("😀")!.Items[2].Find("c")!));
        Assert.Equal("'x", At(root.Find("d")!));
        Assert.Equal("d:", Encoding.UTF8.GetString(bytes.AsSpan(root.Members[2].Offset, 2)));
    }

    [Theory]
    [InlineData("a.yaml", "YAML")]
    [InlineData("folder.yml/a.YML", "YAML")]
    [InlineData("a.json", "JSON")]
    [InlineData("folder.yml/a", "JSON")]
    [InlineData("yaml", "JSON")]
    public void OfFileName_Name_TellsTheSyntax(string name, string syntax) => Assert.Equal(syntax, PolicySyntax.OfFileName(name).Name);

    [Fact]
    public void ToJson_Yaml_GivesTheSameDocument()
    {
        var json = PolicySyntax.Yaml.ToJson(Encoding.UTF8.GetBytes("version: \"1\"\ndefault: deny\ndescription: é\"\ntools: { a: { rate_limit: { max: 1.50, window: 6e1 } } }\n"), out var diagnostics);

        Assert.Empty(diagnostics);
        Assert.Equal(
            """{"version":"1","default":"deny","description":"é\"","tools":{"a":{"rate_limit":{"max":1.50,"window":6e1}}}}""",
            Encoding.UTF8.GetString(json!));
    }

    [Fact]
    public void ToJson_WhatCannotBeRead_SaysWhy()
    {
        Assert.Null(PolicySyntax.Yaml.ToJson("a: 1\na: 2\n"u8.ToArray(), out var twice));
        Assert.Equal((2, "the member `a` is here twice"), (Assert.Single(twice).Line, twice[0].Message));
        Assert.Null(PolicySyntax.Json.ToJson("{"u8.ToArray(), out var cut));
        Assert.Single(cut);
    }

    [Fact]
    public void ToJson_LargerOnceItIsJson_IsRefused()
    {
        var list = "[" + string.Join(',', Enumerable.Repeat("a", 500_000)) + "]";

        Assert.Null(PolicySyntax.Yaml.ToJson(Encoding.UTF8.GetBytes(list), out var diagnostics));
        Assert.Equal("the document is larger than 1 MiB once it is JSON", Assert.Single(diagnostics).Message);
    }

    [Fact]
    public void Compile_RandomPieces_NeverThrows()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 30_000; i++)
        {
            Check(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, random.Next(24)).Select(_ => Parts[random.Next(Parts.Length)]))));
        }
    }

    [Fact]
    public void Compile_RandomBytes_NeverThrows()
    {
        var random = new Random(Seed);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(64)];
            random.NextBytes(bytes);
            for (var at = 0; at < bytes.Length; at++)
            {
                bytes[at] = i % 2 == 0 ? bytes[at] : (byte)(bytes[at] % 95 + 32);
            }

            Check(bytes);
        }
    }

    [Fact]
    public void ReadAndCompile_DamagedFiles_NeverThrow()
    {
        var random = new Random(Seed);
        var files = Directory.GetFiles(Texts.Path("Cases"), "*.yaml").Concat(Directory.GetFiles(Texts.Path("examples/policies"), "*.yaml")).Select(File.ReadAllBytes).ToList();
        for (var i = 0; i < 1_500; i++)
        {
            var bytes = files[random.Next(files.Count)].ToArray();
            for (var damage = random.Next(1, 4); damage > 0; damage--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : " \t\n:-[]{},\"'#&*!|>%@`?"[random.Next(22)]);
            }

            Check(bytes);
            var reading = CaseFile.Read(bytes, PolicySyntax.Yaml, _ => null);
            Assert.Equal(reading.Cases is null, reading.Diagnostics.Length + reading.PolicyDiagnostics.Length > 0);
            reading.Cases?.Run();
        }
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{")]
    [InlineData("- ")]
    [InlineData("? ")]
    [InlineData("a: ")]
    [InlineData("\"")]
    [InlineData("a\n ")]
    [InlineData("#")]
    [InlineData("&a ")]
    public void Compile_OneThingRepeatedToTheBound_EndsInAFinding(string part) =>
        Assert.NotEmpty(PolicyCompiler.Compile(Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(part, (1 << 20) / part.Length))), PolicySyntax.Yaml).Diagnostics);

    private static void Check(byte[] bytes)
    {
        var compilation = PolicyCompiler.Compile(bytes, PolicySyntax.Yaml);
        Assert.True(compilation.Policy is null != compilation.Diagnostics.IsEmpty, Convert.ToHexString(bytes));
        var lines = bytes.Count(one => one == '\n') + 1;
        foreach (var found in compilation.Diagnostics.Concat(compilation.Warnings))
        {
            Assert.True(found.Line >= 1 && found.Line <= lines && found.Column >= 1 && found.Column <= bytes.Length + 1, Convert.ToHexString(bytes));
            Assert.DoesNotContain('\n', found.Message);
        }

        if (PolicySyntax.Yaml.ToJson(bytes, out _) is { } json)
        {
            Assert.Equal(Messages(compilation), Messages(PolicyCompiler.Compile(json)));
        }
    }

    private static IEnumerable<string> Messages(PolicyCompilation compilation) =>
        compilation.Diagnostics.Select(found => found.Message).Order(StringComparer.Ordinal);

    private static DiagnosticSink Sink(string text) => new(new SourceText(Encoding.UTF8.GetBytes(text)));

    private static string Shown(Node node) => node.Kind switch
    {
        NodeKind.Object => "{" + string.Join(',', node.Members.Select(member => $"<{member.Name}>{member.Value.Pointer}:{Shown(member.Value)}")) + "}",
        NodeKind.Array => "[" + string.Join(',', node.Items.Select(Shown)) + "]",
        _ => $"{node.Kind} <{node.Text}>",
    };
}
