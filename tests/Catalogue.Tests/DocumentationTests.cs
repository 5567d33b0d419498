using System.Reflection;
using System.Xml.Linq;
using Xunit;

namespace Callgate.Catalogue.Tests;

/// <summary>Every public type and member of the library says what it is.</summary>
public sealed class DocumentationTests
{
    private static readonly HashSet<string> MadeByTheCompiler =
        ["Equals", "GetHashCode", "ToString", "Deconstruct", "<Clone>$", "op_Equality", "op_Inequality", "EqualityContract", "PrintMembers", "value__"];

    [Fact]
    public void PublicTypesAndMembers_All_HaveASummary()
    {
        var assembly = typeof(ToolClassifier).Assembly;
        var documented = XDocument.Load(Path.ChangeExtension(assembly.Location, ".xml")).Descendants("member")
            .Where(member => !string.IsNullOrWhiteSpace(member.Element("summary")?.Value))
            .Select(member => member.Attribute("name")!.Value.Split('(')[0])
            .ToHashSet();
        var types = assembly.GetExportedTypes();

        Assert.True(types.Length >= 8, "the library has public types");
        Assert.Empty(types.SelectMany(Names).Except(documented));
    }

    private static IEnumerable<string> Names(Type type)
    {
        const BindingFlags Own = BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
        var parameters = type.GetConstructors().SelectMany(made => made.GetParameters()).Select(parameter => parameter.Name).ToHashSet();
        yield return $"T:{type.FullName}";
        foreach (var member in type.GetMembers(Own).Where(member => !MadeByTheCompiler.Contains(member.Name)))
        {
            // A member that comes from a record's parameter is described there, in the type's own comment.
            var described = member is PropertyInfo && parameters.Contains(member.Name);
            var name = member switch
            {
                _ when described => null,
                PropertyInfo => $"P:{type.FullName}.{member.Name}",
                FieldInfo => $"F:{type.FullName}.{member.Name}",
                MethodInfo { IsSpecialName: false } => $"M:{type.FullName}.{member.Name}",
                _ => null,
            };
            if (name is not null)
            {
                yield return name;
            }
        }
    }
}
