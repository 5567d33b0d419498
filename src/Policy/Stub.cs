#pragma warning disable
namespace Callgate.Policy { public sealed record SchemaMismatch(string Text); public sealed class InputSchema { private bool no; public static InputSchema Compile(System.Text.Json.JsonElement e) => new() { no = e.ValueKind == System.Text.Json.JsonValueKind.False }; public SchemaMismatch? Check(System.Text.Json.JsonElement e) => no ? new("no") : null; } }
