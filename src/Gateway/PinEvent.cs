namespace Callgate.Gateway;

/// <summary>Something that became of a definition of a server: it changed, appeared, or was accepted.</summary>
/// <param name="Kind"><c>tool</c>, <c>prompt</c>, <c>resource</c>, <c>template</c> or <c>instructions</c>.</param>
/// <param name="What"><c>drift</c>, <c>drift-reverted</c>, <c>drift-ended</c>, <c>new-waiting</c>, <c>new-taken</c> or <c>accepted</c>.</param>
/// <param name="Before">The fingerprint of what was reviewed then; null where nothing was.</param>
/// <param name="After">The fingerprint of what the server showed; null where it showed several of the name.</param>
/// <param name="Who">The operator who accepted it; null where nobody did anything.</param>
public sealed record PinEvent(DateTimeOffset Time, string Kind, string Name, string What, string? Before, string? After, string? Who);
