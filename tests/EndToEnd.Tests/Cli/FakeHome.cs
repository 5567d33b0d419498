using System.Text;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>
/// A home with a configuration of every client, each in the hand of a person: odd indentation, comments where the client takes
/// them, members nobody here knows. Each has the servers <c>shop</c> and <c>files</c>, and a secret that must come out nowhere.
/// </summary>
internal sealed class FakeHome : IDisposable
{
    /// <summary>What no output may hold. Its first characters may be shown, so that it is looked for without them.</summary>
    public const string Canary = "ghp_" + Tail;

    public const string Tail = "Canary0123456789abcdefABCDEF01234567";

    public const string Password = "hunter2-" + PasswordTail;

    public const string PasswordTail = "canary-password";

    private static readonly Dictionary<string, (string Path, string Text)> Written = new(StringComparer.Ordinal)
    {
        ["claude-desktop"] = (".config/Claude/claude_desktop_config.json", """
            {
              "globalShortcut": "",
              "mcpServers": {
                "shop":   { "command": "npx", "args": ["-y", "@example/shop-mcp"], "env": { "SHOP_TOKEN": "$CANARY" } },
                "files": {
                  "command": "uvx",
                  "args": [
                    "files-mcp==1.2.3",
                    "--password", "$PASSWORD"
                  ]
                }
              }
            }
            """),
        ["claude-code"] = (".claude.json", """
            {
              "numStartups": 7, "tips": {"a": [1, 2.50, 1e3]},
              "mcpServers": {
                "shop": { "type": "http", "url": "http://shop.example.com/mcp", "headers": { "Authorization": "Bearer $CANARY" } }
              },
              "projects": {
                "/home/alice/été": { "history": ["\u00e9 \/"], "mcpServers": { "files": {"type":"stdio","command":"sh","args":["-c","PASSWORD=$PASSWORD files-mcp"],"env":{}} } }
              }
            }

            """),
        ["cursor"] = (".cursor/mcp.json", "{\"mcpServers\":{\"shop\":{\"url\":\"https://shop.example.com/mcp?api_key=$CANARY\"},\"files\":{\"command\":\"files-mcp\",\"env\":{\"FILES_PASSWORD\":\"$PASSWORD\"},\"note\":\"kept\"}}}"),
        ["vscode"] = (".config/Code/User/mcp.json", """
            // servers of mine
            {
            	"inputs": [ { "id": "key", "type": "promptString" } ],
            	"servers": {
            		/* the shop */
            		"shop": {
            			"type": "stdio",
            			"command": "npx", // from the registry
            			"args": [ "-y", "@example/shop-mcp@1.0.0" ],
            			"dev": { "watch": "src" }, // stays
            			"env": { "SHOP_TOKEN": "$CANARY", },
            		},
            		"files": { "type": "http", "url": "https://alice:$PASSWORD@files.example.com/mcp" }, // last
            	},
            }
            """),
        ["windsurf"] = (".codeium/windsurf/mcp_config.json", "{\r\n  \"mcpServers\": {\r\n    \"shop\": {\r\n      \"command\": \"shop-mcp\",\r\n      \"args\": [\"--token=$CANARY\"],\r\n      \"disabled\": false\r\n    },\r\n    \"files\": {\"serverUrl\": \"https://files.example.com/mcp\", \"headers\": {\"X-Api-Key\": \"$PASSWORD\"}}\r\n  }\r\n}\r\n"),
        ["codex"] = (".codex/config.toml", """
            # Codex — mine
            model = "some-model"

            [mcp_servers.shop] # the shop
            command = "npx"
            args = [
              "-y", # do not ask
              "@example/shop-mcp",
            ]
            startup_timeout_sec = 20 # slow

            # its secret
            [mcp_servers.shop.env]
            SHOP_TOKEN = '$CANARY'

            [mcp_servers."files"]
            enabled = true
            url = "https://files.example.com/mcp"
            http_headers = { "Authorization" = "Bearer $PASSWORD" }

            [profiles.quick]
            model = "other" # end
            """),
        ["gemini"] = (".gemini/settings.json", """
            {
              "theme": "Default", // mine
              "mcpServers": {
                "shop": { "httpUrl": "https://shop.example.com/mcp", "headers": { "Authorization": "Bearer $CANARY" }, "timeout": 5000, "trust": false },
                "files": { "command": "files-mcp", "args": ["--password=$PASSWORD"], "cwd": "/tmp" }
              }
            }
            """),
        ["zed"] = (".config/zed/settings.json", """
            // Zed settings
            {
              "ui_font_size": 16,
              "context_servers": {
                "shop": { "source": "custom", "command": { "path": "shop-mcp", "args": ["serve"], "env": { "SHOP_TOKEN": "$CANARY" } } },
                "files": {
                  "enabled": true,
                  "url": "https://files.example.com/mcp",
                  "headers": { "Authorization": "Bearer $PASSWORD" },
                },
              },
            }
            """),
        ["cline"] = (".config/Code/User/globalStorage/saoudrizwan.claude-dev/settings/cline_mcp_settings.json", """
            {
              "mcpServers": {
                "shop": {
                  "autoApprove": ["list_orders"],
                  "disabled": false,
                  "timeout": 60,
                  "type": "stdio",
                  "command": "node",
                  "args": ["shop.js"],
                  "env": {
                    "SHOP_TOKEN": "$CANARY"
                  }
                },
                "files": { "type": "sse", "url": "https://files.example.com/sse", "headers": { "Authorization": "Bearer $PASSWORD" } }
              }
            }
            """),
    };

    private readonly TemporaryFolder folder = new();

    public FakeHome()
    {
        Directory.CreateDirectory(Project);
        foreach (var client in Written.Keys)
        {
            Write(Written[client].Path, Written[client].Text.Replace("$CANARY", Canary, StringComparison.Ordinal).Replace("$PASSWORD", Password, StringComparison.Ordinal));
        }
    }

    public static IEnumerable<string> Clients => Written.Keys;

    public string Root => folder.Root;

    public string Project => folder.File("project");

    public string PathOf(string client) => folder.File(Written[client].Path);

    public string TextOf(string client) => File.ReadAllText(PathOf(client));

    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    public string Write(string name, byte[] content)
    {
        var path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    /// <summary>A command for this home, with what no command may print looked for in what it prints.</summary>
    public async Task<CommandRun> RunAsync(params string[] arguments) => Checked(await CommandRun.OfAsync(Placed(arguments)));

    public async Task<CommandRun> AnswerAsync(string answers, params string[] arguments) => Checked(await CommandRun.WithInputAsync(answers, Placed(arguments)));

    public void Dispose() => folder.Dispose();

    private string[] Placed(string[] arguments) => [.. arguments, "--home", Root, .. arguments[0] == "scan" ? new[] { "--project", Project } : []];

    private static CommandRun Checked(CommandRun run)
    {
        foreach (var secret in new[] { Tail, PasswordTail })
        {
            Assert(run.Out + run.Error, secret);
        }

        return run;
    }

    private static void Assert(string text, string secret) => Xunit.Assert.DoesNotContain(secret, text, StringComparison.Ordinal);
}
