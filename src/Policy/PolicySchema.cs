namespace Callgate.Policy;

/// <summary>
/// The language as a JSON Schema (2020-12), for editors: they complete and underline by it. What a document means is
/// decided by <see cref="PolicyCompiler"/> alone, which finds more, such as two counters of one name that count differently.
/// </summary>
public static class PolicySchema
{
    /// <summary>The path under which a gate serves it.</summary>
    public const string Path = "/schemas/policy-1.json";

    /// <summary>The schema; it ends with a line feed.</summary>
    public const string Text = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "$id": "urn:callgate:schema:policy-1",
          "title": "Callgate policy, version 1",
          "description": "Which tools a grant may call on one server, on what conditions, and how often.",
          "type": "object",
          "required": ["version", "default"],
          "additionalProperties": false,
          "properties": {
            "$schema": { "type": "string", "description": "Where editors find this description; it means nothing else." },
            "version": { "const": "1" },
            "description": { "type": "string", "description": "Text for people." },
            "default": { "enum": ["allow", "deny"], "description": "What holds for a tool without an entry." },
            "mode": { "enum": ["enforce", "shadow"], "description": "In shadow mode decisions are only recorded, and calls pass." },
            "hide": {
              "description": "Tools that do not exist for the grant: names and patterns, or the string * for all.",
              "oneOf": [ { "const": "*" }, { "type": "array", "items": { "$ref": "#/$defs/pattern" } } ]
            },
            "all_tools": {
              "description": "What every call has to meet, before its own entry.",
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "require": { "$ref": "#/$defs/refusingRules" },
                "deny_if": { "$ref": "#/$defs/refusingRules" },
                "approve_if": { "$ref": "#/$defs/askingRules" },
                "limits": { "$ref": "#/$defs/limits" }
              }
            },
            "categories": {
              "description": "Entries for tools without an entry of their own, by the category stored with the reviewed definition.",
              "type": "object",
              "propertyNames": { "enum": ["Read", "Write", "Execute", "Destructive", "Financial", "Other"] },
              "additionalProperties": { "$ref": "#/$defs/entry" }
            },
            "tools": {
              "description": "Entries by name or pattern. An exact name wins, then the pattern with the most literal characters.",
              "type": "object",
              "propertyNames": { "$ref": "#/$defs/pattern" },
              "additionalProperties": { "$ref": "#/$defs/entry" }
            },
            "methods": {
              "type": "object",
              "additionalProperties": false,
              "properties": { "allow": { "description": "Methods to open besides those that are always served.", "type": "array", "items": { "$ref": "#/$defs/pattern" } } }
            },
            "tests": { "description": "Calls and what each must meet; a document whose tests fail is not saved.", "type": "array", "maxItems": 1000, "items": { "$ref": "#/$defs/test" } }
          },
          "$defs": {
            "pattern": { "type": "string", "minLength": 1, "maxLength": 256, "description": "* any run of characters, ? one character, \\ takes the next as it is." },
            "reason": { "type": "string", "maxLength": 2000 },
            "entry": {
              "type": "object",
              "additionalProperties": false,
              "properties": {
                "action": { "enum": ["allow", "deny", "hide", "require_approval"], "default": "allow" },
                "reason": { "$ref": "#/$defs/reason", "description": "What the agent reads on a refusal, or the person who approves." },
                "require": { "$ref": "#/$defs/refusingRules" },
                "deny_if": { "$ref": "#/$defs/refusingRules" },
                "approve_if": { "$ref": "#/$defs/askingRules" },
                "limits": { "$ref": "#/$defs/limits" },
                "rate_limit": {
                  "description": "One limit for each tool by itself, by grant.",
                  "type": "object",
                  "required": ["max", "window"],
                  "additionalProperties": false,
                  "properties": { "max": { "$ref": "#/$defs/max" }, "window": { "$ref": "#/$defs/window" } }
                },
                "approval": {
                  "type": "object",
                  "additionalProperties": false,
                  "properties": {
                    "timeout": { "type": "string", "pattern": "^[0-9]{1,8}[smhd]$", "description": "A whole number with s, m, h or d; at most 30d." },
                    "approvers": { "type": "integer", "minimum": 1, "maximum": 16, "default": 1 },
                    "not_requester": { "type": "boolean", "default": false }
                  }
                },
                "validation": { "enum": ["schema", "off"], "default": "schema", "description": "Whether arguments are held against the tool's input schema." },
                "durability": { "enum": ["process", "power"], "default": "process" }
              }
            },
            "refusingRules": {
              "type": "array",
              "maxItems": 200,
              "items": {
                "type": "object",
                "required": ["conditions"],
                "additionalProperties": false,
                "properties": { "conditions": { "$ref": "#/$defs/conditions" }, "on_deny": { "$ref": "#/$defs/reason" } }
              }
            },
            "askingRules": {
              "type": "array",
              "maxItems": 200,
              "items": {
                "type": "object",
                "required": ["conditions"],
                "additionalProperties": false,
                "properties": { "conditions": { "$ref": "#/$defs/conditions" }, "reason": { "$ref": "#/$defs/reason" } }
              }
            },
            "conditions": { "type": "array", "maxItems": 100, "items": { "$ref": "#/$defs/condition" }, "description": "Joined by and; an empty list holds always." },
            "condition": {
              "type": "object",
              "required": ["path", "op", "value"],
              "additionalProperties": false,
              "properties": {
                "path": { "$ref": "#/$defs/path" },
                "op": { "enum": ["eq", "neq", "lt", "lte", "gt", "gte", "in", "not_in", "contains", "not_contains", "exists", "regex", "not_regex", "starts_with", "ends_with", "glob", "path_within", "host_in", "length_lte"] },
                "value": true,
                "missing": { "enum": ["pass", "refuse"], "description": "pass lets a call go on that has no such value; refuse says what holds without it." },
                "schemes": { "type": "array", "minItems": 1, "items": { "type": "string", "pattern": "^[a-z][a-z0-9+.-]*$" } }
              },
              "allOf": [
                { "if": { "properties": { "op": { "const": "exists" } } }, "then": { "properties": { "value": { "type": "boolean" }, "missing": false } } },
                { "if": { "properties": { "op": { "enum": ["lt", "lte", "gt", "gte", "length_lte"] } } }, "then": { "properties": { "value": { "anyOf": [ { "type": "number" }, { "$ref": "#/$defs/ref" } ] } } } },
                { "if": { "properties": { "op": { "enum": ["regex", "not_regex", "glob"] } } }, "then": { "properties": { "value": { "type": "string" } } } },
                { "if": { "properties": { "op": { "enum": ["starts_with", "ends_with"] } } }, "then": { "properties": { "value": { "anyOf": [ { "type": "string" }, { "$ref": "#/$defs/ref" } ] } } } },
                { "if": { "properties": { "op": { "enum": ["in", "not_in"] } } }, "then": { "properties": { "value": { "anyOf": [ { "type": "array", "items": { "$ref": "#/$defs/listed" } }, { "$ref": "#/$defs/ref" } ] } } } },
                { "if": { "properties": { "op": { "enum": ["path_within", "host_in"] } } }, "then": { "properties": { "value": { "type": "array", "items": { "anyOf": [ { "type": "string" }, { "$ref": "#/$defs/ref" } ] } } } } },
                { "if": { "properties": { "op": { "enum": ["eq", "neq", "contains", "not_contains"] } } }, "then": { "properties": { "value": { "anyOf": [ { "type": ["string", "number", "boolean", "null"] }, { "$ref": "#/$defs/ref" } ] } } } },
                { "if": { "required": ["schemes"] }, "then": { "properties": { "op": { "const": "host_in" } } } }
              ]
            },
            "listed": { "anyOf": [ { "type": ["string", "number", "boolean"] }, { "$ref": "#/$defs/ref" } ] },
            "ref": { "type": "object", "required": ["ref"], "additionalProperties": false, "properties": { "ref": { "$ref": "#/$defs/path" } } },
            "path": {
              "type": "string",
              "maxLength": 1024,
              "pattern": "^(args|grant\\.label|grant\\.identity|grant\\.attributes|server\\.name|tool\\.name|tool\\.category|client\\.name|time\\.hour|time\\.weekday)([.\\[].*)?$",
              "description": "args.name, args.list[0], args.list[*], args[\"any name\"], or a fact such as grant.identity."
            },
            "limits": { "type": "array", "items": { "$ref": "#/$defs/limit" } },
            "limit": {
              "type": "object",
              "required": ["counter"],
              "additionalProperties": false,
              "properties": {
                "counter": { "type": "string", "minLength": 1, "maxLength": 128 },
                "window": { "$ref": "#/$defs/window" },
                "sliding": { "type": "boolean", "default": false },
                "max": { "$ref": "#/$defs/max" },
                "scope": { "enum": ["grant", "identity", "session", "server", "global"], "default": "grant" },
                "per": { "$ref": "#/$defs/path" },
                "amount": { "$ref": "#/$defs/path" },
                "concurrent": { "type": "integer", "minimum": 0, "maximum": 100000 }
              },
              "if": { "required": ["concurrent"] },
              "then": { "properties": { "window": false, "max": false, "sliding": false, "amount": false } },
              "else": { "required": ["window", "max"] }
            },
            "window": {
              "anyOf": [
                { "enum": ["second", "minute", "hour", "day", "week", "month"] },
                { "type": "integer", "minimum": 1, "maximum": 31622400, "description": "Whole seconds, aligned to the Unix epoch." }
              ]
            },
            "max": { "type": "number", "minimum": 0 },
            "test": {
              "type": "object",
              "required": ["call", "expect"],
              "additionalProperties": false,
              "properties": {
                "call": { "type": "object", "required": ["tool"], "additionalProperties": false, "properties": { "tool": { "type": "string" }, "args": { "type": "object" } } },
                "facts": {
                  "type": "object",
                  "additionalProperties": false,
                  "properties": {
                    "grant": {
                      "type": "object",
                      "additionalProperties": false,
                      "properties": { "label": { "type": "string" }, "identity": { "type": "string" }, "attributes": { "type": "object", "additionalProperties": { "type": "string" } } }
                    },
                    "tool": { "type": "object", "additionalProperties": false, "properties": { "category": { "enum": ["Read", "Write", "Execute", "Destructive", "Financial", "Other"] } } },
                    "client": { "type": "object", "additionalProperties": false, "properties": { "name": { "type": "string" } } },
                    "server": { "type": "object", "additionalProperties": false, "properties": { "name": { "type": "string" } } }
                  }
                },
                "server": { "type": "string" },
                "expect": { "enum": ["allow", "deny", "hide", "approval"] },
                "rule": { "type": "string" },
                "now": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$" }
              }
            }
          }
        }

        """;
}
