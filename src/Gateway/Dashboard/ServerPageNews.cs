namespace Callgate.Gateway.Dashboard;

/// <summary>What a form on the page of a server came to.</summary>
/// <param name="Problem">Why nothing was changed; null when it was.</param>
/// <param name="Wrong">Each thing that is wrong with what was asked.</param>
/// <param name="Test">What trying the server came to; null where nobody tried.</param>
public sealed record ServerPageNews(string? Problem, IReadOnlyList<string> Wrong, ServerTest? Test);
