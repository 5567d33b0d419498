using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Callgate.Policy.Reading;

namespace Callgate.Policy.Importing;

/// <summary>Writes a document of the older proxy in our language.</summary>
internal static class InterceptDocument
{
    private const string Everything = "*";

    private static readonly JsonWriterOptions Written = new() { Indented = true, IndentSize = 2, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(Node root, DiagnosticSink sink)
    {
        var document = new JsonObject { ["version"] = "1" };
        if (root.Find("version") is not { Text: "1" })
        {
            sink.Error(root, "the document does not say `version: \"1\"`, the only version this reads");
        }

        if (root.Find("description") is { Kind: NodeKind.String } description)
        {
            document["description"] = description.Text;
        }

        document["default"] = Default(root, sink);
        if (Hide(root.Find("hide"), sink) is { } hide)
        {
            document["hide"] = hide;
        }

        Tools(root.Find("tools"), document, sink);
        foreach (var member in root.Members.Where(member => member.Name is not ("version" or "description" or "default" or "hide" or "tools")))
        {
            sink.Error(member, member.Name == "approvals" ? "who is told of approvals, and how long equal requests are one, is set up elsewhere here" : $"{Quote.User(member.Name)} has no place in a policy here");
        }

        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, Written))
        {
            document.WriteTo(writer);
        }

        return [.. buffer.WrittenSpan, (byte)'\n'];
    }

    /// <summary>Theirs is to allow. What is neither word is refused here, as it may have been meant.</summary>
    private static string Default(Node root, DiagnosticSink sink)
    {
        switch (root.Find("default"))
        {
            case null or { Kind: NodeKind.String, Text: "allow" }:
                return "allow";
            case { Kind: NodeKind.String, Text: "deny" }:
                return "deny";
            case var other:
                sink.Error(other, $"{Quote.User(other.Text)} is neither `allow` nor `deny`; what is not named is denied");
                return "deny";
        }
    }

    private static JsonNode? Hide(Node? node, DiagnosticSink sink)
    {
        if (node is null)
        {
            return null;
        }

        if (node is { Kind: NodeKind.String, Text: Everything })
        {
            return Everything;
        }

        foreach (var wrong in node.Items.Where(item => item.Kind != NodeKind.String || item.Text.Length == 0))
        {
            sink.Error(wrong, "is no name of a tool");
        }

        if (node.Kind != NodeKind.Array)
        {
            sink.Error(node, "`hide` is a list of names, or `*`; every tool is hidden until it is mended");
            return Everything;
        }

        return new JsonArray([.. node.Items.Where(item => item is { Kind: NodeKind.String, Text.Length: > 0 }).Select(item => (JsonNode)(item.Text == Everything ? Everything : Exact(item.Text)))]);
    }

    private static void Tools(Node? tools, JsonObject document, DiagnosticSink sink)
    {
        if (tools is null or { Kind: NodeKind.Null })
        {
            return;
        }

        if (tools.Kind != NodeKind.Object)
        {
            sink.Error(tools, "`tools` must hold tools by name");
            return;
        }

        var entries = new JsonObject();
        foreach (var member in tools.Members)
        {
            var rules = new InterceptRules(member.Name == Everything ? null : member.Name, sink);
            rules.Read(member);
            if (member.Name == Everything)
            {
                document["all_tools"] = rules.ToEntry();
            }
            else
            {
                entries[Exact(member.Name)] = rules.ToEntry();
            }
        }

        document["tools"] = entries;
    }

    /// <summary>Their names are no patterns.</summary>
    private static string Exact(string name)
    {
        var exact = new StringBuilder();
        foreach (var unit in name)
        {
            exact.Append(unit is '*' or '?' or '\\' ? "\\" : "").Append(unit);
        }

        return exact.ToString();
    }
}
