using Mono.Cecil;
using Mono.Cecil.Cil;

namespace Callgate.Bench.Proxy;

/// <summary>
/// The product cannot be had without its record. What the record costs a call is measured against a copy of the gate, made
/// here and gone with the run, whose journal says of every entry that it is written and writes none. The copy beside it that
/// records is rewritten in the same way, so that both start without code made ahead of time.
/// </summary>
public static class WithoutRecord
{
    public const string Recorded = "recorded";
    public const string Unindexed = "unindexed";
    public const string Unrecorded = "unrecorded";

    private const string Rewritten = "Callgate.Gateway.dll";

    /// <summary>The executable of a copy in <paramref name="folder"/>; the gate itself for every other variant.</summary>
    /// <param name="gateway">The assembly of the gateway as it is before code is made ahead of time.</param>
    public static string GateOf(string variant, string gate, string gateway, string folder)
    {
        if (variant is not (Recorded or Unindexed or Unrecorded))
        {
            return gate;
        }

        var copy = Directory.CreateDirectory(Path.Combine(folder, "gate-" + variant)).FullName;
        foreach (var file in Directory.GetFiles(Path.GetDirectoryName(gate)!))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)), overwrite: true);
        }

        using var assembly = AssemblyDefinition.ReadAssembly(gateway, new ReaderParameters { InMemory = true });
        var audit = assembly.MainModule.Types.Where(static type => type.Namespace == "Callgate.Gateway.Audit").ToDictionary(static type => type.Name, StringComparer.Ordinal);
        if (variant != Recorded)
        {
            Empty(audit["AuditIndex"], "Notify");
        }

        if (variant == Unrecorded)
        {
            SayWritten(audit["Journal"], "AppendAsync");
            SayWritten(audit["Journal"], "CompleteAsync");
            Empty(audit["Journal"], "Complete");
        }

        assembly.Write(Path.Combine(copy, Rewritten));
        return Path.Combine(copy, Path.GetFileName(gate));
    }

    private static MethodDefinition Only(TypeDefinition type, string name) =>
        type.Methods.SingleOrDefault(method => method.Name == name) ?? throw new BenchException($"`{type.Name}.{name}` is not there to be emptied; bring this file up to date");

    private static void Empty(TypeDefinition type, string name)
    {
        var method = Only(type, name);
        method.Body = new MethodBody(method);
        method.Body.GetILProcessor().Emit(OpCodes.Ret);
    }

    /// <summary>As the journal refuses, with yes in the place of no.</summary>
    private static void SayWritten(TypeDefinition journal, string name)
    {
        var refused = Only(journal, "Refused").Body.Instructions;
        var method = Only(journal, name);
        method.Body = new MethodBody(method);
        var code = method.Body.GetILProcessor();
        code.Emit(OpCodes.Ldc_I4_1);
        code.Emit(OpCodes.Ldnull);
        code.Emit(OpCodes.Newobj, (MethodReference)refused.Single(static one => one.OpCode == OpCodes.Newobj).Operand);
        code.Emit(OpCodes.Call, (MethodReference)refused.Single(static one => one.OpCode == OpCodes.Call).Operand);
        code.Emit(OpCodes.Ret);
    }
}
