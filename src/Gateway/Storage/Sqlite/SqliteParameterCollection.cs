using System.Collections;
using System.Data.Common;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>The values of a command, by name.</summary>
internal sealed class SqliteParameterCollection : DbParameterCollection
{
    private readonly List<SqliteParameter> items = [];

    public override int Count => items.Count;

    public override object SyncRoot => ((ICollection)items).SyncRoot;

    public SqliteParameter AddWithValue(string name, object? value)
    {
        var parameter = new SqliteParameter(name, value);
        items.Add(parameter);
        return parameter;
    }

    public override int Add(object value)
    {
        items.Add((SqliteParameter)value);
        return items.Count - 1;
    }

    public override void AddRange(Array values)
    {
        foreach (var value in values)
        {
            Add(value);
        }
    }

    public override void Clear() => items.Clear();

    public override bool Contains(object value) => items.Contains((SqliteParameter)value);

    public override bool Contains(string value) => IndexOf(value) >= 0;

    public override void CopyTo(Array array, int index) => ((ICollection)items).CopyTo(array, index);

    public override IEnumerator GetEnumerator() => items.GetEnumerator();

    public override int IndexOf(object value) => items.IndexOf((SqliteParameter)value);

    public override int IndexOf(string parameterName) =>
        items.FindIndex(item => string.Equals(item.ParameterName, parameterName, StringComparison.Ordinal));

    public override void Insert(int index, object value) => items.Insert(index, (SqliteParameter)value);

    public override void Remove(object value) => items.Remove((SqliteParameter)value);

    public override void RemoveAt(int index) => items.RemoveAt(index);

    public override void RemoveAt(string parameterName) => items.RemoveAt(Existing(parameterName));

    internal SqliteParameter? At(int index) => index < items.Count ? items[index] : null;

    internal SqliteParameter? Find(string written)
    {
        foreach (var item in items)
        {
            if (item.IsFor(written))
            {
                return item;
            }
        }

        return null;
    }

    protected override DbParameter GetParameter(int index) => items[index];

    protected override DbParameter GetParameter(string parameterName) => items[Existing(parameterName)];

    protected override void SetParameter(int index, DbParameter value) => items[index] = (SqliteParameter)value;

    protected override void SetParameter(string parameterName, DbParameter value) => items[Existing(parameterName)] = (SqliteParameter)value;

    private int Existing(string name)
    {
        var index = IndexOf(name);
        return index >= 0 ? index : throw new ArgumentException($"there is no parameter `{name}`");
    }
}
