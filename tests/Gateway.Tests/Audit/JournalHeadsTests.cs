using System.Security.Cryptography;
using System.Text;
using Callgate.Gateway.Audit;
using Callgate.Gateway.Storage;
using Callgate.Gateway.Tests.Quota;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace Callgate.Gateway.Tests.Audit;

/// <summary>Signed ends of the chain: when they are made, what they say, and what keeps them true.</summary>
public sealed class JournalHeadsTests : IDisposable
{
    private readonly JournalFolder folder = new();
    private readonly SettableTime time = new(JournalFolder.Start);
    private readonly JournalKey key;

    public JournalHeadsTests()
    {
        Directory.CreateDirectory(folder.Root);
        key = JournalKey.Open(folder.Root);
    }

    public void Dispose()
    {
        key.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task Sign_ThousandsOfEntries_SignsAtLeastEveryThousandAndTheEnd()
    {
        JournalHead end;
        await using (var heads = Heads())
        {
            var journal = await folder.OpenAsync(time);
            await using (journal)
            {
                heads.Follow(journal);
                for (var i = 0; i < 3_500; i++)
                {
                    await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call($"c{i}", "answered"), Durability.Process, CancellationToken.None));
                }
            }

            end = journal.Head;
        }

        var signed = Read();
        Assert.Equal(end, signed[^1].Head);
        Assert.All(signed, head => Assert.True(head.IsSignedBy(key.Public)));
        Assert.Equal([1_000, 2_000, 3_000, end.Seq], signed.Select(static head => head.Head.Seq));
        var hashes = folder.Entries().ToDictionary(static entry => entry.Seq, static entry => entry.Hash);
        Assert.All(signed, head => Assert.Equal(hashes[head.Head.Seq], head.Head.Hash));
    }

    [Fact]
    public async Task Sign_NothingWritten_AddsNoHead()
    {
        await using (var heads = Heads())
        {
            await using var journal = await folder.OpenAsync(time);
            heads.Follow(journal);
            await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c", "answered"), Durability.Power, CancellationToken.None));
            await heads.SignNowAsync();
            await heads.SignNowAsync();
            Assert.True(heads.SignedSeq > 0);
            Assert.Single(Read());
        }

        Assert.Equal(2, Read().Count);
    }

    [Fact]
    public async Task Text_OfAHead_IsASignedNoteThatOthersCanCheck()
    {
        await SignSomeAsync();
        var note = await File.ReadAllTextAsync(HeadsPath);
        var (text, line) = (note[..(note.IndexOf("\n\n", StringComparison.Ordinal) + 1)], note.Split('\n').First(static line => line.StartsWith("— ", StringComparison.Ordinal)));
        var lines = text.Split('\n');

        Assert.Equal((5, key.Public.Name, ""), (lines.Length, lines[0], lines[4]));
        Assert.Equal(32, Convert.FromBase64String(lines[2]).Length);

        // As the specification says it, with nothing of ours: id, then an ASN.1 signature over the text.
        var vkey = (await File.ReadAllTextAsync(Path.Combine(folder.Root, JournalKey.PublicFileName))).Trim().Split('+', 3);
        var spki = Convert.FromBase64String(vkey[2]);
        Assert.Equal(2, spki[0]);
        Assert.Equal(vkey[1], Convert.ToHexStringLower(SHA256.HashData(spki.AsSpan(1))[..4]));
        using var ecdsa = ECDsa.Create();
        ecdsa.ImportSubjectPublicKeyInfo(spki.AsSpan(1), out _);
        var signature = Convert.FromBase64String(line.Split(' ')[2]);
        Assert.Equal(vkey[1], Convert.ToHexStringLower(signature.AsSpan(0, 4)));
        Assert.True(ecdsa.VerifyData(Encoding.UTF8.GetBytes(text), signature.AsSpan(4), HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence));
        Assert.Equal($"— {vkey[0]}", line[..line.LastIndexOf(' ')]);
    }

    [Fact]
    public async Task Open_NoteCutByACrash_IsCutOffAndSigningGoesOn()
    {
        await SignSomeAsync();
        var whole = await File.ReadAllBytesAsync(HeadsPath);
        for (var length = whole.Length - 1; length > whole.Length - 300; length -= 37)
        {
            await File.WriteAllBytesAsync(HeadsPath, [.. whole, .. whole[..length]]);
            Assert.NotNull(new HeadsFile(HeadsPath).Repair(key.Public.Name));
            Assert.Equal(whole, (await File.ReadAllBytesAsync(HeadsPath))[..whole.Length]);
            Assert.All(Read(), head => Assert.True(head.IsSignedBy(key.Public)));
        }

        await File.WriteAllBytesAsync(HeadsPath, whole[..^40]);
        await SignSomeAsync();
        Assert.True(JournalVerifier.Verify(folder.Root).Ok);
        Assert.Equal(JournalVerifier.Verify(folder.Root).Head, Read()[^1].Head);
    }

    [Fact]
    public async Task Follow_JournalCutBehindASignedHead_SignsNoMoreAndSaysWhy()
    {
        await SignSomeAsync();
        var last = folder.Segments()[^1];
        var lines = await File.ReadAllLinesAsync(last);
        await File.WriteAllTextAsync(last, string.Join('\n', lines[..^2]) + "\n");
        var before = Read().Count;

        await using (var heads = Heads())
        {
            await using var journal = await folder.OpenAsync(time);
            heads.Follow(journal);
            await heads.SignNowAsync();
            Assert.StartsWith("the record is no longer signed: entry ", heads.Fault, StringComparison.Ordinal);
            Assert.True((await journal.AppendAsync(JournalFolder.Call("passes", "answered"), Durability.Power, CancellationToken.None)).Written);
        }

        Assert.Equal(before, Read().Count);
    }

    [Fact]
    public async Task Sign_FileOfHeadsCannotBeWritten_CallsPassAndItGoesOnLater()
    {
        await using var heads = Heads();
        await using var journal = await folder.OpenAsync(time);
        Directory.CreateDirectory(HeadsPath);
        heads.Follow(journal);
        await heads.SignNowAsync();
        Assert.StartsWith("the end of the journal cannot be signed", heads.Fault, StringComparison.Ordinal);
        Assert.True((await journal.AppendAsync(JournalFolder.Call("c", "answered"), Durability.Power, CancellationToken.None)).Written);

        Directory.Delete(HeadsPath);
        await heads.SignNowAsync();
        Assert.Null(heads.Fault);
        Assert.Single(Read());
    }

    [Fact]
    public void Key_IsMadeOnceAndReadableByItsOwnerAlone()
    {
        using var again = JournalKey.Open(folder.Root);
        Assert.Equal(key.Public.Text, again.Public.Text);
        var path = Path.Combine(folder.Root, JournalKey.FileName);
        Assert.False(PrivateFile.IsOpenToOthers(path));
        Chmod(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        Assert.Contains("chmod 600", Assert.Throws<KeyringException>(() => JournalKey.Open(folder.Root)).Message, StringComparison.Ordinal);
        Chmod(path, PrivateFile.Mode);
        File.WriteAllText(path, "none");
        Assert.Contains("is damaged", Assert.Throws<KeyringException>(() => JournalKey.Open(folder.Root)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("name+01020304+AQID")]
    [InlineData("name+zz020304+AgID")]
    [InlineData("a b+01020304+AgID")]
    public void KeyText_ThatIsNone_IsRefused(string text) => Assert.Null(NoteKey.TryParse(text));

    [Fact]
    public void KeyText_WithAnotherId_IsRefused()
    {
        using var good = NoteKey.TryParse(key.Public.Text);
        Assert.Equal(key.Public.Text, good?.Text);
        var parts = key.Public.Text.Split('+', 3);
        Assert.Null(NoteKey.TryParse($"{parts[0]}+00000000+{parts[2]}"));
    }

    private string HeadsPath => Path.Combine(folder.Root, HeadsFile.Name);

    private static void Chmod(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private JournalHeads Heads() => new(folder.Root, key, time, NullLogger.Instance);

    private async Task SignSomeAsync()
    {
        await using var heads = Heads();
        await using var journal = await folder.OpenAsync(time);
        heads.Follow(journal);
        await JournalFolder.AssertWritten(journal.AppendAsync(JournalFolder.Call("c", "answered"), Durability.Power, CancellationToken.None));
        await heads.SignNowAsync();
    }

    private List<SignedHead> Read() => File.Exists(HeadsPath) ? [.. SignedHead.ReadAll(new StringReader(File.ReadAllText(HeadsPath))).Select(static head => head!)] : [];
}
