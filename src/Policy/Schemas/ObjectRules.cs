using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Callgate.Policy.Binding;
using Callgate.Policy.Judging;

namespace Callgate.Policy.Schemas;

/// <summary>A pattern of names and what holds for members of such a name.</summary>
internal sealed record NamePattern(LinearPattern Pattern, SchemaNode Schema);

/// <summary>What an object schema says about members, in one pass over them.</summary>
internal sealed class MembersRule : SchemaRule
{
    private const int MostSuggested = 200;

    private readonly NameTable names; // the required ones first
    private readonly SchemaNode?[] schemas; // by the place of the name
    private readonly int required;
    private readonly NamePattern[] patterns;
    private readonly SchemaNode? additional;
    private readonly SchemaNode? named;

    public MembersRule(string[] required, Dictionary<string, SchemaNode> properties, NamePattern[] patterns, SchemaNode? additional, SchemaNode? named)
        : base(ValueKinds.Object)
    {
        string[] must = [.. required.Distinct(StringComparer.Ordinal)];
        this.required = must.Length;
        names = new NameTable([.. must, .. properties.Keys.Except(must, StringComparer.Ordinal)]);
        schemas = [.. names.Names.Select(name => properties.GetValueOrDefault(name))];
        this.patterns = patterns;
        this.additional = additional;
        this.named = named;
    }

    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        Span<ulong> seen = stackalloc ulong[(SchemaKeywords.MostNames + 63) / 64];
        seen = seen[..((required + 63) / 64)];
        seen.Clear();
        var index = 0;
        foreach (var member in value.EnumerateObject())
        {
            var name = JsonText.Name(member);
            var place = names.Find(name);
            if (place >= 0 && place < required)
            {
                seen[place >> 6] |= 1UL << (place & 63);
            }

            if (!run.Spend(member.Value, 1) || !run.SpendText(member.Value, name.Length) || !MemberHolds(name, place < 0 ? null : schemas[place], member, ref run, out var judged))
            {
                return false;
            }

            if (marks is not null)
            {
                marks[index] |= judged;
            }

            index++;
        }

        return HasAll(seen) || (run.Trail?.RefuseMember(Encoding.UTF8.GetBytes(FirstMissing(seen)), "a value (required)", "nothing") ?? false);
    }

    private bool MemberHolds(ReadOnlySpan<byte> name, SchemaNode? property, JsonProperty member, ref Evaluation run, out bool judged)
    {
        judged = property is not null;
        if (property is not null && !Applied(property, name, member.Value, ref run))
        {
            return false;
        }

        foreach (var pattern in patterns)
        {
            if (TextMatch.Holds(pattern.Pattern, name, member.Value, ref run))
            {
                judged = true;
                if (!Applied(pattern.Schema, name, member.Value, ref run))
                {
                    return false;
                }
            }
            else if (run.IsStopped)
            {
                return false;
            }
        }

        if (!judged && additional is not null)
        {
            judged = true;
            if (additional.AcceptsNone)
            {
                return Unexpected(name, member.Value, ref run);
            }

            if (!Applied(additional, name, member.Value, ref run))
            {
                return false;
            }
        }

        return named is null || named.AcceptsAll || NameHolds(name, member, ref run);
    }

    private static bool Applied(SchemaNode schema, ReadOnlySpan<byte> name, JsonElement value, ref Evaluation run)
    {
        run.Trail?.Push(name);
        if (!schema.Check(value, null, ref run))
        {
            return false;
        }

        run.Trail?.Pop();
        return true;
    }

    private bool NameHolds(ReadOnlySpan<byte> name, JsonProperty member, ref Evaluation run)
    {
        var text = JsonElement.Parse([(byte)'"', .. JsonMarshal.GetRawUtf8PropertyName(member), (byte)'"']);
        if (named!.Check(text, null, ref run))
        {
            return true;
        }

        return !run.IsStopped && run.Trail?.Take() is { } found
            && run.Trail.RefuseMember(name, $"a name that is {found.Expected}", found.Came);
    }

    private bool Unexpected(ReadOnlySpan<byte> name, JsonElement value, ref Evaluation run)
    {
        if (run.Trail is null)
        {
            return false;
        }

        var known = names.Names.Where((_, place) => schemas[place] is not null).Take(MostSuggested);
        var meant = Nearest.Suggest(Encoding.UTF8.GetString(name), known);
        return run.Trail.RefuseMember(name, meant is null ? "no argument of this name" : $"no argument of this name ({meant})", null, value);
    }

    private bool HasAll(ReadOnlySpan<ulong> seen)
    {
        var count = 0;
        foreach (var word in seen)
        {
            count += BitOperations.PopCount(word);
        }

        return count == required;
    }

    private string FirstMissing(ReadOnlySpan<ulong> seen)
    {
        for (var i = 0; i < required; i++)
        {
            if ((seen[i >> 6] & (1UL << (i & 63))) == 0)
            {
                return names.Names[i];
            }
        }

        return "";
    }
}

/// <summary><c>minProperties</c> and <c>maxProperties</c>.</summary>
internal sealed class ObjectSizeRule(long least, long most) : SchemaRule(ValueKinds.Object)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var count = value.GetPropertyCount();
        if (count >= least && count <= most)
        {
            return true;
        }

        var (bound, word) = count < least ? (least, "least") : (most, "most");
        return run.Trail?.Refuse(value, FindingRank.Value, $"an object with at {word} {Shown.Count(bound, "member")}") ?? false;
    }
}

/// <summary>What holds when a member is there: <c>dependentRequired</c>, <c>dependentSchemas</c> and <c>dependencies</c>.</summary>
internal sealed record Dependency(string Name, string[] Required, SchemaNode? Schema);

/// <summary>Dependencies between members.</summary>
internal sealed class DependencyRule(Dependency[] dependencies) : SchemaRule(ValueKinds.Object)
{
    private readonly (byte[] Name, byte[][] Required, Dependency Source)[] compiled =
        [.. dependencies.Select(one => (Encoding.UTF8.GetBytes(one.Name), one.Required.Select(Encoding.UTF8.GetBytes).ToArray(), one))];

    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var look = JsonText.Length(value); // a name is looked for among all of them
        foreach (var (name, required, source) in compiled)
        {
            if (!run.Spend(value, 1) || !run.SpendText(value, look))
            {
                return false;
            }

            if (!value.TryGetProperty(name, out _))
            {
                continue;
            }

            foreach (var other in required)
            {
                if (!run.Spend(value, 1) || !run.SpendText(value, look))
                {
                    return false;
                }

                if (!value.TryGetProperty(other, out _))
                {
                    return run.Trail?.RefuseMember(other, $"a value (required with {Shown.Name(source.Name)})", "nothing") ?? false;
                }
            }

            if (source.Schema is { } schema && !schema.Check(value, marks, ref run))
            {
                return false;
            }
        }

        return true;
    }
}

/// <summary><c>unevaluatedProperties</c>: what every other rule left over.</summary>
internal sealed class RestOfMembersRule(SchemaNode schema) : SchemaRule(ValueKinds.Object)
{
    public override bool Holds(JsonElement value, bool[]? marks, ref Evaluation run)
    {
        var index = 0;
        foreach (var member in value.EnumerateObject())
        {
            if ((marks is null || !marks[index]) && !Fits(member, ref run))
            {
                return false;
            }

            index++;
        }

        marks?.AsSpan().Fill(true);
        return true;
    }

    private bool Fits(JsonProperty member, ref Evaluation run)
    {
        var name = JsonText.Name(member);
        if (schema.AcceptsNone)
        {
            return run.Trail?.RefuseMember(name, "no argument of this name", null, member.Value) ?? false;
        }

        run.Trail?.Push(name);
        if (!run.Spend(member.Value, 1) || !schema.Check(member.Value, null, ref run))
        {
            return false;
        }

        run.Trail?.Pop();
        return true;
    }
}
