namespace Callgate.Catalogue.Classifying;

/// <summary>
/// English verbs by what a tool does that does this. The order of the ranking: a word in two lines belongs to the first.
/// <c>noun</c> marks letters that name a thing as well; where another verb stands beside them they are read as the thing.
/// </summary>
internal static class EnglishVerbs
{
    public const string Table = """
        # No way back by the same tool. Cancelling and ending count: what was running or ordered cannot be taken up again.
        destructive 3: delete remove destroy purge wipe erase uninstall truncate prune expunge evict deprovision decommission
        destructive 3: nuke obliterate shred rm rmdir del unpublish deregister unregister undeploy revoke kick trash kill terminate abort
        destructive 3: discard dismantle annihilate eradicate
        destructive 3: clear flush cancel invalidate
        destructive 3 noun: drop burn cleanup ban
        destructive 2: expire forget disband overwrite eject unlink vacuum
        destructive 2 noun: reset empty waste
        # Money moves, is promised, or is one step away from moving.
        financial 3: pay buy sell purchase reimburse repay disburse donate prepay remit redeem liquidate rebalance
        financial 3 noun: refund payout checkout
        financial 3: unstake lend borrow
        financial 2 noun: transfer trade swap stake wager bet bid tip charge debit wire withdraw deposit bridge invoice rent hire
        financial 2: topup withdrawal settle
        financial 1 noun: credit fund
        financial 2 noun: book reserve
        # Code runs, or something outside is set off whose effect depends on what it is told.
        execute 3: execute exec invoke dispatch launch start stop restart reboot deploy redeploy eval spawn rerun retry relaunch
        execute 3: click tap swipe dial telephone hover drag scroll resume skip crack exploit fuzz compile materialize sudo
        execute 3 noun: run trigger pause shutdown replay phone train
        execute 2: drain fire rebuild reload refresh operate activate hibernate wake speak say voice energize unlock finetune calibrate dispense actuate orchestrate perform resubmit
        execute 2 noun: call press type control play scan signal evaluate build test shell bash ssh tts power rollout rollback roll initialize bootstrap navigate goto hack
        execute 2 noun: release boost kickoff process stream steer drive lock force debug benchmark emulate
        execute 2 noun: playback fill
        execute 2 noun: nmap sqlmap nikto gobuster masscan nuclei wpscan metasploit repl interpreter powershell hotkey keypress
        execute 1 noun: backtest batch command script terminal proxy workflow campaign
        # Changes that can be changed back. Sending and posting count here.
        write 3: create add update edit modify write save store insert upsert append rename unarchive register configure enable disable merge
        write 3: resend reinstall reassign reconnect reschedule rebase approve reject accept decline reopen assign unassign attach detach submit commit upload publish send reply invite install apply
        write 3: upvote downvote retweet repost dismiss untag remember ingest respond mark unban unmute unblock unpin unfollow follow mute suspend connect disconnect subscribe notify generate make sign
        write 3: authorize grant provision allocate define setup adjust rewrite transition extend renew inject migrate toggle rotate replace
        write 2: complete confirm finish close claim acknowledge ack finalize prepare onboard populate index restore archive put
        write 2: deactivate revert undo enroll escalate broadcast recreate reindex end unsubscribe place manage initiate download export render resize crop compress encrypt decrypt synthesize annotate arrange rearrange reorder refactor reflect
        write 1: produce new enhance upscale clean split trim concat
        write 1 noun: like
        write 2 noun: set post patch comment label tag draft note import share copy clone duplicate fork move push pull sync schedule pin star bookmark vote react
        write 2 noun: message mail email tweet sms backup snapshot log record track change switch link join leave issue request order mint airdrop init queue ask answer
        write 2 noun: upgrade downgrade block silence mount format design increment decrement bump tweak capture flag open close save
        # Returns or computes, and nothing changes.
        read 3: get fetch read retrieve find search lookup describe inspect show browse calculate compute compare summarize summarise explain
        read 3: analyze analyse validate verify preview estimate discover monitor poll observe suggest recommend classify detect examine determine
        read 3: identify enumerate traverse translate parse lint gather collect extract introspect diagnose crawl recognize encode decode hash minify beautify prettify ocr subtract multiply divide tell whoami ls cat grep head tail peek ping
        read 3: geocode recall aggregate recalculate recount hello greet assess categorize categorise sort display return reveal scrape transcribe echo resolve
        read 2 noun: list check query count view look diff watch match filter rank score measure trace profile forecast audit review quote help select
        read 2 noun: report info status health stats history detail details overview summary simulate
        read 1 noun: plan load probe solve optimize embed screenshot convert dump survey visualize graph
        # None of these: time passes, thoughts are noted, a session begins or ends.
        other 3: sleep wait think login logout signin signout authenticate noop
        other 2 noun: delay dice
        """;
}
