using System.Text.Json;

namespace Callgate.Catalogue.Classifying;

/// <summary>At most so many members of an object, in their order; none of any other value.</summary>
internal readonly struct Members(JsonElement value, int most)
{
    public Enumerator GetEnumerator() => new(value, most);

    /// <summary>The last member of a name among them, as most readers take one that is there twice; undefined without one.</summary>
    public JsonElement Find(string name)
    {
        JsonElement found = default;
        foreach (var member in this)
        {
            found = BoundedText.NameOf(member, name.Length + 1) == name ? member.Value : found;
        }

        return found;
    }

    /// <summary>Goes through them without an allocation.</summary>
    internal struct Enumerator(JsonElement value, int most)
    {
        private readonly bool isObject = value.ValueKind == JsonValueKind.Object;
        private JsonElement.ObjectEnumerator members = value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : default;
        private int left = most;

        public readonly JsonProperty Current => members.Current;

        public bool MoveNext() => isObject && left-- > 0 && members.MoveNext();
    }
}
