"""The steps of the close, in the order in which they run."""

from typing import Final

from loanops.loanbook.servicing.operations.steps.accruals import (
    accrue_interest,
    accrue_penalty,
    entering_by_history,
)
from loanops.loanbook.servicing.operations.steps.ageing import age, growing_older
from loanops.loanbook.servicing.operations.steps.classing import (
    changing_class,
    classify,
    provide,
)
from loanops.loanbook.servicing.operations.steps.compensations import (
    announce_compensations,
    compensated,
)
from loanops.loanbook.servicing.operations.steps.cutoff import carry_balances, cut_off, end
from loanops.loanbook.servicing.operations.steps.debits import debited, order_debits
from loanops.loanbook.servicing.operations.steps.dues import (
    announce_dues,
    apply_credit,
    with_credit,
)
from loanops.loanbook.servicing.operations.steps.resets import reset_rates, resetting
from loanops.loanbook.servicing.operations.steps.vintages import sum_vintages
from loanops.loanbook.servicing.ports import CloseStep

STEPS: Final = (
    CloseStep("cut_off", cut_off),
    CloseStep("ageing", age, on_new_day=True, loans=growing_older),
    CloseStep("interest", accrue_interest),
    CloseStep("penalty", accrue_penalty, loans=entering_by_history),
    CloseStep("resets", reset_rates, on_new_day=True, loans=resetting, is_later=True),
    CloseStep("credit", apply_credit, on_new_day=True, loans=with_credit),
    CloseStep("dues", announce_dues, on_new_day=True),
    CloseStep(
        "compensations",
        announce_compensations,
        on_new_day=True,
        loans=compensated,
        is_later=True,
    ),
    CloseStep("debit_orders", order_debits, on_new_day=True, loans=debited),
    CloseStep("provision", provide, is_later=True),
    CloseStep("vintages", sum_vintages, is_later=True),
    CloseStep("postings", carry_balances),
    CloseStep("classes", classify, on_new_day=True, loans=changing_class, is_later=True),
    CloseStep("end", end, on_new_day=True),
)
