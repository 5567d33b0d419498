using System.Globalization;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Running;

/// <summary>Steps that are no request: what operators and upstreams do meanwhile, and what has to be so afterwards.</summary>
internal sealed class OtherStep(Stage stage, StepRunner runner)
{
    /// <summary>What is wrong; null when nothing is.</summary>
    public async Task<string?> RunAsync(string kind, JsonElement step)
    {
        switch (kind)
        {
            case "policy" or "policy_text":
                return await PolicyAsync(step);
            case "revoke":
                await stage.Gate.RevokeAsync(stage.Grants[step.Text("revoke")!].Id);
                return null;
            case "approve":
                return await ApproveAsync(step);
            case "pending":
                return await PendingAsync(step);
            case "upstream":
                stage.Server(step.Text("server")).Become(stage.Fill(step.Member("upstream")));
                return null;
            case "tell":
                return await TellAsync(step);
            case "open":
                stage.Open.Add(await OpenStream.BeginAsync(runner.Endpoint(step.Text("server")), await runner.StreamRequestAsync(step.Text("grant") ?? "agent", step.Text("server"))));
                return null;
            case "slow":
                return await SlowAsync(step);
            case "closed":
                return await Until.NullAsync(() => stage.Open.Count(static stream => !stream.Ended.IsCompleted) is > 0 and var open ? $"{open} of {stage.Open.Count} connections are still open" : null, stage.LongestWait);
            case "restart" or "kill":
                await stage.Gate.RestartAsync(kind == "kill");
                stage.ForgetSessions();
                return null;
            case "pause":
                await Task.Delay(TimeSpan.FromSeconds(step.Member("pause").GetInt32()));
                return null;
            case "load":
                return await LoadAsync(step);
            case "store":
                return await stage.Gate.StartsOnDamageAsync() ? "the gate starts over a store that is damaged" : null;
            case "swaps":
                return await SwapsAsync(step);
            case "full_disk":
                await stage.Gate.FillDiskAsync(step.Member("full_disk").ValueKind == JsonValueKind.True);
                return null;
            default:
                return await new Look(stage).RunAsync(kind, step);
        }
    }

    private async Task<string?> PolicyAsync(JsonElement step)
    {
        var name = step.Text("name") is { } other ? $"{stage.Name}-{other}" : stage.Name;
        var documents = step.Has("policy") ? [step.Member("policy").GetRawText()] : step.Has("each") ? step.Member("each").Items().Select(static one => one.AsText() ?? one.GetRawText()).ToList() : [step.Text("policy_text")!];
        var refused = step.Text("expect") == "refused";
        foreach (var document in documents)
        {
            if (await stage.Gate.PutPolicyAsync(name, stage.Fill(document)) == refused)
            {
                return $"the gate {(refused ? "took" : "did not take")} the policy {Shortened.Of(document, 200)}";
            }
        }

        return null;
    }

    /// <summary>Waits until somebody is asked, and says yes to the oldest question.</summary>
    private async Task<string?> ApproveAsync(JsonElement step)
    {
        IReadOnlyList<JsonElement> waiting = [];
        var fault = await Until.NullAsync(
            async () => (waiting = await stage.Gate.PendingAsync(stage.Name)).Count == 0 ? "nobody was asked" : null, stage.LongestWait);
        if (fault is not null)
        {
            return fault;
        }

        var taken = await stage.Gate.ApproveAsync(waiting[step.Text("approve") == "last" ? ^1 : 0].Text("id")!);
        return taken == (step.Text("expect") == "refused") ? $"the answer of a person was {(taken ? "taken" : "not taken")}" : null;
    }

    private async Task<string?> PendingAsync(JsonElement step)
    {
        var wanted = step.Member("pending").GetInt32();
        IReadOnlyList<JsonElement> waiting = [];
        var fault = await Until.NullAsync(async () => (waiting = await stage.Gate.PendingAsync(stage.Name)).Count == wanted ? null : $"{waiting.Count} calls wait for people instead of {wanted}", stage.LongestWait);
        stage.Variables["approval"] = waiting.Count > 0 ? waiting[0].Text("id")! : "";
        return fault ?? Look.TextFault(string.Concat(waiting.Select(static one => one.GetRawText() + Shown(one))), step, stage.Fill);
    }

    /// <summary>The call as people read it, without the escapes of the answer it came in.</summary>
    private static string Shown(JsonElement approval) => approval.Text("call") ?? "";

    private async Task<string?> TellAsync(JsonElement step)
    {
        var server = stage.Server(step.Text("server"));
        if (await Until.NullAsync(() => server.Streams == 0 ? "no stream of the upstream is open" : null, stage.LongestWait) is { } fault)
        {
            return fault;
        }

        var times = step.Member("times") is { ValueKind: JsonValueKind.Number } stated ? stated.GetInt32() : 1;
        for (var turn = 0; turn < times; turn++)
        {
            await server.TellAsync(step.Text("tell")!, CancellationToken.None);
        }

        return null;
    }

    private async Task<string?> SlowAsync(JsonElement step)
    {
        var connections = step.Member("connections").GetInt32();
        var part = step.Text("slow") switch
        {
            "head" => $"POST {stage.Gate.Mcp(stage.Name).PathAndQuery} HTTP/1.1\r\nHost: {stage.Gate.Front.Authority}\r\nX-Slow: ",
            "body" => $"POST {stage.Gate.Mcp(stage.Name).PathAndQuery} HTTP/1.1\r\nHost: {stage.Gate.Front.Authority}\r\nAuthorization: Bearer {stage.Grants["agent"].Token}\r\nContent-Type: application/json\r\nContent-Length: 5000\r\n\r\n{{\"jsonrpc\":",
            _ => "",
        };
        for (var made = 0; made < connections; made++)
        {
            stage.Open.Add(await OpenStream.StallAsync(stage.Gate.Front, System.Text.Encoding.UTF8.GetBytes(part)));
        }

        return null;
    }

    /// <summary>Changes the policy again and again while clients call; the next comes when the one before was met.</summary>
    private async Task<string?> SwapsAsync(JsonElement step)
    {
        using var stop = new CancellationTokenSource();
        var call = Json.Lenient($$"""{"call":"{{step.Text("calls")}}"}""");
        var made = 0;
        var clients = Enumerable.Range(0, step.Member("clients").GetInt32()).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await runner.AskAsync(call, stage.Variables);
                Interlocked.Increment(ref made);
            }
        })).ToList();
        string? fault = null;
        for (var revision = 2; revision <= step.Member("swaps").GetInt32() && fault is null; revision++)
        {
            if (!await stage.Gate.PutPolicyAsync(stage.Name, stage.Fill(step.Member(revision % 2 == 0 ? "even" : "odd").GetRawText())))
            {
                fault = "the gate does not take a policy";
            }

            var before = Volatile.Read(ref made);
            fault ??= await Until.NullAsync(() => Volatile.Read(ref made) < before + 8 ? "no calls were made meanwhile" : null, stage.LongestWait);
        }

        await stop.CancelAsync();
        await Task.WhenAll(clients);
        return fault;
    }

    /// <summary>Clients that call without a pause until the upstream has seen enough, and then go on until the gate is gone.</summary>
    private async Task<string?> LoadAsync(JsonElement step)
    {
        var until = step.Member("until").GetInt32();
        var begun = stage.Asked.Count;
        using var stop = new CancellationTokenSource();
        var call = Json.Lenient(string.Create(CultureInfo.InvariantCulture, $$"""{"call":"{{step.Text("load")}}"}"""));
        await runner.AskAsync(call, stage.Variables);
        var clients = Enumerable.Range(0, step.Member("clients").GetInt32()).Select(_ => Task.Run(async () =>
        {
            while (!stop.IsCancellationRequested)
            {
                await runner.AskAsync(call, stage.Variables);
            }
        })).ToList();
        var fault = await Until.NullAsync(() => stage.Asked.Count - begun < until ? $"the upstream saw {stage.Asked.Count - begun} calls only" : null, stage.LongestWait);
        await stage.Gate.RestartAsync(kill: true);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        stage.ForgetSessions();
        return fault;
    }
}
