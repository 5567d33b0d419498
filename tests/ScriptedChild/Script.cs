using System.Collections;
using System.Text;
using System.Text.Json.Nodes;

namespace Callgate.ScriptedChild;

/// <summary>Answers JSON-RPC lines as their method says, so that a test writes the misbehaviour it wants into the request.</summary>
internal sealed class Script(TextReader input, Stream output)
{
    private readonly List<(JsonNode Id, JsonNode? Params)> held = [];
    private readonly JsonArray heard = [];
    private JsonNode? asking;

    public async Task RunAsync()
    {
        while (await input.ReadLineAsync() is { } line)
        {
            var message = JsonNode.Parse(line)!;
            if (message["method"] is null)
            {
                // The answer to a request of ours goes back as the result of the request that made us ask.
                Answer(asking!, message.DeepClone());
            }
            else if (message["id"] is { } id)
            {
                Serve(message["method"]!.GetValue<string>(), id, message["params"]);
            }
            else
            {
                heard.Add(message.DeepClone());
            }
        }
    }

    private void Serve(string method, JsonNode id, JsonNode? parameters)
    {
        switch (method)
        {
            case "initialize":
                Answer(id, new JsonObject { ["protocolVersion"] = "2025-11-25", ["capabilities"] = new JsonObject(), ["serverInfo"] = new JsonObject { ["name"] = "scripted", ["version"] = "1" } });
                break;
            case "echo":
                Answer(id, new JsonObject { ["id"] = id.DeepClone(), ["params"] = parameters?.DeepClone() });
                break;
            case "heard":
                Answer(id, new JsonObject { ["notifications"] = heard.DeepClone() });
                break;
            case "environment":
                Answer(id, new JsonObject(Environment.GetEnvironmentVariables().Cast<DictionaryEntry>()
                    .Select(entry => KeyValuePair.Create((string)entry.Key, (JsonNode?)(string?)entry.Value))));
                break;
            case "files":
                Answer(id, new JsonObject { ["files"] = Files(parameters!["path"]!.GetValue<string>()) });
                break;
            case "long":
                Answer(id, new JsonObject { ["text"] = new string('x', parameters!["bytes"]!.GetValue<int>()) });
                break;
            case "stderr":
                Console.Error.Write(parameters!["text"]!.GetValue<string>() + new string('e', parameters["bytes"]!.GetValue<int>()));
                Answer(id, new JsonObject());
                break;
            case "exit":
                Environment.Exit(parameters!["code"]!.GetValue<int>());
                break;
            case "hold":
                held.Add((id, parameters?.DeepClone()));
                break;
            case "release":
                Release();
                Answer(id, new JsonObject());
                break;
            case "ask":
                asking = id;
                Write(parameters!["request"]!.ToJsonString());
                break;
            case "subscriptions/listen" when parameters!["ask"] is { } ask:
                asking = id;
                Write(ask.ToJsonString());
                break;
            case "emit":
                foreach (var line in parameters!["lines"]!.AsArray())
                {
                    Write(line!.GetValue<string>().Replace("$ID", id.ToJsonString(), StringComparison.Ordinal));
                }

                break;
        }
    }

    /// <summary>The last asked is answered first.</summary>
    private void Release()
    {
        for (var i = held.Count - 1; i >= 0; i--)
        {
            Answer(held[i].Id, new JsonObject { ["id"] = held[i].Id.DeepClone(), ["params"] = held[i].Params?.DeepClone() });
        }

        held.Clear();
    }

    private static JsonArray Files(string path)
    {
        var names = new JsonArray();
        foreach (var entry in Directory.Exists(path) ? Directory.EnumerateFileSystemEntries(path) : [])
        {
            names.Add(Path.GetFileName(entry));
        }

        return names;
    }

    private void Answer(JsonNode id, JsonNode result) =>
        Write(new JsonObject { ["jsonrpc"] = "2.0", ["id"] = id.DeepClone(), ["result"] = result }.ToJsonString());

    private void Write(string line)
    {
        output.Write(Encoding.UTF8.GetBytes(line + "\n"));
        output.Flush();
    }
}
