using System.Collections.Immutable;
using Callgate.Gateway.Audit;

namespace Callgate.Gateway.Configuration;

/// <summary><c>record.anchors</c>: where signed heads are copied to.</summary>
internal static class AnchorSection
{
    private const string Wanted = "a list of `file: PATH` and `webhook: URL`";

    public static ImmutableArray<Anchor> Read(Reading reading, YamlNode? node)
    {
        if (node is not YamlSequence sequence)
        {
            _ = node is not null && reading.Wrong(node, Wanted);
            return [];
        }

        var anchors = ImmutableArray.CreateBuilder<Anchor>();
        foreach (var item in sequence.Items)
        {
            if (One(reading, item) is not { } anchor)
            {
                continue;
            }

            if (anchors.Contains(anchor))
            {
                reading.Report(item, "this anchor is named twice; take one out");
                continue;
            }

            anchors.Add(anchor);
        }

        return anchors.ToImmutable();
    }

    private static Anchor? One(Reading reading, YamlNode item)
    {
        if (Fields.Of(reading, item, "an anchor", "file", "webhook") is not { } fields)
        {
            return null;
        }

        if (fields["file"] is null == fields["webhook"] is null)
        {
            reading.Report(item, "an anchor is either `file: PATH` or `webhook: URL`");
            return null;
        }

        return fields["file"] is { } file ? ToFile(reading, file) : ToWebhook(reading, fields["webhook"]!);
    }

    private static Anchor? ToFile(Reading reading, YamlNode node)
    {
        if (reading.Text(node, "the path of a file") is not { Length: > 0 } written)
        {
            return null;
        }

        var path = Path.GetFullPath(written, reading.Folder);
        if (Directory.Exists(path))
        {
            reading.Report(node, $"`{((YamlScalar)node).Written}` is a folder; name a file in it");
            return null;
        }

        if (!Directory.Exists(Path.GetDirectoryName(path)))
        {
            reading.Report(node, $"the folder of `{((YamlScalar)node).Written}` does not exist; make it, or name another file");
            return null;
        }

        return Anchor.ToFile(path);
    }

    private static Anchor? ToWebhook(Reading reading, YamlNode node)
    {
        if (reading.Text(node, "an address with `https://` or `http://`") is not { } text)
        {
            return null;
        }

        if (Reading.WebAddress(text) is { } address)
        {
            return Anchor.ToWebhook(address);
        }

        reading.Report(node, "`webhook` is an absolute address with `https://` or `http://`, without user and fragment");
        return null;
    }
}
