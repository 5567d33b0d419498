using System.Text.RegularExpressions;
using Callgate.Gateway.Clients;

namespace Callgate.Cli.Scanning;

/// <summary>The package that a command fetches and runs.</summary>
/// <param name="Where">The argument that names it.</param>
/// <param name="Pinned">Whether it is always the same version.</param>
internal sealed partial record PackageCommand(string Name, string Where, bool Pinned)
{
    private static readonly HashSet<string> Shells = new(StringComparer.OrdinalIgnoreCase) { "sh", "bash", "zsh", "dash", "ash", "ksh", "fish", "cmd", "powershell", "pwsh" };

    /// <summary>Programs that fetch what they run, and the words before the package where they need some.</summary>
    private static readonly (string Program, string[] Verbs, bool Python)[] Launchers =
    [
        ("npx", [], false), ("bunx", [], false), ("pnpx", [], false), ("pnpm", ["dlx"], false), ("yarn", ["dlx"], false), ("npm", ["exec"], false), ("npm", ["x"], false), ("bun", ["x"], false),
        ("uvx", [], true), ("uv", ["tool", "run"], true), ("uv", ["x"], true), ("pipx", ["run"], true),
    ];

    /// <summary>Options of the launchers that take the next word.</summary>
    private static readonly HashSet<string> WithValue = new(StringComparer.Ordinal) { "--python", "--with", "--registry", "--cache", "--index-url", "--default-index", "--extra-index-url", "--call", "-c", "--prefix" };

    private static readonly HashSet<string> NamesPackage = new(StringComparer.Ordinal) { "--from", "--package", "-p", "--spec" };

    public static PackageCommand? Of(ServerEntry entry)
    {
        // On Windows such programs are scripts, which clients start through `cmd /c`.
        var words = entry.Arguments.Prepend(entry.Command ?? "").ToList();
        var first = Shells.Contains(Program(words[0])) && words.Count > 2 && words[1].Equals("/c", StringComparison.OrdinalIgnoreCase) ? 2 : 0;
        foreach (var (program, verbs, python) in Launchers)
        {
            if (Program(words[first]) == program && words.Skip(first + 1).Take(verbs.Length).SequenceEqual(verbs))
            {
                return Package(words, first + 1 + verbs.Length, python);
            }
        }

        return null;
    }

    /// <summary>Whether a shell gets a text to run.</summary>
    public static bool IsShell(ServerEntry entry) =>
        entry.Command is { } command && Shells.Contains(Program(command)) && entry.Arguments.Any(static argument => ShellFlag().IsMatch(argument));

    private static PackageCommand? Package(List<string> words, int at, bool python)
    {
        for (; at < words.Count; at++)
        {
            var word = words[at];
            if (NamesPackage.Contains(word.Split('=')[0]) && !(python && word == "-p"))
            {
                var value = word.Contains('=', StringComparison.Ordinal) ? word[(word.IndexOf('=', StringComparison.Ordinal) + 1)..] : words.ElementAtOrDefault(++at) ?? "";
                return new PackageCommand(value, $"args[{at - 1}]", IsPinned(value, python));
            }

            if (!word.StartsWith('-'))
            {
                return new PackageCommand(word, $"args[{at - 1}]", IsPinned(word, python));
            }

            at += WithValue.Contains(word) || (python && word == "-p") ? 1 : 0;
        }

        return null;
    }

    private static bool IsPinned(string package, bool python)
    {
        if (package.StartsWith('.') || package.StartsWith('/') || package.StartsWith('~'))
        {
            return true;
        }

        return package.Contains("://", StringComparison.Ordinal) ? Revision().IsMatch(package) : (python ? PythonVersion() : NodeVersion()).IsMatch(package);
    }

    private static string Program(string command)
    {
        var name = command[(command.LastIndexOfAny(['/', '\\']) + 1)..];
        return Ending().Replace(name, "");
    }

    [GeneratedRegex(@"\.(?:exe|cmd|bat|ps1)$", RegexOptions.IgnoreCase)]
    private static partial Regex Ending();

    [GeneratedRegex(@"^(?:-[a-z]*c|/[ck]|-command|-encodedcommand|-enc)$", RegexOptions.IgnoreCase)]
    private static partial Regex ShellFlag();

    [GeneratedRegex(@"^.+@v?\d+\.\d+\.\d+[0-9A-Za-z.+\-]*$")]
    private static partial Regex NodeVersion();

    [GeneratedRegex(@"^.+(?:==|@)\d+(?:\.\d+)+[0-9A-Za-z.+\-]*$")]
    private static partial Regex PythonVersion();

    [GeneratedRegex(@"[@#][0-9a-f]{40}$")]
    private static partial Regex Revision();
}
