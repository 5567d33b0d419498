using System.Collections.Immutable;
using System.Text.Json;

namespace Callgate.Policy.Schemas;

/// <summary>The keywords of one schema that apply other schemas, as rules.</summary>
internal sealed class SchemaRules(SchemaKeywords keywords, bool isDraft7)
{
    /// <param name="rules">Where the rules go, in the order they are judged.</param>
    /// <param name="branches">Schemas that apply to the very same value.</param>
    /// <param name="asksForRest">Whether the last of the rules judges what the others left over.</param>
    public void AddTo(ImmutableArray<SchemaRule>.Builder rules, List<SchemaNode> branches, out bool asksForRest)
    {
        AddMembers(rules);
        AddItems(rules);
        AddDependencies(rules, branches);
        AddBranches(rules, branches);
        asksForRest = !isDraft7 && (keywords.Has("unevaluatedProperties") || keywords.Has("unevaluatedItems"));
        if (asksForRest && keywords.Schema("unevaluatedProperties") is { } members)
        {
            rules.Add(new RestOfMembersRule(members));
        }

        if (asksForRest && keywords.Schema("unevaluatedItems") is { } items)
        {
            rules.Add(new RestOfItemsRule(items));
        }
    }

    private void AddMembers(ImmutableArray<SchemaRule>.Builder rules)
    {
        var (required, properties) = (keywords.Names("required"), keywords.Map("properties"));
        NamePattern[] patterns = [.. keywords.Patterns("patternProperties")];
        var (additional, named) = (keywords.Schema("additionalProperties"), keywords.Schema("propertyNames"));
        if (required.Length > 0 || properties.Count > 0 || patterns.Length > 0 || (additional ?? named) is not null)
        {
            rules.Add(new MembersRule(required, properties, patterns, additional, named));
        }

        if (keywords.Count("minProperties") is var least && keywords.Count("maxProperties") is var most && (least ?? most) is not null)
        {
            rules.Add(new ObjectSizeRule(least ?? 0, most ?? int.MaxValue));
        }
    }

    private void AddItems(ImmutableArray<SchemaRule>.Builder rules)
    {
        if (keywords.Count("minItems") is var least && keywords.Count("maxItems") is var most && keywords.Flag("uniqueItems") is var unique
            && (unique || (least ?? most) is not null))
        {
            rules.Add(new ArraySizeRule(least ?? 0, most ?? int.MaxValue, unique));
        }

        var isTuple = isDraft7 && keywords.Any("items") is { ValueKind: JsonValueKind.Array };
        var first = isTuple ? keywords.Schemas("items", mayBeEmpty: true) : isDraft7 ? null : keywords.Schemas("prefixItems");
        var rest = keywords.Schema(isTuple ? "additionalItems" : "items");
        if (first is not null || rest is not null)
        {
            rules.Add(new ItemsRule(first ?? [], rest));
        }

        if (keywords.Schema("contains") is { } contained)
        {
            var (fewest, greatest) = isDraft7 ? (null, null) : (keywords.Count("minContains"), keywords.Count("maxContains"));
            rules.Add(new ContainsRule(contained, fewest ?? 1, greatest ?? int.MaxValue));
        }
    }

    private void AddDependencies(ImmutableArray<SchemaRule>.Builder rules, List<SchemaNode> branches)
    {
        Dependency[] dependencies = isDraft7
            ? [.. keywords.Dependencies("dependencies", names: true, schemas: true)]
            : [.. keywords.Dependencies("dependentRequired", names: true, schemas: false), .. keywords.Dependencies("dependentSchemas", names: false, schemas: true)];
        if (dependencies.Length > 0)
        {
            rules.Add(new DependencyRule(dependencies));
            branches.AddRange(dependencies.Select(one => one.Schema).OfType<SchemaNode>());
        }
    }

    private void AddBranches(ImmutableArray<SchemaRule>.Builder rules, List<SchemaNode> branches)
    {
        Add(keywords.Schemas("allOf"), schemas => new AllOfRule(schemas));
        Add(keywords.Schemas("anyOf"), schemas => new AnyOfRule(schemas));
        Add(keywords.Schemas("oneOf"), schemas => new OneOfRule(schemas));
        if (keywords.Schema("not") is { } excluded)
        {
            Add([excluded], schemas => new NotRule(schemas[0]));
        }

        if (keywords.Schema("if") is { } condition)
        {
            var (then, otherwise) = (keywords.Schema("then"), keywords.Schema("else"));
            rules.Add(new IfRule(condition, then, otherwise));
            branches.AddRange(new[] { condition, then, otherwise }.OfType<SchemaNode>());
        }

        void Add(SchemaNode[]? schemas, Func<SchemaNode[], SchemaRule> make)
        {
            if (schemas is not null)
            {
                rules.Add(make(schemas));
                branches.AddRange(schemas);
            }
        }
    }
}
