using System.Text.Json;

namespace Callgate.Catalogue.Attacks;

/// <summary>Who attacks.</summary>
public enum AttackActor
{
    /// <summary>An agent, or whoever holds a grant.</summary>
    Client,

    /// <summary>An MCP server behind the gate.</summary>
    Server,

    /// <summary>Somebody who is neither: a web page, a neighbour on the network, a thief of a token.</summary>
    ThirdParty,

    /// <summary>Nobody on purpose: whoever runs the gate, or what it stands on.</summary>
    Operator,
}

/// <summary>How sure it is that the attack is real.</summary>
public enum AttackStatus
{
    /// <summary>It was done or demonstrated: there is a public case with a date, and a scenario that does it here.</summary>
    Verified,

    /// <summary>Public lists of techniques name it.</summary>
    Reported,

    /// <summary>It follows from how protocols and parsers work; no public case is known.</summary>
    Theoretical,
}

/// <summary>Whether the gate stops it.</summary>
public enum AttackStop
{
    /// <summary>By a guard that is always on, or by the policy of the entry.</summary>
    Yes,

    /// <summary>A part of it; the entry says which.</summary>
    Partly,

    /// <summary>Its scenario is expected to be breached.</summary>
    NotYet,
}

/// <summary>What of a policy stops the attack on a tool that the policy leaves open. To hide or to deny the tool always does.</summary>
public enum AttackRemedy
{
    /// <summary>A person approves each call.</summary>
    Approval,

    /// <summary>A limit counts the calls.</summary>
    Limit,

    /// <summary>A limit counts what an argument says.</summary>
    Amount,

    /// <summary>A rule of <c>require</c> looks at each argument that shows a signal of the entry, by one of its operators.</summary>
    Rule,
}

/// <summary>One attack: what it is, and what is done about it. All texts are our own.</summary>
public sealed record AttackEntry
{
    /// <summary>A letter and two digits, such as <c>A01</c>; never reused.</summary>
    public required string Id { get; init; }

    /// <summary>Its name in addresses.</summary>
    public required string Slug { get; init; }

    /// <summary>Slugs under which others know it.</summary>
    public required IReadOnlyList<string> AlsoKnownAs { get; init; }

    /// <summary>A line.</summary>
    public required string Title { get; init; }

    /// <summary>A key of <see cref="AttackTerms.Categories"/>.</summary>
    public required string Category { get; init; }

    /// <summary>Who attacks.</summary>
    public required AttackActor Actor { get; init; }

    /// <summary>How sure it is that it is real.</summary>
    public required AttackStatus Status { get; init; }

    /// <summary>Whether the gate stops it.</summary>
    public required AttackStop Stops { get; init; }

    /// <summary>A few sentences.</summary>
    public required string Summary { get; init; }

    /// <summary>What has to be so before it can be done.</summary>
    public required IReadOnlyList<string> Preconditions { get; init; }

    /// <summary>How it is done, in order.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    /// <summary>What it looks like on the wire. Inert: names and hosts are reserved ones.</summary>
    public required string Wire { get; init; }

    /// <summary>What it is made on.</summary>
    public required AttackScope AppliesTo { get; init; }

    /// <summary>Ids of the frameworks in <see cref="AttackTerms.Frameworks"/>.</summary>
    public required IReadOnlyList<string> Taxonomy { get; init; }

    /// <summary>The properties that it would break.</summary>
    public required IReadOnlyList<string> Properties { get; init; }

    /// <summary>The guards that stand against it.</summary>
    public required IReadOnlyList<string> Guards { get; init; }

    /// <summary>Ids of public cases.</summary>
    public required IReadOnlyList<string> Cases { get; init; }

    /// <summary>A policy that stops it, or shows what one has to say; undefined where guards alone do.</summary>
    public required JsonElement Policy { get; init; }

    /// <summary>What of a policy stops it on an open tool, the mildest first. Empty where a policy decides nothing but whether the tool is open.</summary>
    public required IReadOnlyList<AttackRemedy> StoppedWhen { get; init; }

    /// <summary>The operators that <see cref="AttackRemedy.Rule"/> is about.</summary>
    public required IReadOnlyList<string> RuleOperators { get; init; }

    /// <summary>What stops it, in words; for what is not stopped, what would.</summary>
    public required string WhatStopsIt { get; init; }

    /// <summary>What is left all the same.</summary>
    public required string DoesNotStop { get; init; }

    /// <summary>The key of the limit of every gateway that this runs into; null where there is none.</summary>
    public required string? Limit { get; init; }

    /// <summary>The scenario that proves it.</summary>
    public required string Scenario { get; init; }

    /// <summary>Ids of attacks that go with it.</summary>
    public required IReadOnlyList<string> Related { get; init; }

    /// <summary>It is made by what a server says of its tools, so that a tool that is only listed is enough for it.</summary>
    public bool IsByDefinition => Category == "definitions";

    /// <summary>A guard that cannot be switched off stops it, whatever the policy says.</summary>
    public bool IsAlwaysStopped => Stops == AttackStop.Yes && StoppedWhen.Count == 0 && AppliesTo.Methods.Count == 0;
}
