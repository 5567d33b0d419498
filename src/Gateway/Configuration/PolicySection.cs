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

        var compilation = PolicyCompiler.Compile(bytes);
        foreach (var diagnostic in compilation.Diagnostics)
        {
            var advice = diagnostic.Suggestion is { } suggestion ? $"; did you mean `{suggestion}`?" : string.Empty;
            reading.Report(new ConfigurationError(path, diagnostic.Line, diagnostic.Column, diagnostic.Message + advice));
        }

        return compilation.Policy is null
            ? null
            : new DeclaredPolicy(member.Name, path, bytes, Convert.ToHexStringLower(SHA256.HashData(bytes)), compilation.Policy);
    }
}
