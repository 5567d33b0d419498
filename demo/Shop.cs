using System.Globalization;

namespace Callgate.Demo;

/// <summary>An order of the pretended shop; the amount is in cents.</summary>
internal sealed record Order(string Id, string Customer, string Item, int AmountCents, string Status, IReadOnlyList<string> Notes);

/// <summary>A shop in memory. It starts the same every time, and nothing it does leaves the process.</summary>
internal sealed class Shop
{
    private readonly SortedDictionary<string, Order> orders = new(StringComparer.Ordinal);

    public Shop()
    {
        Add("A-1001", "c-17", "espresso machine", 34900, "shipped");
        Add("A-1002", "c-42", "paper filters, 200", 1290, "paid");
        Add("A-1003", "c-17", "hand grinder", 8900, "paid");
        Add("A-1004", "c-08", "descaler, 1 l", 1450, "refunded");
    }

    public string ListOrders(string? status)
    {
        var lines = orders.Values.Where(o => status is null || o.Status == status)
            .Select(o => $"{o.Id}  {o.Status,-8}  {Money(o.AmountCents),9}  {o.Item}").ToArray();
        return lines.Length == 0 ? "no orders" : string.Join('\n', lines);
    }

    public string GetOrder(string id) => Describe(Find(id));

    public string AddNote(string id, string text)
    {
        var order = Find(id);
        orders[id] = order with { Notes = [.. order.Notes, text] };
        return $"noted on {id} ({order.Notes.Count + 1} in all)";
    }

    public string SendReport(string recipient)
    {
        var total = orders.Values.Where(o => o.Status != "refunded").Sum(o => o.AmountCents);
        return $"a report of {orders.Count} orders, {Money(total)}, would go to {recipient}; the demo sends nothing";
    }

    public string RefundOrder(string id, int cents)
    {
        var order = Find(id);
        if (cents < 1 || cents > order.AmountCents || order.Status == "refunded")
        {
            throw new ShopRefusal($"{id} cannot be refunded by {Money(cents)}");
        }

        orders[id] = order with { Status = "refunded" };
        return $"{Money(cents)} of {id} would be paid back; the demo moves no money";
    }

    public string DeleteOrder(string id)
    {
        orders.Remove(Find(id).Id);
        return $"{id} is gone, {orders.Count} orders are left";
    }

    private void Add(string id, string customer, string item, int cents, string status) =>
        orders[id] = new Order(id, customer, item, cents, status, []);

    private Order Find(string id) =>
        orders.TryGetValue(id, out var order) ? order : throw new ShopRefusal($"there is no order {id}; list_orders shows them all");

    private static string Describe(Order order) => string.Join('\n',
        [
            $"order     {order.Id}", $"customer  {order.Customer}", $"item      {order.Item}",
            $"amount    {Money(order.AmountCents)}", $"status    {order.Status}", .. order.Notes.Select(n => $"note      {n}"),
        ]);

    private static string Money(int cents) => (cents / 100m).ToString("0.00", CultureInfo.InvariantCulture) + " EUR";
}

/// <summary>The shop says no; the text is for whoever asked.</summary>
internal sealed class ShopRefusal(string message) : Exception(message);
