using System.Collections.Frozen;
using System.Collections.Immutable;
using Callgate.Policy.Binding;

namespace Callgate.Policy.Judging;

/// <summary>What <c>hide</c> names. The first element in document order that matches a name is the one a record names.</summary>
internal sealed class HiddenTools
{
    private readonly Decision? all;
    private readonly FrozenDictionary<string, Element> names;
    private readonly ImmutableArray<Element> globs;

    public HiddenTools(PolicyModel model)
    {
        all = model.HideAll is { } node ? Hide(node.Pointer) : null;
        var hide = new HideList(model.Hidden);
        names = hide.Names.ToFrozenDictionary(name => name.Key, name => new Element(name.Value), StringComparer.Ordinal);
        globs = [.. hide.Globs.Select(glob => new Element(glob))];
    }

    public Decision? Find(string tool)
    {
        if (all is not null)
        {
            return all;
        }

        var named = names.GetValueOrDefault(tool);
        foreach (var glob in globs)
        {
            if (named is not null && glob.Offset > named.Offset)
            {
                break;
            }

            if (Glob.Matches(glob.Pattern, tool))
            {
                return glob.Decision;
            }
        }

        return named?.Decision;
    }

    private static Decision Hide(string rule) => new(Effect.Hide, DecisionCodes.ToolHidden, rule, null, []);

    /// <summary>One element; its offset in the document says which of two comes first.</summary>
    private sealed class Element(NamedPattern pattern)
    {
        public string Pattern { get; } = pattern.Pattern.Text;

        public int Offset { get; } = pattern.Node.Offset;

        public Decision Decision { get; } = Hide(pattern.Node.Pointer);
    }
}
