using System.Reflection;
using Callgate.Gateway.Storage;

namespace Callgate.Gateway.Tests.Configuration;

/// <summary>A real store, methods of which fail on demand.</summary>
public class FailingStore : DispatchProxy
{
    private IConfigStore store = null!; // set by Around before anything is called

    public HashSet<string> Failing { get; } = [];

    public static IConfigStore Around(IConfigStore store)
    {
        var proxy = Create<IConfigStore, FailingStore>();
        ((FailingStore)(object)proxy).store = store;
        return proxy;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Failing.Contains(targetMethod!.Name) ? throw new StoreException("the store is away") : targetMethod.Invoke(store, args);
}
