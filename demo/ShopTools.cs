using System.Text.Json.Nodes;

namespace Callgate.Demo;

/// <summary>What the shop offers as tools, one of each kind of risk.</summary>
internal static class ShopTools
{
    public static JsonArray Definitions() => JsonNode.Parse(
        """
        [
          {"name":"list_orders","title":"List orders","description":"Lists the orders of the shop, newest last.",
           "inputSchema":{"type":"object","properties":{"status":{"type":"string","enum":["paid","shipped","refunded"]}},"additionalProperties":false},
           "annotations":{"readOnlyHint":true,"openWorldHint":false}},
          {"name":"get_order","title":"Get an order","description":"Shows one order with its notes.",
           "inputSchema":{"type":"object","properties":{"order_id":{"type":"string","pattern":"^A-[0-9]{4}$"}},"required":["order_id"],"additionalProperties":false},
           "annotations":{"readOnlyHint":true,"openWorldHint":false}},
          {"name":"add_note","title":"Add a note","description":"Adds a note to an order.",
           "inputSchema":{"type":"object","properties":{"order_id":{"type":"string","pattern":"^A-[0-9]{4}$"},"text":{"type":"string","maxLength":500}},"required":["order_id","text"],"additionalProperties":false},
           "annotations":{"readOnlyHint":false,"destructiveHint":false,"openWorldHint":false}},
          {"name":"send_report","title":"Send the report","description":"Sends the report of the day to a recipient by mail.",
           "inputSchema":{"type":"object","properties":{"recipient":{"type":"string"}},"required":["recipient"],"additionalProperties":false},
           "annotations":{"readOnlyHint":false,"destructiveHint":false,"openWorldHint":true}},
          {"name":"refund_order","title":"Refund an order","description":"Pays money of an order back to its customer.",
           "inputSchema":{"type":"object","properties":{"order_id":{"type":"string","pattern":"^A-[0-9]{4}$"},"amount_cents":{"type":"integer","minimum":1}},"required":["order_id","amount_cents"],"additionalProperties":false},
           "annotations":{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":false,"openWorldHint":true}},
          {"name":"delete_order","title":"Delete an order","description":"Deletes an order for good.",
           "inputSchema":{"type":"object","properties":{"order_id":{"type":"string","pattern":"^A-[0-9]{4}$"}},"required":["order_id"],"additionalProperties":false},
           "annotations":{"readOnlyHint":false,"destructiveHint":true,"idempotentHint":true,"openWorldHint":false}}
        ]
        """)!.AsArray();

    /// <summary>Runs a tool and gives its text; a ShopRefusal is the tool saying no.</summary>
    public static string Call(Shop shop, string name, JsonObject arguments) => name switch
    {
        "list_orders" => shop.ListOrders(arguments["status"]?.GetValue<string>()),
        "get_order" => shop.GetOrder(Text(arguments, "order_id")),
        "add_note" => shop.AddNote(Text(arguments, "order_id"), Text(arguments, "text")),
        "send_report" => shop.SendReport(Text(arguments, "recipient")),
        "refund_order" => shop.RefundOrder(Text(arguments, "order_id"), Cents(arguments)),
        "delete_order" => shop.DeleteOrder(Text(arguments, "order_id")),
        _ => throw new ProtocolError(-32602, $"Unknown tool: {name}"),
    };

    private static string Text(JsonObject arguments, string name) =>
        arguments[name] is JsonValue value && value.TryGetValue<string>(out var text) ? text : throw new ShopRefusal($"the argument {name} must be text");

    private static int Cents(JsonObject arguments) =>
        arguments["amount_cents"] is JsonValue value && value.TryGetValue<int>(out var cents) ? cents : throw new ShopRefusal("the argument amount_cents must be a whole number");
}
