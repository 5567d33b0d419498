using Callgate.Cli.Scanning;
using Xunit;

namespace Callgate.EndToEnd.Tests.Cli;

/// <summary>What is taken for a secret and what is not.</summary>
public sealed class SecretSearchTests
{
    private const string Letters = "abcdefghijABCDEFGHIJ0123456789klmnopQR";

    [Theory]
    [InlineData("", "ghp_" + Letters, "a GitHub token")]
    [InlineData("", "x glpat-" + Letters, "a GitLab token")]
    [InlineData("", "sk-proj-" + Letters, "a key of a model service")]
    [InlineData("", "xoxb-1234567890-abcdef", "a Slack token")]
    [InlineData("", "AKIA" + "ABCDEFGH12345678", "an AWS access key")]
    [InlineData("", "eyJhbGciOiJI.eyJzdWIiOiIx.c2lnbmF0dXJl", "a JSON Web Token")]
    [InlineData("", "cg_" + Letters, "a grant of Callgate")]
    [InlineData("OPENAI_API_KEY", "a1b2c3d4e5f6g7", "a value that looks secret")]
    [InlineData("apiKey", "a1b2c3d4e5f6g7", "a value that looks secret")]
    [InlineData("DB_PASSWORD", "hunter2", "a value that looks secret")]
    [InlineData("Authorization", "Bearer opaque", "a value that looks secret")]
    [InlineData("", "--client-secret=abcd", "a value that looks secret")]
    [InlineData("", "X-Api-Key: a1b2c3d4e5f6g7", "a value that looks secret")]
    [InlineData("", "postgres://app:hunter2@db/x", "a password in an address")]
    [InlineData("", "https://x.example.com/mcp?a=1&access_token=a1b2c3d4e5f6g7", "a secret in the query of an address")]
    [InlineData("", "https://x.example.com/s/" + Letters + "/mcp", "something that looks like a key")]
    public void In_ASecret_IsFound(string name, string value, string what)
    {
        var secret = Assert.Single(SecretSearch.In(name, value));

        Assert.Equal(what, secret.What);
        Assert.DoesNotContain(value.Substring(secret.Start, secret.Length), SecretSearch.Masked(value, [secret]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("API_KEY", "${API_KEY}")]
    [InlineData("API_KEY", "$API_KEY")]
    [InlineData("Authorization", "Bearer ${env:TOKEN}")]
    [InlineData("API_KEY", "<your key here>")]
    [InlineData("API_KEY", "your-api-key-here")]
    [InlineData("PASSWORD", "")]
    [InlineData("KEY_FILE", "/etc/keys/one.pem")]
    [InlineData("AUTH_MODE", "oauth")]
    [InlineData("MAX_TOKENS", "4096000000000")]
    [InlineData("AUTHOR", "a1b2c3d4e5f6g7")]
    [InlineData("", "@modelcontextprotocol/server-filesystem")]
    [InlineData("", "git+https://example.com/x@0123456789abcdef0123456789abcdef01234567")]
    [InlineData("", "550e8400-e29b-41d4-a716-446655440000")]
    [InlineData("", "http://127.0.0.1:3000/mcp?profile=default")]
    public void In_WhatIsNone_FindsNothing(string name, string value) => Assert.Empty(SecretSearch.In(name, value));

    [Fact]
    public void Masked_ShowsFourCharactersAtMost()
    {
        Assert.Equal("--key=a1b2…", SecretSearch.Masked("--key=a1b2c3d4e5f6g7", SecretSearch.In("", "--key=a1b2c3d4e5f6g7")));
        Assert.Equal("--password=…", SecretSearch.Masked("--password=hunter2", SecretSearch.In("", "--password=hunter2")));
    }
}
