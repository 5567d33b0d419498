using System.Collections;
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Callgate.Mutation;

/// <summary>The facts and the rows of the theories of a test assembly, found by reflection so that one process can run any of them at any time.</summary>
internal sealed class TestSuite
{
    private readonly List<(MethodInfo Method, object?[] Arguments)> tests = [];

    public TestSuite(string path)
    {
        Tests = Assembly.LoadFrom(path);
        Subject = Assembly.LoadFrom(Path.Combine(Path.GetDirectoryName(path)!, "Callgate.Policy.dll"));
    }

    public Assembly Tests { get; }

    /// <summary>The assembly under test, with Stryker's mutants in it.</summary>
    public Assembly Subject { get; }

    public IEnumerable<string> Names => tests.Select(static (test, at) => $"{test.Method.DeclaringType!.FullName}.{test.Method.Name} {at}");

    /// <summary>Finds the tests; what the rows of a theory are is asked once, with no mutant active.</summary>
    public void Find()
    {
        var methods =
            from type in Tests.GetTypes()
            where type is { IsClass: true, IsAbstract: false }
            from method in type.GetMethods()
            where method.GetCustomAttributes().Any(static attribute => Is(attribute, "Fact")) && !IsLong(method)
            orderby type.FullName, method.Name
            select method;
        tests.AddRange(methods.SelectMany(static method => Rows(method).Select(row => (method, row))));
    }

    /// <summary>Whether the test passes.</summary>
    public bool Passes(int test)
    {
        var (method, arguments) = tests[test];
        object? subject = null;
        try
        {
            subject = Make(method.DeclaringType!);
            var given = method.GetParameters().Select((parameter, at) => at < arguments.Length ? arguments[at] : parameter.DefaultValue).ToArray();
            if (method.Invoke(subject, given) is Task task)
            {
                task.GetAwaiter().GetResult();
            }

            return true;
        }
        catch (Exception)
        {
            return false;
        }
        finally
        {
            (subject as IDisposable)?.Dispose();
        }
    }

    /// <summary>
    /// Runs every static initialiser of an assembly, so that none runs in the middle of a test, where what an active mutant
    /// put into a static field would stay for the mutants after it.
    /// </summary>
    public static void Initialise(Assembly assembly)
    {
        foreach (var type in assembly.GetTypes().Where(static type => !type.ContainsGenericParameters))
        {
            try
            {
                RuntimeHelpers.RunClassConstructor(type.TypeHandle);
            }
            catch (TypeInitializationException)
            {
                // An active mutant; the tests that need the type fail by it.
            }
        }
    }

    private static IEnumerable<object?[]> Rows(MethodInfo method)
    {
        var sources = method.GetCustomAttributes().Where(static attribute => Is(attribute, "Data")).ToList();
        return sources.Count == 0 ? [[]] : sources.SelectMany(source => Rows(method, source));
    }

    private static IEnumerable<object?[]> Rows(MethodInfo method, Attribute source)
    {
        if (source.GetType().GetProperty("Data")?.GetValue(source) is object?[] inline)
        {
            return [inline];
        }

        var member = (string)source.GetType().GetProperty("MemberName")!.GetValue(source)!;
        var rows = (IEnumerable)method.DeclaringType!.GetProperty(member)!.GetValue(null)!;
        return rows.Cast<object>().Select(static row =>
            (object?[])row.GetType().GetInterface("Xunit.ITheoryDataRow")!.GetMethod("GetData")!.Invoke(row, null)!);
    }

    private static bool Is(Attribute attribute, string kind)
    {
        for (var type = attribute.GetType(); type is not null; type = type.BaseType)
        {
            if (type.FullName is { } name && (name == $"Xunit.{kind}Attribute" || name == $"Xunit.v3.{kind}Attribute"))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLong(MethodInfo method) =>
        method.CustomAttributes.Any(static attribute => attribute.ConstructorArguments.Any(static argument => "Full".Equals(argument.Value)));

    private static object Make(Type type)
    {
        var constructor = type.GetConstructors().Single();
        return constructor.Invoke([.. constructor.GetParameters().Select(static parameter => DispatchProxy.Create(parameter.ParameterType, typeof(Silent)))]);
    }

    /// <summary>An output that nobody reads.</summary>
    [SuppressMessage("Performance", "CA1852", Justification = "the runtime derives the proxy from it")]
    internal class Silent : DispatchProxy
    {
        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => null;
    }
}
