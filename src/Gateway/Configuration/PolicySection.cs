using System.Security.Cryptography;
using Callgate.Policy;

namespace Callgate.Gateway.Configuration;

/// <summary>The <c>policies</c> of the file: each names a document, which is compiled here.</summary>
internal static class PolicySection
{
    public static DeclaredPolicy? Read(Reading reading, YamlMember member, FilesRead files)
    {
        if (!Naming.IsName(member.Name))
        {
            reading.Report(member, $"`{member.Name}` is no policy name: {Naming.Rule}");
        }

        if (reading.Text(member.Value, "the path of a policy file") is not { } written)
        {
            return null;
        }

        if (written.Length == 0)
        {
            reading.Report(member.Value, "the path of the policy file is empty");
            return null;
        }

        var path = Path.GetFullPath(written, reading.Folder);
        var (bytes, fault) = files.Read(path);
        if (bytes is null)
        {
            reading.Report(member.Value, $"the policy file `{((YamlScalar)member.Value).Written}` {fault}");
            return null;
        }

        var syntax = PolicySyntax.OfFileName(path);
        var compilation = PolicyCompiler.Compile(bytes, syntax);

        // What is kept and shown is JSON in either case.
        var json = syntax.ToJson(bytes, out var unkept);
        foreach (var diagnostic in compilation.Diagnostics.IsEmpty ? unkept : compilation.Diagnostics)
        {
            var advice = diagnostic.Suggestion is { } suggestion ? $"; {suggestion}" : string.Empty;
            reading.Report(new ConfigurationError(path, diagnostic.Line, diagnostic.Column, diagnostic.Message + advice));
        }

        return compilation.Policy is null || json is null
            ? null
            : new DeclaredPolicy(member.Name, path, json, Convert.ToHexStringLower(SHA256.HashData(json)), compilation.Policy);
    }
}
