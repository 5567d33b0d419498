using System.Collections.Immutable;
using System.Globalization;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Binding;

/// <summary>Reads <c>tests</c>.</summary>
internal static class TestBinder
{
    private const int MostTests = 1_000;

    private static readonly ImmutableArray<(string, Effect)> Expectations =
        [("allow", Effect.Allow), ("deny", Effect.Deny), ("hide", Effect.Hide), ("approval", Effect.Approve)];

    private static readonly ImmutableArray<(string, ToolCategory)> Categories =
        [.. Enum.GetValues<ToolCategory>().Select(category => (category.ToString(), category))];

    public static List<BoundTest> Tests(Node? list, DiagnosticSink sink)
    {
        var tests = new List<BoundTest>();
        if (list is null || !Values.Is(list, NodeKind.Array, sink))
        {
            return tests;
        }

        if (list.Items.Count > MostTests)
        {
            sink.Error(list.Items[MostTests], $"there are more than {MostTests} tests", "keep the rest in files of cases");
        }

        foreach (var item in list.Items)
        {
            if (Test(item, sink) is { } test)
            {
                tests.Add(test);
            }
        }

        return tests;
    }

    private static BoundTest? Test(Node node, DiagnosticSink sink)
    {
        if (!Shape.Test.Check(node, sink))
        {
            return null;
        }

        var server = Values.Text(node.Find("server"), sink);
        var expected = Expected(node, sink);
        var facts = Call(node, Facts(node.Find("facts"), server, sink), sink);
        var rule = Values.Text(node.Find("rule"), sink);
        return facts is { } call && expected is { } effect ? new BoundTest(call, server, effect, rule, node) : null;
    }

    public static Effect? Expected(Node node, DiagnosticSink sink) => Values.Choice(node.Find("expect"), Expectations, sink);

    /// <summary>The members that a test and a case share: <c>call</c> and <c>now</c>. Null when there is no call to judge.</summary>
    public static CallFacts? Call(Node node, StatedFacts stated, DiagnosticSink sink)
    {
        var now = Instant(node.Find("now"), sink);
        if (node.Find("call") is not { } call || !Shape.Call.Check(call, sink))
        {
            return null;
        }

        var tool = Values.Text(call.Find("tool"), sink);
        var args = call.Find("args");
        if ((args is not null && !Values.Is(args, NodeKind.Object, sink)) || tool is null)
        {
            return null;
        }

        return new CallFacts(tool, ToolStanding.Reviewed)
        {
            Arguments = args is null ? default : args.ToElement(),
            Caller = stated.Caller,
            Category = stated.Category,
            Now = now,
        };
    }

    public static StatedFacts Facts(Node? node, string? server, DiagnosticSink sink)
    {
        if (node is null || !Shape.Facts.Check(node, sink))
        {
            return new StatedFacts(new CallerFacts(null, null, null, server, null), null);
        }

        var grant = Object(node.Find("grant"), Shape.GrantFacts, sink);
        var attributes = grant?.Find("attributes");
        var named = Values.Text(Object(node.Find("server"), Shape.Named, sink)?.Find("name"), sink);
        return new StatedFacts(
            new CallerFacts(
                Values.Text(grant?.Find("label"), sink),
                Values.Text(grant?.Find("identity"), sink),
                attributes is not null && Values.Is(attributes, NodeKind.Object, sink) ? Attributes(attributes, sink) : null,
                named ?? server,
                Values.Text(Object(node.Find("client"), Shape.Named, sink)?.Find("name"), sink)),
            Category(Object(node.Find("tool"), Shape.ToolFacts, sink)?.Find("category"), sink));
    }

    public static ToolCategory? Category(Node? node, DiagnosticSink sink) => Values.Choice(node, Categories, sink);

    private static Dictionary<string, string> Attributes(Node node, DiagnosticSink sink) =>
        node.Members.Where(member => Values.Is(member.Value, NodeKind.String, sink)).ToDictionary(member => member.Name, member => member.Value.Text, StringComparer.Ordinal);

    private static Node? Object(Node? node, Shape shape, DiagnosticSink sink) => node is not null && shape.Check(node, sink) ? node : null;

    /// <summary>2026-01-05, a Monday, at noon where the test does not say: equal documents must test equally on any day.</summary>
    private static DateTimeOffset Instant(Node? node, DiagnosticSink sink)
    {
        var fallback = new DateTimeOffset(2026, 1, 5, 12, 0, 0, TimeSpan.Zero);
        if (node is null || !Values.Is(node, NodeKind.String, sink))
        {
            return fallback;
        }

        if (DateTimeOffset.TryParseExact(node.Text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant))
        {
            return instant;
        }

        sink.Error(node, $"{Quote.User(node.Text)} is no instant", "write it as `2026-01-31T09:30:00Z`");
        return fallback;
    }
}

/// <summary>The <c>facts</c> of a test or a case.</summary>
internal readonly record struct StatedFacts(CallerFacts Caller, ToolCategory? Category);
