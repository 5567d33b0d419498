using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace Callgate.Attacks.Scenarios;

/// <summary>YAML as the JSON it stands for: plain scalars by the core schema of YAML 1.2, every other scalar a text.</summary>
internal static partial class YamlTree
{
    /// <summary>The one document of the text; throws <see cref="ScenarioFault"/> where there is none, or where it is no YAML.</summary>
    public static JsonElement Read(string text)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is not [var only])
            {
                throw new ScenarioFault($"{stream.Documents.Count} documents instead of one");
            }

            var json = new StringBuilder();
            Write(only.RootNode, json);
            return JsonElement.Parse(Encoding.UTF8.GetBytes(json.ToString()));
        }
        catch (YamlException fault)
        {
            throw new ScenarioFault($"line {fault.Start.Line}: {fault.Message}");
        }
    }

    private static void Write(YamlNode node, StringBuilder json)
    {
        switch (node)
        {
            case YamlMappingNode mapping:
                Join(json, '{', '}', mapping.Children, (pair, into) =>
                {
                    into.Append(Wire.Json.Quoted(((YamlScalarNode)pair.Key).Value ?? "")).Append(':');
                    Write(pair.Value, into);
                });
                break;
            case YamlSequenceNode sequence:
                Join(json, '[', ']', sequence.Children, Write);
                break;
            default:
                json.Append(Scalar((YamlScalarNode)node));
                break;
        }
    }

    private static void Join<T>(StringBuilder json, char begin, char end, IEnumerable<T> items, Action<T, StringBuilder> write)
    {
        json.Append(begin);
        var separator = "";
        foreach (var item in items)
        {
            json.Append(separator);
            write(item, json);
            separator = ",";
        }

        json.Append(end);
    }

    private static string Scalar(YamlScalarNode scalar)
    {
        var text = scalar.Value ?? "";
        return scalar.Style != ScalarStyle.Plain ? Wire.Json.Quoted(text) : text switch
        {
            "" or "~" or "null" => "null",
            "true" or "false" => text,
            _ when Number().IsMatch(text) => text,
            _ => string.Create(CultureInfo.InvariantCulture, $"{Wire.Json.Quoted(text)}"),
        };
    }

    [GeneratedRegex(@"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$")]
    private static partial Regex Number();
}
