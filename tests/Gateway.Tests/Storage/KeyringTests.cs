using System.Text;
using Callgate.Gateway.Storage;
using Xunit;

namespace Callgate.Gateway.Tests.Storage;

public sealed class KeyringTests : IDisposable
{
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Open_NewFolder_MakesPrivateKeysOnce()
    {
        var first = Keyring.Open(folder.Root);
        var files = Directory.GetFiles(folder.Root).Select(Path.GetFileName).Order(StringComparer.Ordinal);
        Assert.Equal(["digest.key", "operator.key"], files);
        Assert.All(Directory.GetFiles(folder.Root), path => Assert.False(PrivateFile.IsOpenToOthers(path)));
        Assert.Equal(65, new FileInfo(folder.At("operator.key")).Length);

        var second = Keyring.Open(folder.Root);

        Assert.Equal(first.DigestKey, second.DigestKey);
        Assert.True(second.Sealer("a").TryOpen(first.Sealer("a").Seal("x"u8, default), default, out _));
    }

    [Fact]
    public async Task Open_ManyAtOnce_EndWithOneKey()
    {
        var rings = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Task.Run(() => Keyring.Open(folder.Root))));

        var text = rings[0].Sealer("a").Seal("x"u8, default);
        Assert.All(rings, ring => Assert.True(ring.Sealer("a").TryOpen(text, default, out _)));
        Assert.Equal(2, Directory.GetFiles(folder.Root).Length);
    }

    public static TheoryData<string, string> Damage => new()
    {
        { "empty", "" }, { "short", "abcd\n" }, { "no line end", new string('a', 64) }, { "no digits", new string('g', 64) + "\n" },
        { "long", new string('a', 64) + "\n\n" }, { "two lines", new string('a', 64) + "\n" + new string('b', 64) + "\n" }, { "zeros", new string('0', 64) + "\n" },
        { "blank", " " + new string('a', 63) + "\n" }, { "nul bytes", new string('\0', 65) },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public void Open_DamagedKey_RefusesByNameAndKeepsTheFile(string what, string content)
    {
        Keyring.Open(folder.Root);
        foreach (var name in (string[])["operator.key", "digest.key"])
        {
            var path = folder.At(name);
            var good = File.ReadAllText(path);
            File.WriteAllText(path, content);

            var refusal = Assert.Throws<KeyringException>(() => Keyring.Open(folder.Root));

            Assert.True(refusal.Message.Contains(path, StringComparison.Ordinal), what);
            Assert.Equal(content, File.ReadAllText(path));
            File.WriteAllText(path, good);
        }
    }

    [Fact]
    public void Open_FolderInPlaceOfAKey_RefusesByName()
    {
        Directory.CreateDirectory(folder.At("operator.key"));

        Assert.Contains(folder.At("operator.key"), Assert.Throws<KeyringException>(() => Keyring.Open(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_KeyReadableByOthers_Refuses()
    {
        Keyring.Open(folder.Root);
        StoreFolder.Loosen(folder.At("operator.key"));

        Assert.Contains("chmod 600", Assert.Throws<KeyringException>(() => Keyring.Open(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RotateDigestKey_Once_ChangesOnlyThatKeyAndIsKept()
    {
        var ring = Keyring.Open(folder.Root);
        var (before, text) = (ring.DigestKey, ring.Sealer("a").Seal("x"u8, default));

        ring.RotateDigestKey();

        Assert.NotEqual(before, ring.DigestKey);
        Assert.Equal(ring.DigestKey, Keyring.Open(folder.Root).DigestKey);
        Assert.True(Keyring.Open(folder.Root).Sealer("a").TryOpen(text, default, out _));
        Assert.Equal(2, Directory.GetFiles(folder.Root).Length);
    }

    [Fact]
    public void Sealer_RightKeyPurposeAndPlace_OpensEveryLength()
    {
        var sealer = Keyring.Open(folder.Root).Sealer("a");
        foreach (var length in (int[])[0, 1, 15, 16, 17, 1000])
        {
            var plain = new byte[length];
            plain.AsSpan().Fill(7);

            Assert.True(sealer.TryOpen(sealer.Seal(plain, "here"u8), "here"u8, out var opened));
            Assert.Equal(plain, opened);
        }
    }

    [Fact]
    public void Sealer_SameTextTwice_LooksDifferent()
    {
        var sealer = Keyring.Open(folder.Root).Sealer("a");

        Assert.NotEqual(sealer.Seal("x"u8, default), sealer.Seal("x"u8, default));
    }

    [Fact]
    public void Sealer_OtherPurposeOrPlace_DoesNotOpen()
    {
        var ring = Keyring.Open(folder.Root);
        var text = ring.Sealer("a").Seal("secret"u8, "here"u8);

        Assert.False(ring.Sealer("A").TryOpen(text, "here"u8, out var plain));
        Assert.Empty(plain);
        Assert.False(ring.Sealer("a").TryOpen(text, "there"u8, out _));
        Assert.False(ring.Sealer("a").TryOpen(text, default, out _));
    }

    [Fact]
    public void Sealer_AnyChangedCharacter_DoesNotOpen()
    {
        var sealer = Keyring.Open(folder.Root).Sealer("a");
        var text = sealer.Seal("four"u8, "here"u8);
        for (var i = 0; i < text.Length; i++)
        {
            var changed = new StringBuilder(text) { [i] = text[i] == 'A' ? 'B' : 'A' }.ToString();
            Assert.False(sealer.TryOpen(changed, "here"u8, out _), $"position {i}");
        }

        foreach (var other in (string[])["", "A", "====", text + "A", text + "=", " " + text, text + "\n", text[..^1], text[1..], "päth"])
        {
            Assert.False(sealer.TryOpen(other, "here"u8, out _), other);
        }
    }
}
