using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Callgate.Gateway.Audit;

/// <summary>Records as events of the Open Cybersecurity Schema Framework: class API Activity (6003) with the profile Security Control.</summary>
internal static class AuditOcsf
{
    private const string Version = "1.3.0";

    private const int ClassUid = 6003;

    /// <summary>Members of a record that the schema has no place for, kept under <c>unmapped</c>.</summary>
    private static readonly string[] Unmapped = ["code", "rule", "argument_names", "arguments_digest", "request_id", "shadow", "approval", "charges"];

    public static string Line(JsonElement record)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteClass(json, record);
            WriteResult(json, record);
            WriteParties(json, record);
            WriteCall(json, record);
            WriteMetadata(json, record);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void WriteClass(Utf8JsonWriter json, JsonElement record)
    {
        var method = Text(record, "method") ?? "unknown";
        var (activity, name) = Activity(method);
        json.WriteNumber("activity_id", activity);
        json.WriteString("activity_name", activity == 99 ? method : name);
        json.WriteNumber("category_uid", 6);
        json.WriteString("category_name", "Application Activity");
        json.WriteNumber("class_uid", ClassUid);
        json.WriteString("class_name", "API Activity");
        json.WriteNumber("type_uid", (ClassUid * 100) + activity);
        json.WriteString("type_name", $"API Activity: {name}");
        json.WriteNumber("time", record.GetProperty("time").GetDateTimeOffset().ToUnixTimeMilliseconds());
        var isRefused = Text(record, "decision") is "deny" or "hide";
        json.WriteNumber("severity_id", isRefused ? 2 : 1);
        json.WriteString("severity", isRefused ? "Low" : "Informational");
    }

    /// <summary>What is done to the gate is told apart; what a tool does, only its server knows.</summary>
    private static (int Id, string Name) Activity(string method) => method switch
    {
        "tools/list" or "resources/list" or "resources/read" or "resources/templates/list" or "prompts/list" or "prompts/get" or "server/discover" => (2, "Read"),
        "operator/server-add" or "operator/grant-create" or "operator/backup" => (1, "Create"),
        "operator/server-remove" or "operator/grant-revoke" => (4, "Delete"),
        _ when method.StartsWith("operator/", StringComparison.Ordinal) => (3, "Update"),
        _ => (99, "Other"),
    };

    private static void WriteResult(Utf8JsonWriter json, JsonElement record)
    {
        var (status, statusName) = Text(record, "outcome") switch
        {
            "answered" => (1, "Success"),
            "refused" or "failed" or "abandoned" => (2, "Failure"),
            _ => (0, "Unknown"),
        };
        json.WriteNumber("status_id", status);
        json.WriteString("status", statusName);
        WriteIf(json, "status_code", Text(record, "code"));
        WriteIf(json, "status_detail", Text(record, "rule"));
        var (action, actionName, disposition, dispositionName) = Text(record, "decision") switch
        {
            "allow" when AuditIndexEntry.Flag(record, "shadow") => (1, "Allowed", 17, "Logged"),
            "allow" => (1, "Allowed", 1, "Allowed"),
            "deny" or "hide" => (2, "Denied", 2, "Blocked"),
            _ => (0, "Unknown", 0, "Unknown"),
        };
        json.WriteNumber("action_id", action);
        json.WriteString("action", actionName);
        json.WriteNumber("disposition_id", disposition);
        json.WriteString("disposition", dispositionName);
        if (AuditIndexEntry.Number(record, "duration_ms") is { } duration)
        {
            json.WriteNumber("duration", duration);
        }
    }

    private static void WriteParties(Utf8JsonWriter json, JsonElement record)
    {
        json.WriteStartObject("actor");
        json.WriteStartObject("user");
        json.WriteString("name", Text(record, "identity") ?? Text(record, "grant") ?? "unknown");
        WriteIf(json, "uid", Text(record, "grant"));
        json.WriteEndObject();
        WriteIf(json, "app_name", Text(record, "client"));
        json.WriteEndObject();
        json.WriteStartObject("src_endpoint");
        json.WriteString("name", Text(record, "client") ?? "unknown");
        json.WriteEndObject();
        if (Text(record, "server") is { } server)
        {
            json.WriteStartObject("dst_endpoint");
            json.WriteString("name", server);
            json.WriteString("svc_name", server);
            json.WriteEndObject();
        }
    }

    private static void WriteCall(Utf8JsonWriter json, JsonElement record)
    {
        json.WriteStartObject("api");
        json.WriteString("operation", Text(record, "method") ?? "unknown");
        json.WriteStartObject("request");
        json.WriteString("uid", Text(record, "id"));
        json.WriteEndObject();
        if (AuditIndexEntry.Number(record, "upstream_status") is { } code)
        {
            json.WriteStartObject("response");
            json.WriteNumber("code", code);
            json.WriteEndObject();
        }

        if (Text(record, "server") is { } server)
        {
            json.WriteStartObject("service");
            json.WriteString("name", server);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        if (Text(record, "tool") is { } tool)
        {
            json.WriteStartArray("resources");
            json.WriteStartObject();
            json.WriteString("name", tool);
            json.WriteString("type", "tool");
            json.WriteEndObject();
            json.WriteEndArray();
        }

        if (Text(record, "policy") is { } policy)
        {
            json.WriteStartObject("policy");
            json.WriteString("name", policy);
            WriteIf(json, "version", AuditIndexEntry.Number(record, "revision")?.ToString(System.Globalization.CultureInfo.InvariantCulture));
            json.WriteEndObject();
        }
    }

    private static void WriteMetadata(Utf8JsonWriter json, JsonElement record)
    {
        json.WriteStartObject("metadata");
        json.WriteString("version", Version);
        json.WriteStartArray("profiles");
        json.WriteStringValue("security_control");
        json.WriteEndArray();
        json.WriteStartObject("product");
        json.WriteString("name", "Callgate");
        json.WriteString("vendor_name", "Callgate");
        json.WriteEndObject();
        json.WriteString("log_name", "audit");
        json.WriteString("uid", Text(record, "id"));
        json.WriteNumber("sequence", AuditIndexEntry.Number(record, "seq") ?? 0);
        json.WriteString("original_time", Text(record, "time"));
        json.WriteEndObject();
        json.WriteStartObject("unmapped");
        foreach (var name in Unmapped)
        {
            if (record.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null)
            {
                json.WritePropertyName(name);
                value.WriteTo(json);
            }
        }

        json.WriteEndObject();
    }

    private static string? Text(JsonElement record, string name) => AuditIndexEntry.Text(record, name);

    private static void WriteIf(Utf8JsonWriter json, string name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}
