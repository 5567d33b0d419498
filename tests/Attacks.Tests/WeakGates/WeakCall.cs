using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Callgate.Attacks.Wire;

namespace Callgate.Attacks.Tests.WeakGates;

/// <summary>What the stand-in answers to one message; with a type where bytes are passed on as they came.</summary>
internal sealed record WeakReply(int Status, byte[] Body, string? RawType = null);

/// <summary>One message of a grant at the stand-in.</summary>
internal sealed class WeakCall(WeakGate gate, string server, WeakGrant grant, WireRequest request, byte[] text, bool unjudged)
{
    private static readonly ConcurrentDictionary<string, Lazy<Task<WeakAnswer>>> ById = new(StringComparer.Ordinal);
    private static readonly ConcurrentDictionary<string, string> States = new(StringComparer.Ordinal);

    /// <summary>One revision for the whole message.</summary>
    private readonly WeakPolicy? policyOfAll = grant.Servers.TryGetValue(server, out var name) && name is not null && gate.Policies.TryGetValue(name, out var policy) ? policy : null;

    public WeakGrant Grant => grant;

    public string Server => server;

    private WeakServer Upstream => gate.Servers[server];

    private WeakPolicy? Policy => policyOfAll;

    /// <summary>Whether the headers say something else than the body.</summary>
    public bool MirrorFault(JsonElement root)
    {
        var named = Messages(root);
        string[] Lines(string header) => [.. request.Headers.Where(line => string.Equals(line.Key, header, StringComparison.OrdinalIgnoreCase)).Select(static line => line.Value)];
        return Lines("Mcp-Method") is not [var method] || method != root.Text("method") || Lines("MCP-Protocol-Version").Length != 1
            || (named is not null && (Lines("Mcp-Name") is not [var name] || Decoded(name) != named))
            || request.Headers.Any(static line => line.Key.StartsWith("Mcp-Param-", StringComparison.OrdinalIgnoreCase));
    }

    public async Task<WeakReply> AnswerAsync(JsonElement message, bool judged)
    {
        var method = Member(message, "method").AsText();
        if (message.ValueKind != JsonValueKind.Object || method is null)
        {
            if (gate.Has("answers-forwarded") && message.Has("id") && (message.Has("result") || message.Has("error")))
            {
                await Upstream.SendAsync(text, "", []);
                return new WeakReply(202, []);
            }

            return Malformed(-32600);
        }

        if (Member(message, "id").ToString().Length == 0 && !message.Has("id") && !gate.Has("lenient-members"))
        {
            if (gate.Has("unjudged-notifications"))
            {
                await Upstream.SendAsync(text, method, []);
            }

            return method.StartsWith("notifications/", StringComparison.Ordinal) ? new WeakReply(202, []) : Malformed(-32600);
        }

        var id = Member(message, "id");
        var isShaped = id.ValueKind is JsonValueKind.String or JsonValueKind.Number && Member(message, "jsonrpc").AsText() == "2.0" && !message.Has("result") && !message.Has("error");
        if (!isShaped && !gate.Has("unjudged-notifications") && !gate.Has("lenient-members"))
        {
            return Malformed(-32600);
        }

        var raw = id.ValueKind == JsonValueKind.Undefined ? "null" : id.GetRawText();
        return method switch
        {
            "tools/call" => await CallAsync(message, raw, judged && !unjudged),
            "tools/list" => await ListAsync(raw),
            "ping" => new WeakReply(200, Result(raw, "{}")),
            "tasks/get" or "tasks/cancel" or "tasks/update" when message.Member("params").Text("taskId") is { } task && gate.Tasks.TryGetValue(task, out var owner) && (owner == grant.Id || gate.Has("tasks-shared")) =>
                new WeakReply(200, Result(raw, "{\"resultType\":\"complete\",\"status\":\"working\"}")),
            _ => await OtherAsync(message, method, raw),
        };
    }

    private static string? Messages(JsonElement root) => root.Text("method") switch
    {
        "tools/call" or "prompts/get" => root.Member("params").Text("name") ?? "",
        "resources/read" => root.Member("params").Text("uri") ?? "",
        _ => null,
    };

    private static string? Decoded(string header)
    {
        if (!header.StartsWith("=?", StringComparison.Ordinal))
        {
            return header;
        }

        try
        {
            var middle = header.StartsWith("=?base64?", StringComparison.Ordinal) && header.EndsWith("?=", StringComparison.Ordinal) ? header[9..^2] : "!";
            var decoded = new UTF8Encoding(false, true).GetString(Convert.FromBase64String(middle));
            return Convert.ToBase64String(Encoding.UTF8.GetBytes(decoded)) == middle ? decoded : null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }

    /// <summary>A member as a lenient reader finds it, or as it is.</summary>
    private JsonElement Member(JsonElement value, string name) => gate.Has("lenient-members")
        ? value.Members().LastOrDefault(member => string.Equals(string.Concat(member.Name.Where(static character => char.IsAsciiLetterOrDigit(character) || character == '_')), name, StringComparison.OrdinalIgnoreCase)).Value
        : value.Member(name);

    private async Task<WeakReply> ListAsync(string id)
    {
        var policy = Policy;
        var tools = await Upstream.ToolsAsync(gate.Has("live-lists") ? request.Headers.Where(static header => header.Key.StartsWith("X-", StringComparison.OrdinalIgnoreCase)).Select(static header => (header.Key, header.Value)) : []);
        var shown = tools.Where(tool => policy?.Lists(tool.Text("name") ?? "") == true).Where(tool => tools.Count(other => other.Text("name") == tool.Text("name")) == 1 || gate.Has("first-of-two"));
        gate.Write(grant, server, "tools/list", null, "allow", "", policy?.Revision ?? 0);
        return new WeakReply(200, Result(id, "{\"resultType\":\"complete\",\"ttlMs\":0,\"cacheScope\":\"" + (gate.Has("lists-public") ? "public" : "private") + "\",\"tools\":[" + string.Join(',', shown.Select(static tool => tool.GetRawText())) + "]}"));
    }

    private async Task<WeakReply> OtherAsync(JsonElement message, string method, string id)
    {
        if (gate.Has("tools-only") || Policy?.OpensMethod(method) == true)
        {
            var answer = await Upstream.CallAsync(method, message.Has("params") ? message.Member("params").GetRawText() : "{}", []);
            gate.Write(grant, server, method, null, "allow", "", 1);
            return Relayed(answer, id);
        }

        return gate.Write(grant, server, method, null, "deny", "method.denied", 0) ? new WeakReply(200, WeakCalls.Error(id, -33403, "not open")) : new WeakReply(200, WeakCalls.Error(id, -33403, "record"));
    }

    private async Task<WeakReply> CallAsync(JsonElement message, string id, bool judged)
    {
        var parameters = Member(message, "params");
        var named = Member(parameters, "name");
        var arguments = Member(parameters, "arguments");
        arguments = arguments.ValueKind == JsonValueKind.Undefined ? Json.Lenient("{}") : arguments;
        var tool = named.AsText() ?? (gate.Has("lenient-shape") ? named.ValueKind == JsonValueKind.Array ? named.Items().FirstOrDefault().AsText() : named.ToString() : null);
        if (gate.Has("header-judged") && request.Header("Mcp-Name") is { } header)
        {
            tool = header;
        }

        if ((tool is null || arguments.ValueKind != JsonValueKind.Object || parameters.ValueKind != JsonValueKind.Object) && !gate.Has("lenient-shape"))
        {
            return Malformed(-32602);
        }

        tool ??= "";
        gate.Labels.AddOrUpdate(gate.Has("label-for-each-name") ? tool : "all", 1, static (_, count) => count + 1);
        var retried = parameters.Has("requestState") || parameters.Has("inputResponses");
        if (judged && !(retried && gate.Has("second-leg-unjudged")) && await RefusalAsync(tool, arguments, parameters, id) is { } refusal)
        {
            return refusal;
        }

        var revision = Policy?.Revision ?? 0;
        if (!gate.Has("record-after") && !gate.Write(grant, server, "tools/call", tool, "allow", "", revision) && !gate.Has("record-optional"))
        {
            return Denied(id, "record.unavailable");
        }

        var answer = await ForwardAsync(message, parameters, tool, arguments, id);
        if (gate.Has("record-after"))
        {
            gate.Write(grant, server, "tools/call", tool, "allow", "", revision);
        }

        if (gate.Has("refund-on-failure") && (answer.Fault is not null || answer.Response.Has("error") || answer.Response.Member("result").IsTrue("isError")))
        {
            gate.Counters.Return([.. Policy?.Limits(tool) ?? []], arguments, grant.Id);
        }

        return Asks(answer) && !gate.Has("streams-raw") ? Denied(id, "method.denied") : Relayed(Sealed(answer, tool, arguments), id);
    }

    private async Task<WeakReply?> RefusalAsync(string tool, JsonElement arguments, JsonElement parameters, string id)
    {
        if (Policy is not { } policy)
        {
            return Recorded(Denied(id, "policy.no_policy"), tool, "policy.no_policy");
        }

        var known = (await Upstream.ToolsAsync([])).Where(one => one.Text("name") == tool).ToList();
        if (known.Count != 1 && !(gate.Has("first-of-two") && known.Count > 1) && !(gate.Has("unknown-forwarded") && policy.Document.Text("default") == "allow" && !policy.Hides(tool)))
        {
            return Recorded(new WeakReply(200, WeakCalls.Error(id, -32602, "Unknown tool: " + tool)), tool, "tool.unknown");
        }

        if (policy.Hides(tool) && !gate.Has("list-only"))
        {
            return Recorded(gate.Has("hidden-says-denied") ? Denied(id, "tool.hidden") : new WeakReply(200, WeakCalls.Error(id, -32602, "Unknown tool: " + tool)), tool, "tool.hidden");
        }

        if (!policy.Hides(tool) && known.Count == 1 && await Upstream.HasDriftedAsync(tool) && Upstream.OnDrift != "report")
        {
            return Recorded(Denied(id, "definition.drifted"), tool, "definition.drifted");
        }

        if (policy.Asks(tool, arguments, grant, gate.Has) && parameters.GetRawText().Contains("io.modelcontextprotocol/tasks", StringComparison.Ordinal))
        {
            var task = WeakGate.NewId();
            gate.Tasks[task] = grant.Id;
            return Recorded(new WeakReply(200, Result(id, "{\"resultType\":\"task\",\"taskId\":\"" + task + "\",\"status\":\"working\"}")), tool, "approval.required");
        }

        var refused = policy.Hides(tool) ? null : policy.Refuses(tool, arguments, grant, gate.Has, Category(known.FirstOrDefault()))
            ?? (SchemaFault(known.FirstOrDefault(), arguments) ? "arguments.invalid" : null)
            ?? StateFault(tool, arguments, parameters)
            ?? (policy.Asks(tool, arguments, grant, gate.Has) ? gate.Approvals.Spend(server, grant.Id, tool, arguments.GetRawText(), policy.Revision, Life(policy, tool), gate) : null)
            ?? await gate.Counters.ChargeAsync([.. policy.Limits(tool)], arguments, grant.Id, request.Header("Mcp-Session-Id") ?? arguments.GetRawText() + parameters.GetRawText(), gate.Has);
        return refused is null ? null : Recorded(Denied(id, refused), tool, refused);
    }

    private static TimeSpan Life(WeakPolicy policy, string tool) =>
        policy.Entry(tool).Member("approval").Text("timeout") is { } life && life.EndsWith('s') ? TimeSpan.FromSeconds(int.Parse(life[..^1], CultureInfo.InvariantCulture)) : TimeSpan.FromHours(1);

    /// <summary>What a tool does by its name; its own word counts only where it makes it worse.</summary>
    private string? Category(JsonElement tool)
    {
        if (gate.Has("hints-trusted") && tool.Member("annotations").IsTrue("readOnlyHint"))
        {
            return "Read";
        }

        var name = tool.Text("name") ?? "";
        return name.Contains("delete", StringComparison.Ordinal) || name.Contains("drop", StringComparison.Ordinal) || name.Contains("purge", StringComparison.Ordinal) ? "Destructive" : name.StartsWith("list", StringComparison.Ordinal) ? "Read" : null;
    }

    private static bool SchemaFault(JsonElement tool, JsonElement arguments)
    {
        var schema = tool.Member("inputSchema");
        return (schema.Member("additionalProperties").ValueKind == JsonValueKind.False && arguments.Members().Any(member => !schema.Member("properties").Has(member.Name)))
            || schema.Member("required").Items().Any(name => !arguments.Has(name.AsText() ?? ""));
    }

    private string? StateFault(string tool, JsonElement arguments, JsonElement parameters) =>
        parameters.Text("requestState") is not { } state ? null : States.TryGetValue(state, out var bound) && bound == Bound(tool, arguments) ? null : "request.malformed";

    private string Bound(string tool, JsonElement arguments) => $"{grant.Id}\n{server}\n{tool}\n{arguments.GetRawText()}";

    private WeakAnswer Sealed(WeakAnswer answer, string tool, JsonElement arguments)
    {
        if (gate.Has("second-leg-unjudged") || answer.Response.Member("result").Text("requestState") is not { } state)
        {
            return answer;
        }

        var own = WeakGate.NewId();
        States[own] = Bound(tool, arguments);
        return answer with { Response = Json.Lenient(answer.Response.GetRawText().Replace(Json.Quoted(state), Json.Quoted(own), StringComparison.Ordinal)) };
    }

    /// <summary>Whether the server asks the client for what the policy does not open.</summary>
    private bool Asks(WeakAnswer answer) => answer.Response.Member("result").Text("resultType") == "input_required"
        && answer.Response.Member("result").Member("inputRequests").Members().Any(asked => Policy?.OpensMethod(asked.Value.Text("method") ?? "") != true);

    private async Task<WeakAnswer> ForwardAsync(JsonElement message, JsonElement parameters, string tool, JsonElement arguments, string id)
    {
        IEnumerable<(string, string)> headers = gate.Has("headers-forwarded")
            ? request.Headers.Where(static header => header.Key is not ("Host" or "Content-Length" or "Content-Type" or "Mcp-Method" or "Transfer-Encoding")).Select(static header => (header.Key, header.Value))
            : gate.Has("any-header-mirrored") ? [("Authorization", arguments.GetRawText())] : [];
        Task<WeakAnswer> SendAsync() => gate.Has("raw-forwarded") || gate.Has("lenient-shape") || gate.Has("header-judged")
            ? Upstream.SendAsync(Encoding.UTF8.GetBytes(message.GetRawText()), "tools/call", headers)
            : Upstream.CallAsync("tools/call", "{\"name\":" + Json.Quoted(tool) + ",\"arguments\":" + arguments.GetRawText() + (parameters.Has("inputResponses") ? ",\"inputResponses\":" + parameters.Member("inputResponses").GetRawText() : "") + "}", headers);
        if (!gate.Has("ids-shared"))
        {
            return await SendAsync();
        }

        var shared = ById.GetOrAdd(id, _ => new Lazy<Task<WeakAnswer>>(async () =>
        {
            await Task.Delay(30);
            return await SendAsync();
        }));
        var answer = await shared.Value;
        ById.TryRemove(id, out _);
        return answer;
    }

    private WeakReply Relayed(WeakAnswer answer, string id)
    {
        if (answer.Raw is { } raw)
        {
            return new WeakReply(200, raw, answer.RawType);
        }

        if (answer.Fault is not null)
        {
            return Denied(id, answer.Fault);
        }

        return new WeakReply(200, answer.Response.Has("result")
            ? Result(id, answer.Response.Member("result").GetRawText())
            : Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"error\":" + answer.Response.Member("error").GetRawText() + "}"));
    }

    private WeakReply Recorded(WeakReply reply, string tool, string code)
    {
        gate.Write(grant, server, "tools/call", tool, "deny", code, Policy?.Revision ?? 0);
        return reply;
    }

    private WeakReply Malformed(int code)
    {
        gate.Write(grant, server, "", null, "deny", "request.malformed", 0);
        return new WeakReply(400, WeakCalls.Error("null", code, "malformed"));
    }

    private static WeakReply Denied(string id, string why) => new(200, Result(id, "{\"resultType\":\"complete\",\"isError\":true,\"content\":[{\"type\":\"text\",\"text\":" + Json.Quoted(why) + "}]}"));

    private static byte[] Result(string id, string result) => Encoding.UTF8.GetBytes("{\"jsonrpc\":\"2.0\",\"id\":" + id + ",\"result\":" + result + "}");
}
