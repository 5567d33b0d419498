using System.Globalization;
using System.Text;

namespace Callgate.Gateway.Catalogue;

/// <summary>The page of a tool as Markdown, for whoever reads with a program. Texts of the server stand in code spans and fences, so that none of them is markup.</summary>
public static class ToolMarkdown
{
    public static string Of(ToolStory story, IReadOnlyList<ListedTool> namesakes)
    {
        var text = new StringBuilder();
        void Line(string line) => text.Append(line).Append('\n');
        Line($"# {Code(CatalogueText.Name(story.Name))} of {Code(story.Server)}\n");
        Line($"{story.Category}, {story.Risk} risk ({story.ConfidenceText}). About {story.Tokens} tokens of definition.\n");
        if (story.Found.Listed.Description.Length > 0)
        {
            Line(Fence(story.Found.Listed.Description, "text"));
        }

        Line($"## What it does\n\n{story.Does}\n");
        Line($"## Why it needs a policy\n\n{story.WhyAPolicy}\n");
        Line("## What in the definition says so\n");
        foreach (var evidence in story.Classified.Evidence)
        {
            Line($"- {Code(evidence.Text)} ({Code(evidence.Place)}): {evidence.Says}");
        }

        if (story.Classified.Signals.Count > 0)
        {
            Line("\n## Risk signals\n");
            foreach (var signal in story.Classified.Signals)
            {
                Line($"- {signal.Id}: {Code(signal.Evidence.Text)} ({Code(signal.Evidence.Place)})");
            }
        }

        if (story.Findings.Count > 0)
        {
            Line("\n## What stands out in the definition\n");
            foreach (var finding in story.Findings)
            {
                Line($"- {finding.Id}: {Code(finding.Evidence.Text)} ({Code(finding.Evidence.Place)}) {finding.Evidence.Says}");
            }
        }

        Line($"\n## How to control it\n\n{Fence(story.Policy, "json")}\n{story.Effect.Markdown(Code)}\n");
        Line("## Attacks on tools like this\n");
        foreach (var attack in story.Attacks.Take(ToolStory.MostAttacks))
        {
            Line($"- {attack.Id} {attack.Title}: {AttackWords.Standing(attack)}");
        }

        Line($"\n{story.Attacks.Count} in all, and {ToolStory.AttacksOnAnyTool} that are made on any tool.\n");
        Line("## Questions\n");
        foreach (var (question, answer) in story.Questions())
        {
            Line($"**{question.Markdown(Code)}** {answer.Markdown(Code)}\n");
        }

        if (namesakes.Count > 0)
        {
            Line("## Tools of the same name\n");
            foreach (var other in namesakes)
            {
                Line($"- {Code(other.Server)}: {other.Category?.ToString() ?? "Unclassified"}, {other.Risk} risk");
            }
        }

        return text.ToString();
    }

    /// <summary>A code span that its text cannot end, on one line.</summary>
    private static string Code(string text)
    {
        var line = Visible(text, lines: false);
        var ticks = new string('`', Longest(line) + 1);
        return line.Length == 0 ? "` `" : line.StartsWith('`') || line.EndsWith('`') ? $"{ticks} {line} {ticks}" : ticks + line + ticks;
    }

    private static string Fence(string text, string language)
    {
        var shown = Visible(text, lines: true);
        var ticks = new string('`', Math.Max(3, Longest(shown) + 1));
        return $"{ticks}{language}\n{shown}\n{ticks}\n";
    }

    private static int Longest(string text)
    {
        var (longest, run) = (0, 0);
        foreach (var unit in text)
        {
            run = unit == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }

    /// <summary>What hides or turns text becomes a space: a program that reads on must not read what a person would not see.</summary>
    private static string Visible(string text, bool lines)
    {
        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            var hides = Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned;
            visible.Append(hides && !(lines && rune.Value == '\n') ? " " : rune.ToString());
        }

        return visible.ToString();
    }
}
