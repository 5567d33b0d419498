namespace Callgate.Policy.Tests.Reference;

/// <summary>
/// The meaning of a pattern as a function from the places where a match may have come to those where it may go on, over
/// code points. Only whether there is a match is asked, so greed does not matter.
/// </summary>
internal sealed class NaiveRegex
{
    private delegate HashSet<int> Step(HashSet<int> places);

    private readonly List<int> pattern;
    private readonly List<int> text;
    private int at;

    private NaiveRegex(string pattern, string text)
    {
        this.pattern = NaiveText.CodePoints(pattern);
        this.text = NaiveText.CodePoints(text);
    }

    public static bool Finds(string pattern, string text)
    {
        var regex = new NaiveRegex(pattern, text);
        return regex.Alternatives()([.. Enumerable.Range(0, regex.text.Count + 1)]).Count > 0;
    }

    private int Next => at < pattern.Count ? pattern[at] : -1;

    private bool Take(char expected)
    {
        if (Next != expected) return false;
        at++;
        return true;
    }

    private Step Alternatives()
    {
        var branches = new List<Step> { Sequence() };
        while (Take('|'))
        {
            branches.Add(Sequence());
        }

        return places => [.. branches.SelectMany(branch => branch(places))];
    }

    private Step Sequence()
    {
        var parts = new List<Step>();
        while (Next is not (-1 or '|' or ')'))
        {
            parts.Add(Repeated(Atom()));
        }

        return places => parts.Aggregate(places, (now, part) => part(now));
    }

    private Step Repeated(Step once)
    {
        var (least, most) = Take('*') ? (0, -1) : Take('+') ? (1, -1) : Take('?') ? (0, 1) : Take('{') ? Bounds() : (1, 1);
        Take('?');
        return places =>
        {
            for (var count = 0; count < least; count++)
            {
                places = once(places);
            }

            HashSet<int> all = [.. places];
            for (var count = least; count != most && places.Count > 0; count++)
            {
                places = [.. once(places).Where(all.Add)];
            }

            return all;
        };
    }

    private (int Least, int Most) Bounds()
    {
        var least = Whole();
        var most = !Take(',') ? least : Next == '}' ? -1 : Whole();
        Take('}');
        return (least, most);
    }

    private int Whole()
    {
        var number = 0;
        for (; Next is >= '0' and <= '9'; at++)
        {
            number = (number * 10) + Next - '0';
        }

        return number;
    }

    private Step Atom()
    {
        if (Take('^')) return places => [.. places.Where(place => place == 0)];
        if (Take('$')) return places => [.. places.Where(place => place == text.Count)];
        if (!Take('(')) return One(Take('[') ? Class() : Single());
        if (Take('?')) Take(':');
        var inner = Alternatives();
        Take(')');
        return inner;
    }

    private Step One(Func<int, bool> fits) => places =>
        [.. places.Where(place => place < text.Count && fits(text[place])).Select(place => place + 1)];

    private Func<int, bool> Class()
    {
        var not = Take('^');
        var members = new List<Func<int, bool>>();
        while (!Take(']'))
        {
            var first = Next;
            var single = Single(inClass: true);
            if (Next != '-' || pattern[at + 1] == ']')
            {
                members.Add(single);
                continue;
            }

            at++;
            var last = pattern[at++];
            members.Add(point => point >= first && point <= last);
        }

        return point => members.Any(member => member(point)) != not;
    }

    private Func<int, bool> Single(bool inClass = false)
    {
        var first = pattern[at++];
        if (first == '.' && !inClass) return point => point != '\n';
        if (first != '\\') return point => point == first;
        var escaped = pattern[at++];
        return escaped switch
        {
            'd' => IsDigit,
            'D' => point => !IsDigit(point),
            'w' => IsWord,
            'W' => point => !IsWord(point),
            's' => IsSpace,
            'S' => point => !IsSpace(point),
            'n' => point => point == '\n',
            't' => point => point == '\t',
            _ => point => point == escaped,
        };
    }

    private static bool IsDigit(int point) => point is >= '0' and <= '9';

    private static bool IsWord(int point) => IsDigit(point) || point is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_';

    private static bool IsSpace(int point) => point is ' ' or '\t' or '\n' or '\f' or '\r';
}
