"""What `loanops verify` holds about loans."""

from loanops.loanbook.servicing.invariants import (
    classing,
    closing,
    cohorts,
    daily,
    figures,
    floating,
    guarantees,
    history,
    imports,
    money,
    observing,
    origins,
    owning,
    posted,
    replays,
    rereading,
    restructuring,
    rows,
    written,
)
from loanops.platform.audit import Check

CHECKS = (
    Check(
        "INV-14",
        "What is kept of loans was written when the audit saw something done in their book.",
        written.unwitnessed,
    ),
    Check(
        "INV-14",
        "Events of loans read back as they were written.",
        written.unreadable_events,
    ),
    Check(
        "INV-14",
        "Every restructuring is kept before and after as its events made it when it was booked.",
        restructuring.kept,
    ),
    Check(
        "INV-15",
        "Accounts are kept by what servicing keeps them by.",
        posted.strayed_accounts,
    ),
    Check(
        "INV-01",
        "Journals have the keys and the accounts of their kind.",
        posted.strange_journals,
    ),
    Check(
        "INV-15",
        "Debit orders ask the debtor of their loan.",
        posted.strayed_debtors,
    ),
    Check("INV-03", "The principal of every loan is what its journals say.", figures.principal),
    Check(
        "INV-03",
        "Principal, interest, fees and penalty of every pool are what the ledger says.",
        figures.pools,
    ),
    Check(
        "INV-03",
        "Every loan is what a replay of its events makes of it.",
        replays.differing_loans,
    ),
    Check(
        "INV-04",
        "The instalments of every loan add up to its principal and what is open of it.",
        figures.instalments,
    ),
    Check(
        "INV-05",
        "Instalments are numbered without a gap and their due dates rise.",
        figures.schedules,
    ),
    Check(
        "INV-07",
        "Every loan has one payout journal of its amount and funder, and the reverse.",
        figures.payouts,
    ),
    Check(
        "INV-07",
        "Every loan that was brought in has one journal of what was outstanding, and the reverse.",
        imports.entries,
    ),
    Check("INV-07", "Every import holds the loans of its file.", imports.wholes),
    Check(
        "INV-07",
        "Every import that was taken back is so with all of its loans, and no other loan is.",
        imports.withdrawn,
    ),
    Check(
        "INV-07",
        "Every payout that was paid is one loan, which agrees with it.",
        origins.unpaid_loans,
    ),
    Check("INV-09", "Every step of every closed day is done once.", closing.missing_steps),
    Check(
        "INV-09",
        "What pools have accrued is what their loans accrue, to the last unit.",
        closing.accruals,
    ),
    Check(
        "INV-09",
        "Every loan stands in the bucket of its days past due.",
        closing.wrong_buckets,
    ),
    Check(
        "INV-03",
        "The classes of every pool add up to its principal and its allowance, on every day.",
        classing.sums,
    ),
    Check(
        "INV-09",
        "The newest sums by class are those of the loans, by their log and their journals.",
        classing.newest_sums,
    ),
    Check(
        "INV-09",
        "Every loan is in the class that its days past due and people's orders mean.",
        classing.standing,
    ),
    Check(
        "INV-09",
        "Every restructured loan that is observed is so for as long as its events say.",
        observing.observed,
    ),
    Check(
        "INV-09",
        "Every restructured loan is observed where the rule pack asks for it.",
        observing.unobserved,
    ),
    Check(
        "INV-09",
        "What falls due of every pool by period is the sum of its instalments.",
        cohorts.cohorts,
    ),
    Check("INV-10", "Changes of class follow each other to where loans stand.", classing.history),
    Check(
        "INV-10",
        "Every change of a loan is an allowed move from where the loan stood.",
        history.illegal_changes,
    ),
    Check(
        "INV-28",
        "Whoever lends together owns loans wholly, and has received its share of what was paid.",
        owning.shares,
    ),
    Check(
        "INV-09",
        "Every floating loan is looked at on the next day that its terms say.",
        floating.looked_at,
    ),
    Check(
        "INV-14",
        "What runs say they booked of rates read again is what loans were given.",
        rereading.booked,
    ),
    Check(
        "INV-16",
        "What was paid out under an agreement is what its loans were.",
        guarantees.paid_out,
    ),
    Check(
        "INV-16",
        "What guarantors paid under a ceiling is held there, and nothing else is.",
        guarantees.held_compensations,
    ),
    Check(
        "INV-15",
        "Loans are those of who asked for them, by the channel of the application.",
        origins.strayed_askers,
    ),
    Check("INV-15", "Loans and instalments stand in pools of their own.", origins.strayed_pools),
    Check("INV-15", "What hangs on a loan is of the loan's book.", rows.strayed_rows),
    Check(
        "INV-15", "Pools are named for their rules, and hold loans of these.", rows.strayed_rules
    ),
    Check(
        "INV-09", "No fold is left half done, and no loan aside without reason.", rows.left_marks
    ),
    Check("INV-10", "Classes change and end for the causes that they name.", rows.strayed_classes),
    Check("INV-13", "Requests are those that the audit saw asked for.", rows.lost_requests),
    Check("INV-13", "What two people order is booked as both saw it.", rows.wrong_requests),
    Check("INV-09", "Accruals of every day are what was posted up to it.", daily.posted_accruals),
    Check("INV-09", "Penalty of every day is what bore it that day.", daily.penalty_rows),
    Check("INV-09", "Every class is provided for at its rate, every day.", daily.provided_rows),
    Check("INV-09", "Vintages are the sums of their loans, as known then.", daily.vintages),
    Check("INV-09", "Of every closed day all rows are kept.", daily.counted_rows),
    Check("INV-08", "Money laid on loans is that of its receipts.", money.strayed_receipts),
    Check("INV-21", "Journals of loans are of events of their day.", money.unposted_events),
)
