using System.Collections.Frozen;
using Callgate.Policy.Binding;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Linting;

/// <summary>Tools that run other things by name: allowing one allows whatever it can be told to do.</summary>
internal static class Dispatchers
{
    private static readonly FrozenSet<string> Names = new[]
    {
        "call", "call_tool", "use_tool", "run_tool", "execute_tool", "invoke_tool", "batch", "multi_tool", "dispatch", "proxy", "run", "execute", "invoke",
        "exec", "eval", "shell", "bash", "terminal", "run_command", "execute_command", "run_shell_command", "run_script", "execute_code", "run_code",
        "run_python", "graphql", "raw_request", "http_request", "api_request",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> Arguments = new[]
    {
        "tool", "method", "command", "cmd", "action", "operation", "script", "code",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>These also name a thing that is looked at; beside arguments for it they say what to run.</summary>
    private static readonly FrozenSet<string> Named = new[] { "tool_name", "toolname", "function", "function_name", "endpoint" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string> HandedOn = new[] { "arguments", "args", "params", "input", "inputs", "payload", "kwargs", "body" }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Why the tool runs other things; null when nothing shows that it does.</summary>
    public static string? WhyOf(OfferedTool tool)
    {
        var shape = new InputShape(tool.InputSchema);
        var handsOn = shape.Names.Any(HandedOn.Contains);
        var steering = shape.Arguments().FirstOrDefault(argument => (Arguments.Contains(argument.Name) || (handsOn && Named.Contains(argument.Name))) && shape.IsFreeText(argument.Schema));
        if (steering.Name is not null)
        {
            return $"its argument {Quote.User(steering.Name)} says in free text what to do";
        }

        return IsNamedSo(tool.Name) ? "its name says that it runs what it is told" : null;
    }

    /// <summary>Without the server's list only exact names can be looked at.</summary>
    public static void Run(ToolEntry entry, DiagnosticSink sink)
    {
        if (entry.Action == Effect.Allow && entry.Pattern.ExactName is { } name && IsNamedSo(name) && IsOpen(entry.Node))
        {
            Warn(entry.Node, name, "its name says that it runs what it is told", sink);
        }
    }

    public static bool IsNamedSo(string name) => Names.Contains(name.Replace('-', '_'));

    /// <summary>Whether no rule of the entry looks at the arguments.</summary>
    public static bool IsOpen(Node? owner) =>
        !RuleNode.Of(owner).Any(rule => rule.Conditions.Count == 0 || rule.Conditions.Any(condition => condition.Path.Root == Judging.FactRoot.Arguments));

    public static void Warn(Node at, string tool, string why, DiagnosticSink sink) =>
        sink.Warn(
            at,
            $"{Quote.User(tool)} is allowed whatever it is told to do, and {why}: `hide` and the other entries do not reach what it runs",
            "require what it may be told, by `in` or an anchored `regex`, or let a person approve it");
}
