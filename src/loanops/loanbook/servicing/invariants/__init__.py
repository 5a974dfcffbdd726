"""What `loanops verify` holds about loans."""

from loanops.loanbook.servicing.invariants import (
    classing,
    closing,
    cohorts,
    figures,
    history,
    imports,
    origins,
    owning,
    replays,
)
from loanops.platform.audit import Check

CHECKS = (
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
    Check("INV-15", "Loans and instalments stand in pools of their own.", origins.strayed_pools),
)
