using Callgate.Gateway.Storage;
using Xunit;

namespace Callgate.Gateway.Tests.Storage;

public sealed class DataDirectoryTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_NoFolder_MakesAPrivateOneWithItsParents()
    {
        var path = folder.At("a/b");

        using var directory = DataDirectory.Open(path);

        Assert.Equal(path, directory.Root);
        Assert.False(PrivateFile.IsOpenToOthers(path));
        Assert.All(Directory.GetFiles(path), file => Assert.False(PrivateFile.IsOpenToOthers(file)));
    }

    [Fact]
    public void Open_HeldByAnother_RefusesByNameUntilItIsLeft()
    {
        var first = DataDirectory.Open(folder.Root);

        var refusal = Assert.Throws<StoreException>(() => DataDirectory.Open(folder.Root));
        Assert.Contains(folder.Root, refusal.Message, StringComparison.Ordinal);
        Assert.Contains("another gateway", refusal.Message, StringComparison.Ordinal);

        first.Dispose();
        using var second = DataDirectory.Open(folder.Root);
    }

    [Fact]
    public void Open_SpelledInAnotherWay_IsTheSameFolder()
    {
        using var first = DataDirectory.Open(folder.Root);

        Assert.Throws<StoreException>(() => DataDirectory.Open(Path.Combine(folder.Root, "x", "..") + Path.DirectorySeparatorChar));
    }

    [Fact]
    public void Open_EmptyFolderOpenToOthers_IsMadePrivate()
    {
        StoreFolder.Loosen(folder.Root);

        using var directory = DataDirectory.Open(folder.Root);

        Assert.False(PrivateFile.IsOpenToOthers(folder.Root));
    }

    [Fact]
    public void Open_OwnFolderOpenToOthers_IsMadePrivateAgain()
    {
        DataDirectory.Open(folder.Root).Dispose();
        StoreFolder.Loosen(folder.Root);

        using var directory = DataDirectory.Open(folder.Root);

        Assert.False(PrivateFile.IsOpenToOthers(folder.Root));
    }

    [Fact]
    public void Open_SomebodysFolder_IsRefusedAndLeftAlone()
    {
        File.WriteAllText(folder.At("thesis.txt"), "");
        StoreFolder.Loosen(folder.Root);

        Assert.Contains("holds other files", Assert.Throws<StoreException>(() => DataDirectory.Open(folder.Root)).Message, StringComparison.Ordinal);

        Assert.True(PrivateFile.IsOpenToOthers(folder.Root));
        Assert.Equal(["thesis.txt"], Directory.GetFiles(folder.Root).Select(Path.GetFileName));
    }

    [Fact]
    public void Open_FileInPlace_RefusesByName()
    {
        File.WriteAllText(folder.At("file"), "");

        Assert.Contains(folder.At("file"), Assert.Throws<StoreException>(() => DataDirectory.Open(folder.At("file"))).Message, StringComparison.Ordinal);
    }
}
