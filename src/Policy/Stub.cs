#pragma warning disable
namespace Callgate.Policy.Judging { internal sealed class LinearPattern { public static LinearPattern? Parse(string p, out string fault) { fault = ""; return new(); } public bool Matches(string t) => t.Length > 3; } }
namespace Callgate.Policy { public sealed record SchemaMismatch(string Text); public sealed class InputSchema { public static InputSchema Compile(System.Text.Json.JsonElement e) => new(); public SchemaMismatch? Check(System.Text.Json.JsonElement e) => null; } }
