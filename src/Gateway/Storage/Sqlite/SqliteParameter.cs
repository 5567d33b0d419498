using System.Data;
using System.Data.Common;
using System.Diagnostics.CodeAnalysis;

namespace Callgate.Gateway.Storage.Sqlite;

/// <summary>A value for a <c>$name</c> or <c>@name</c> in a statement.</summary>
internal sealed class SqliteParameter : DbParameter
{
    public SqliteParameter()
    {
    }

    public SqliteParameter(string name, object? value)
    {
        ParameterName = name;
        Value = value;
    }

    public override DbType DbType { get; set; } = DbType.Object;

    public override ParameterDirection Direction
    {
        get => ParameterDirection.Input;
        set
        {
            if (value != ParameterDirection.Input)
            {
                throw new NotSupportedException("parameters only go in");
            }
        }
    }

    public override bool IsNullable { get; set; } = true;

    [AllowNull]
    public override string ParameterName { get; set => field = value ?? ""; } = "";

    public override int Size { get; set; }

    [AllowNull]
    public override string SourceColumn { get; set => field = value ?? ""; } = "";

    public override bool SourceColumnNullMapping { get; set; }

    public override object? Value { get; set; }

    public override void ResetDbType() => DbType = DbType.Object;

    /// <summary>Both <c>$name</c> and a bare <c>name</c> mean the same; names compare ordinally.</summary>
    internal bool IsFor(string written)
    {
        ReadOnlySpan<char> name = ParameterName;
        return name.SequenceEqual(written) || (name.Length == written.Length - 1 && written.AsSpan(1).SequenceEqual(name));
    }
}
