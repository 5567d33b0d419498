using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Callgate.Catalogue.Classifying;

/// <summary>
/// What a verb means beside a certain thing, where that differs from what it means alone. Things are singular. The first
/// line that fits counts.
/// </summary>
internal static class Pairings
{
    private const string Table = """
        # What is cancelled is gone; a plan that is paused or changed alters what is billed.
        destructive 3: cancel withdraw remove delete revoke void end terminate stop | order subscription membership
        destructive 3: end stop interrupt | run job task pipeline training
        financial 3: suspend pause resume activate reactivate create add change update upgrade downgrade renew start turn switch | subscription
        # Money by another verb. "Send an invoice" and "confirm a payout" are steps right before payment.
        financial 3: create make send issue finalize approve submit confirm process capture place generate request add open prepare execute authorize settle record start initiate schedule post book apply run trigger do | payment payout refund invoice disbursement loan giftcard remittance paycheck payroll chargeback
        financial 3: create make issue finalize approve submit confirm process capture place request add settle apply | charge fee fine
        financial 3: create open complete start submit confirm | checkout
        financial 3: create make confirm submit | purchase trade swap bet wager bid deposit withdrawal
        financial 3: place submit buy sell fill | order stake bet wager
        financial 3: close open | position
        financial 2: create make confirm complete submit | booking reservation
        financial 3: move send transfer give pay deposit withdraw bridge sweep | token sol eth btc usdc usdt coin fund money won dollar euro crypto bitcoin ether satoshi sat lamport balance cash
        financial 3: register renew | domain
        financial 3: top | up
        financial 3: add | credit topup
        financial 3: subscribe | plan tier premium pro
        # Things that move and are not money.
        write 3: transfer | file data ownership owner repository repo ticket project issue agent conversation chat lead contact lines task
        execute 3: transfer make place start join answer end hang | call
        execute 3: move turn rotate set drive raise lower | robot arm servo motor joint forward backward left right mouse cursor gripper wheel leg movel
        financial 2: claim | reward
        financial 2: make accept submit | offer
        financial 2: order | food pizza meal grocery
        write 3: place put add | cart basket
        # False friends.
        destructive 3: format | disk drive partition volume
        destructive 2: clean | up
        read 3: add sum | number
        read 3: test check | connection connectivity
        execute 3: evaluate | js javascript script expression code
        read 2: evaluate | model answer risk quality performance response candidate proposal
        write 2: build | file document page deck
        other 2: show send display | toast desktop
        execute 2: next previous prev skip | track song
        execute 2: set adjust change | volume playback thermostat hvac
        execute 2: make send do perform | request http
        execute 2: open close | app application browser url tab window door garage
        execute 2: print | document label page file receipt
        execute 2: hang | up
        write 2: clear | throat selection
        read 3: clear | sky text path
        execute 2: kick | off
        execute 2: shut roll | down back
        other 3: log sign | in out
        write 3: sign | up
        write 3: subscribe unsubscribe | event topic channel notification update newsletter webhook resource thread list
        write 2: turn | down
        execute 2: turn switch power | on off light device
        read 2: take capture make grab | screenshot picture photo snapshot screen
        read 3: look | up
        write 2: compose | email mail message post tweet
        write 2: convert | file document image video audio pdf doc
        read 3: track follow | shipment parcel package order delivery flight status price progress
        read 2: ask | llm model question gpt claude gemini ai
        read 2: answer | whether question
        read 2: produce give prepare draw | review report summary analysis overview assessment
        execute 2: select | option
        execute 2: read | aloud
        execute 2: to | speech
        read 2: to | text
        execute 2: send | signal control input key keystroke command
        write 2: back | up
        write 3: checkout | branch git commit repo file
        write 3: drop | pin marker
        write 3: reset change rotate | password key secret token
        write 3: kill end | feed
        destructive 3: close | account
        execute 2: send launch start | newsletter campaign blast mailing
        execute 2: install | app apk
        execute 2: apply | migration terraform plan infrastructure
        execute 3: run execute perform call make | query sql
        other 2: roll | die
        read 2: roll | dice
        execute 3: create | pipeline deployment
        execute 3: new start open | shell terminal
        read 3: run start do | check diagnostic healthcheck lint
        read 2: make generate give | summary report overview list
        # A test, a mode, a flag.
        write 2: set toggle | breakpoint
        execute 2: take | control over
        destructive 3: take put move send throw | trash bin
        destructive 3: take put tear bring shut | offline
        destructive 2: compose stop tear | down
        financial 3: spend transact | *
        """;

    private static readonly FrozenDictionary<string, ImmutableArray<Pairing>> ByVerb = Table.Split('\n')
        .Where(static line => !line.StartsWith('#') && line.Contains('|', StringComparison.Ordinal))
        .SelectMany(static line => Read(line))
        .GroupBy(static entry => entry.Verb, StringComparer.Ordinal)
        .ToFrozenDictionary(static group => group.Key, static group => group.ToImmutableArray(), StringComparer.Ordinal);

    private static readonly FrozenSet<string> Verbs = ByVerb.Keys.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a word that the lexicon may not know becomes a verb beside some thing.</summary>
    public static bool Knows(string verb) => Verbs.Contains(verb);

    /// <summary>What the verb means beside one of the things; null when it means what it always does.</summary>
    /// <param name="verb">The base form.</param>
    /// <param name="things">The words beside it, nearest first.</param>
    /// <param name="thing">The word that decided.</param>
    public static (RiskCategory Category, int Strength)? Find(string verb, ReadOnlySpan<Word> things, out Word thing)
    {
        thing = default;
        if (!ByVerb.TryGetValue(verb, out var pairings))
        {
            return null;
        }

        foreach (var pairing in pairings)
        {
            foreach (var word in things)
            {
                if (pairing.Things.Contains(word.Singular) || pairing.Things.Contains(word.Text))
                {
                    thing = word;
                    return (pairing.Category, pairing.Strength);
                }
            }
        }

        return null;
    }

    private static IEnumerable<Pairing> Read(string line)
    {
        var parts = line.Split(':');
        var head = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var sides = parts[1].Split('|');
        var things = sides[1].Split(' ', StringSplitOptions.RemoveEmptyEntries).ToFrozenSet(StringComparer.Ordinal);
        var category = Enum.Parse<RiskCategory>(head[0], ignoreCase: true);
        return sides[0].Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(verb => new Pairing(verb, category, head[1][0] - '0', things));
    }

    private sealed record Pairing(string Verb, RiskCategory Category, int Strength, FrozenSet<string> Things);
}
