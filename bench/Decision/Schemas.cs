using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Callgate.Policy;

namespace Callgate.Bench.Decision;

/// <summary>One check of a call's arguments against a tool's own schema.</summary>
public class Schemas
{
    private const string Typical = """
        {
          "type": "object",
          "properties": {
            "run_id": { "type": "integer", "minimum": 1 },
            "state": { "type": "string", "enum": ["pending", "running", "failed", "done"] },
            "cluster": { "type": "string", "pattern": "^[a-z0-9-]{1,40}$" },
            "force": { "type": "boolean" },
            "tags": { "type": "array", "items": { "type": "string" }, "maxItems": 20 }
          },
          "required": ["run_id", "state", "cluster"],
          "additionalProperties": false
        }
        """;

    private const string Nested = """
        {
          "$defs": { "step": { "type": "object", "properties": { "name": { "type": "string" }, "after": { "anyOf": [{ "type": "string" }, { "type": "null" }] } }, "required": ["name"] } },
          "type": "object", "properties": { "steps": { "type": "array", "items": { "$ref": "#/$defs/step" } } }
        }
        """;

    private readonly InputSchema typical = Compiled(Typical);
    private readonly InputSchema nested = Compiled(Nested);
    private readonly JsonElement typicalSchema = JsonElement.Parse(Typical);
    private readonly JsonElement fits = JsonElement.Parse("""{"run_id": 4711, "state": "running", "cluster": "prod-eu-west-1", "force": false, "tags": ["a", "nightly"]}""");
    private readonly JsonElement fails = JsonElement.Parse("""{"run_id": "4711", "state": "running", "cluster": "prod-eu-west-1", "force": false, "tags": ["a", "nightly"]}""");
    private readonly JsonElement steps = JsonElement.Parse("""{"steps":[""" + string.Join(',', Enumerable.Repeat("""{"name":"load","after":null}""", 100)) + "]}");

    [Benchmark(Baseline = true)]
    public SchemaMismatch? Fits() => typical.Check(fits);

    [Benchmark]
    public SchemaMismatch? DoesNotFit() => typical.Check(fails);

    [Benchmark]
    public SchemaMismatch? AHundredSteps() => nested.Check(steps);

    [Benchmark]
    public InputSchema Compile() => InputSchema.Compile(typicalSchema);

    private static InputSchema Compiled(string text)
    {
        var schema = InputSchema.Compile(JsonElement.Parse(text));
        return schema.Fault is null ? schema : throw new InvalidOperationException(schema.Fault);
    }
}
