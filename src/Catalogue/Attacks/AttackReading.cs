using System.Text.Json;

namespace Callgate.Catalogue.Attacks;

/// <summary>Reads one entry, and holds it against the words there are. What needs the other entries is for <see cref="AttackDatabase"/>.</summary>
internal sealed class AttackReading
{
    private static readonly string[] Operators =
    [
        "eq", "neq", "lt", "lte", "gt", "gte", "in", "not_in", "contains", "not_contains", "exists", "regex", "not_regex", "starts_with", "ends_with", "glob", "path_within", "host_in", "length_lte",
    ];

    private readonly MemberReading reading;
    private readonly AttackTerms terms;
    private readonly List<string> faults;
    private readonly string place;

    private AttackReading(JsonElement value, string place, AttackTerms terms, List<string> faults)
    {
        (this.terms, this.faults, this.place) = (terms, faults, place);
        reading = new MemberReading(value, place, faults);
    }

    /// <param name="value">The entry.</param>
    /// <param name="place">Its file, for faults.</param>
    /// <param name="terms">The words.</param>
    /// <param name="policyFault">Why a document is no policy; null when it is one.</param>
    /// <param name="faults">Everything wrong is added here.</param>
    public static AttackEntry Read(JsonElement value, string place, AttackTerms terms, Func<JsonElement, string?> policyFault, List<string> faults)
    {
        var one = new AttackReading(value, place, terms, faults);
        var entry = one.Entry();
        one.reading.Close();
        one.Check(entry, policyFault);
        return entry;
    }

    private AttackEntry Entry() => new()
    {
        Id = reading.Text("id"),
        Slug = reading.Text("slug"),
        AlsoKnownAs = reading.Texts("also_known_as"),
        Title = reading.Text("title"),
        Category = reading.Text("category"),
        Actor = One("actor", AttackActor.Client, ("client", AttackActor.Client), ("server", AttackActor.Server), ("third_party", AttackActor.ThirdParty), ("operator", AttackActor.Operator)),
        Status = One("status", AttackStatus.Theoretical, ("verified", AttackStatus.Verified), ("reported", AttackStatus.Reported), ("theoretical", AttackStatus.Theoretical)),
        Stops = One("stops", AttackStop.NotYet, ("yes", AttackStop.Yes), ("partly", AttackStop.Partly), ("not yet", AttackStop.NotYet)),
        Summary = reading.Text("summary"),
        Preconditions = reading.SomeTexts("preconditions"),
        Steps = reading.SomeTexts("steps"),
        Wire = reading.Text("wire"),
        AppliesTo = Scope(),
        Taxonomy = reading.SomeTexts("taxonomy"),
        Properties = reading.SomeTexts("properties"),
        Guards = reading.Texts("guards"),
        Cases = reading.Texts("cases"),
        Policy = reading.Member("policy")?.Clone() ?? default,
        StoppedWhen = [.. reading.Texts("stopped_when").Select(Remedy)],
        RuleOperators = reading.Texts("rule_operators"),
        WhatStopsIt = reading.Text("what_stops_it"),
        DoesNotStop = reading.Text("does_not_stop"),
        Limit = reading.Optional("limit"),
        Scenario = reading.Text("scenario"),
        Related = reading.Texts("related"),
    };

    private T One<T>(string name, T otherwise, params (string Text, T Value)[] values)
    {
        var text = reading.Text(name);
        foreach (var (known, value) in values)
        {
            if (known == text)
            {
                return value;
            }
        }

        if (text.Length > 0)
        {
            reading.Fault($"`{name}` is one of {string.Join(", ", values.Select(static value => value.Text))}, not `{text}`");
        }

        return otherwise;
    }

    private AttackRemedy Remedy(string text)
    {
        switch (text)
        {
            case "approval": return AttackRemedy.Approval;
            case "limit": return AttackRemedy.Limit;
            case "amount": return AttackRemedy.Amount;
            case "rule": return AttackRemedy.Rule;
            default:
                reading.Fault($"`stopped_when` holds approval, limit, amount and rule, not `{text}`");
                return AttackRemedy.Approval;
        }
    }

    private AttackScope Scope()
    {
        if (reading.Member("applies_to") is not { } value)
        {
            reading.Fault("`applies_to` is missing");
            return new AttackScope();
        }

        if (value.ValueKind == JsonValueKind.String)
        {
            var scope = new AttackScope { IsAnyTool = value.ValueEquals(AttackScope.AnyTool), IsGate = value.ValueEquals(AttackScope.Gate) };
            if (scope is { IsAnyTool: false, IsGate: false })
            {
                reading.Fault($"`applies_to` is `{AttackScope.AnyTool}`, `{AttackScope.Gate}` or an object, not `{value.GetString()}`");
            }

            return scope;
        }

        var members = new MemberReading(value, $"{place}: applies_to", faults);
        var with = members.Member("with") is { } other ? Tools(new MemberReading(other, $"{place}: applies_to/with", faults), closes: true) : AttackTools.None;
        var found = new AttackScope { Tools = Tools(members, closes: false), With = with, Methods = members.Texts("methods") };
        members.Close();
        if (found.Tools.IsEmpty == (found.Methods.Count == 0))
        {
            members.Fault("needs capabilities of tools (`categories`, `signals`), or `methods`");
        }

        return found;
    }

    private static AttackTools Tools(MemberReading members, bool closes)
    {
        var categories = new List<RiskCategory>();
        foreach (var name in members.Texts("categories"))
        {
            if (Enum.TryParse<RiskCategory>(name, out var category) && category.ToString() == name)
            {
                categories.Add(category);
            }
            else
            {
                members.Fault($"there is no category `{name}`; use {string.Join(", ", Enum.GetNames<RiskCategory>())}");
            }
        }

        var signals = new List<RiskSignalKind>();
        foreach (var name in members.Texts("signals"))
        {
            if (RiskSignal.Kinds.FirstOrDefault(kind => RiskSignal.IdOf(kind) == name) is var found && RiskSignal.IdOf(found) == name)
            {
                signals.Add(found);
            }
            else
            {
                members.Fault($"there is no signal `{name}`; use {string.Join(", ", RiskSignal.Kinds.Select(RiskSignal.IdOf))}");
            }
        }

        if (closes)
        {
            members.Close();
        }

        return new AttackTools(categories, signals);
    }

    private void Check(AttackEntry entry, Func<JsonElement, string?> policyFault)
    {
        if (entry.Id is not [>= 'A' and <= 'Z', >= '0' and <= '9', >= '0' and <= '9'])
        {
            reading.Fault($"`{entry.Id}` is no id; write a letter and two digits");
        }

        foreach (var slug in entry.AlsoKnownAs.Append(entry.Slug).Where(static slug => !IsSlug(slug)))
        {
            reading.Fault($"`{slug}` is no slug; write words of lower-case letters and digits with dashes between");
        }

        Known(terms.Categories, [entry.Category], "category");
        Known(terms.Properties, entry.Properties, "property");
        Known(terms.Guards, entry.Guards, "guard");
        Known(terms.Limits, entry.Limit is null ? [] : [entry.Limit], "limit");
        foreach (var id in entry.Taxonomy.Where(id => terms.Find(id) is null))
        {
            reading.Fault($"no framework has the id `{id}`");
        }

        foreach (var op in entry.RuleOperators.Except(Operators, StringComparer.Ordinal))
        {
            reading.Fault($"there is no operator `{op}`");
        }

        if (entry.Policy.ValueKind != JsonValueKind.Undefined && policyFault(entry.Policy) is { } fault)
        {
            reading.Fault($"`policy` does not compile: {fault}");
        }

        Agree(entry);
    }

    /// <summary>What one member says must not contradict another.</summary>
    private void Agree(AttackEntry entry)
    {
        var hasPolicy = entry.Policy.ValueKind != JsonValueKind.Undefined;
        if (entry.Status == AttackStatus.Verified && entry.Cases.Count == 0)
        {
            reading.Fault("is verified without a public case; name one in `cases`, or say `reported` or `theoretical`");
        }

        if (entry.Stops == AttackStop.Yes && !hasPolicy && entry.Guards.Count == 0)
        {
            reading.Fault("is stopped by nothing; name `guards` or give a `policy`");
        }

        if (entry.StoppedWhen.Count > 0 && !hasPolicy)
        {
            reading.Fault("`stopped_when` needs a `policy` that shows it");
        }

        if (entry.StoppedWhen.Count > 0 && entry.Stops == AttackStop.NotYet)
        {
            reading.Fault("says `not yet` and `stopped_when`; one of the two is wrong");
        }

        if (entry.StoppedWhen.Count > 0 && entry.AppliesTo.Tools.IsEmpty && !entry.AppliesTo.IsAnyTool)
        {
            reading.Fault("`stopped_when` is about tools, and `applies_to` names none");
        }

        if (entry.StoppedWhen.Contains(AttackRemedy.Rule) != (entry.RuleOperators.Count > 0))
        {
            reading.Fault("`rule_operators` goes with `rule` in `stopped_when`, and not without");
        }

        if (entry.StoppedWhen.Contains(AttackRemedy.Rule) && entry.AppliesTo.Tools.Signals.Count == 0)
        {
            reading.Fault("`rule` looks at arguments that show a signal, and `applies_to` names no signal");
        }
    }

    private void Known(IReadOnlyList<AttackTerm> known, IReadOnlyList<string> ids, string what)
    {
        foreach (var id in ids.Where(id => id.Length > 0 && !known.Any(term => term.Id == id)))
        {
            reading.Fault($"there is no {what} `{id}`");
        }
    }

    private static bool IsSlug(string text) =>
        text.Length is > 0 and <= 80 && text.All(static unit => char.IsAsciiLetterLower(unit) || char.IsAsciiDigit(unit) || unit == '-') && text[0] != '-' && text[^1] != '-' && !text.Contains("--", StringComparison.Ordinal);
}
