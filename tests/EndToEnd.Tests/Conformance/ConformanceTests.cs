using Callgate.Fixtures;
using Xunit;

namespace Callgate.EndToEnd.Tests.Conformance;

/// <summary>
/// The official conformance suite, with a bearer token, against the fixture server directly and through the real gate: what
/// passes directly passes through the gate, check for check.
/// </summary>
public sealed class ConformanceTests
{
    /// <summary>
    /// Scenarios with limits of half a second to two seconds of their own, or in which a stream is cut while an answer is
    /// made. On a busy machine they end differently now and then, so they may run again. All others have one run.
    /// </summary>
    private static readonly string[] Raced = ["server-sse-polling", "server-sse-multiple-streams", "server-stateless"];

    /// <summary>The extension that the fixture server does not implement, and the gate does not serve. It fails, and alike.</summary>
    private const string NotImplemented = "tasks-";

    private const int Reruns = 2;

    public static TheoryData<string, AnswerForm, int> Revisions => new()
    {
        { "2025-11-25", AnswerForm.Sse, 84 },
        { "2026-07-28", AnswerForm.Sse, 165 },
        { "2026-07-28", AnswerForm.Json, 164 },
    };

    public static TheoryData<string, int> OlderVersions => new() { { "2025-03-26", 3 }, { "2025-06-18", 56 } };

    [Theory]
    [MemberData(nameof(Revisions))]
    public async Task Suite_OfARevision_EndsThroughTheGateAsDirectly(string revision, AnswerForm answers, int passed)
    {
        await using var passage = await Passage.StartAsync(new FixtureOptions { Answers = answers, PrimeEvents = true });

        var (direct, gated) = await SettledAsync(passage, revision, ["--requirements", revision]);

        var scored = SuiteRun.Scored(revision);
        Assert.True(scored.Count >= 30, $"the suite demands only {scored.Count} scenarios for {revision}");
        Assert.DoesNotContain(scored, scenario => direct.Of(scenario).All(static check => check.Status != "SUCCESS"));
        AssertPassed(direct, passed);
        AssertAlike(passage, direct, gated);
    }

    [Theory]
    [MemberData(nameof(OlderVersions))]
    public async Task Suite_OfAnOlderVersion_EndsThroughTheGateAsDirectly(string version, int passed)
    {
        await using var passage = await Passage.StartAsync(new FixtureOptions());

        var (direct, gated) = await SettledAsync(passage, version, ["--suite", "all", "--spec-version", version]);

        AssertPassed(direct, passed);
        AssertAlike(passage, direct, gated);
    }

    [Fact]
    public async Task Suite_WithoutTheToken_PassesNeitherWay()
    {
        await using var passage = await Passage.StartAsync(new FixtureOptions());

        var direct = await SuiteRun.AgainstAsync(passage.Direct, token: null, "--scenario", "ping");
        var gated = await SuiteRun.AgainstAsync(passage.Gated, token: null, "--scenario", "ping");

        Assert.Contains(direct.Checks, static check => check is { Id: "ping", Status: "FAILURE" });
        Assert.Contains(gated.Checks, static check => check is { Id: "ping", Status: "FAILURE" });
    }

    [Fact]
    public async Task Difference_PlantedInThePolicy_IsFound()
    {
        await using var passage = await Passage.StartAsync(new FixtureOptions(), """{ "version": "1", "default": "allow" }""");

        var (direct, gated) = await passage.RunAsync("--scenario", "prompts-list");

        Assert.Contains(Differences(direct, gated), static line => line.StartsWith("prompts-list: `prompts-list`", StringComparison.Ordinal));
    }

    /// <summary>Both runs, after scenarios that may end by chance have had another.</summary>
    private static async Task<(SuiteRun Direct, SuiteRun Gated)> SettledAsync(Passage passage, string version, string[] selection)
    {
        var (direct, gated) = await passage.RunAsync(selection);
        foreach (var scenario in Raced.Where(direct.Scenarios.ContainsKey))
        {
            for (var again = 0; again < Reruns && (HasFailed(direct, scenario) || DifferencesIn(scenario, direct, gated).Any()); again++)
            {
                var (straight, through) = await passage.RunAsync("--scenario", scenario, "--spec-version", version);
                (direct, gated) = (direct.With(scenario, straight), gated.With(scenario, through));
            }
        }

        return (direct, gated);
    }

    /// <summary>Two runs that failed alike are equal too, so the direct one must have passed: the right number of checks, and no failure.</summary>
    private static void AssertPassed(SuiteRun direct, int passed)
    {
        var failed = direct.Scenarios.Keys.Where(scenario => HasFailed(direct, scenario) && !scenario.StartsWith(NotImplemented, StringComparison.Ordinal)).Order(StringComparer.Ordinal);
        var told = failed.SelectMany(scenario => direct.Of(scenario).Where(static check => check.Status == "FAILURE").Select(check => $"{scenario}: `{check.Id}` ({check.Name}): {check.Error}"));
        Assert.True(!failed.Any(), $"the fixture server itself fails:\n{string.Join('\n', told)}\n{direct.Peer.Errors}");
        var count = direct.Checks.Count(static check => check.Status == "SUCCESS");
        Assert.True(count >= passed, $"directly {count} checks pass; there were {passed}\n{direct.Peer.All}");
    }

    private static void AssertAlike(Passage passage, SuiteRun direct, SuiteRun gated)
    {
        var differences = Differences(direct, gated);
        Assert.True(differences.Count == 0, $"{differences.Count} differences:\n{string.Join('\n', differences)}\n{gated.Peer.Errors}\nthe gate said:\n{passage.Gate.Errors}");

        // Not around the gate: the server behind it was asked, and never with the client's token.
        Assert.True(passage.Upstream.Recording.Requests.Count > 0);
        Assert.DoesNotContain(passage.Upstream.Recording.Requests, static request => request.Headers.Any(static header => header.Value.Contains(Passage.GrantToken, StringComparison.Ordinal)));
    }

    private static bool HasFailed(SuiteRun run, string scenario) => run.Of(scenario).Any(static check => check.Status == "FAILURE");

    private static IReadOnlyList<string> Differences(SuiteRun direct, SuiteRun gated) =>
        [.. direct.Scenarios.Keys.Union(gated.Scenarios.Keys, StringComparer.Ordinal).Order(StringComparer.Ordinal).SelectMany(scenario => DifferencesIn(scenario, direct, gated))];

    /// <summary>The same checks with the same ends, each as often; the order in which they were written down says nothing.</summary>
    private static IEnumerable<string> DifferencesIn(string scenario, SuiteRun direct, SuiteRun gated)
    {
        var straight = direct.Of(scenario).ToLookup(static check => (check.Id, check.Name));
        var through = gated.Of(scenario).ToLookup(static check => (check.Id, check.Name));
        return straight.Select(static group => group.Key).Union(through.Select(static group => group.Key))
            .Where(key => Ends(straight[key]) != Ends(through[key]))
            .Select(key => $"{scenario}: `{key.Id}` ({key.Name}) directly {Ends(straight[key])}, through the gate {Ends(through[key])}: "
                + string.Join("; ", straight[key].Concat(through[key]).Select(static check => check.Error).OfType<string>()));
    }

    private static string Ends(IEnumerable<SuiteCheck> checks) =>
        string.Join(' ', checks.Select(static check => check.Status).Order(StringComparer.Ordinal)) is { Length: > 0 } ends ? ends : "absent";
}
