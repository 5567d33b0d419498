using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;

namespace Callgate.Gateway.Dashboard;

/// <summary>The forms of servers: what was typed, as what is asked for. Values of credentials go in and never come back.</summary>
internal static class ServerForm
{
    public const string ByUrl = "url";
    public const string ByCommand = "command";

    /// <summary>Rows for names and values on a form; more are set on the page of the server.</summary>
    public const int Pairs = 3;

    public static ServerBody Read(IFormCollection form)
    {
        var (headers, env) = (PairsOf(form, "header"), PairsOf(form, "variable"));
        var shared = new ServerBody(form["name"].ToString().Trim(), Public: form["public"] == "1", OnDrift: Text(form["on_drift"]), OnNew: Text(form["on_new"]), RecordedArguments: Text(form["recorded_arguments"]));
        return form["how"] == ByCommand
            ? shared with { Command = Lines(form["command"].ToString()), Env = env, Transport = "stdio" }
            : shared with { Url = form["url"].ToString().Trim(), Headers = headers, Transport = Text(form["transport"]) };
    }

    public static CredentialsBody Credentials(IFormCollection form) =>
        new(PairsOf(form, "header"), PairsOf(form, "variable"), [.. form["remove"].OfType<string>().Where(static name => name.Length > 0)]);

    /// <summary>One argument a line, so that none needs quotes; spaces at the end of a line belong to nobody.</summary>
    private static List<string> Lines(string text) => [.. text.Split('\n').Select(static line => line.Trim('\r', ' ', '\t')).Where(static line => line.Length > 0)];

    /// <summary>A name that stands twice has its last value.</summary>
    private static Dictionary<string, string> PairsOf(IFormCollection form, string kind)
    {
        var pairs = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in form[kind + "-name"].Zip(form[kind + "-value"]))
        {
            if (name?.Trim() is { Length: > 0 } given)
            {
                pairs[given] = value ?? "";
            }
        }

        return pairs;
    }

    private static string? Text(StringValues value) => value.ToString().Trim() is { Length: > 0 } given ? given : null;
}
