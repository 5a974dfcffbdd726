"""Orders to servicing."""

from loanops.loanbook.servicing.domain.effects import EffectCard
from loanops.loanbook.servicing.domain.importing.undoing import (
    LoansMovedOn,
    UndoCard,
    UndoDiffers,
)
from loanops.loanbook.servicing.domain.orders import ORDERS, OrderKind
from loanops.loanbook.servicing.operations.aside import release
from loanops.loanbook.servicing.operations.asking import (
    OwnRequest,
    RequestDecided,
    approve_change,
    ask_change,
    preview_request,
    refuse_change,
)
from loanops.loanbook.servicing.operations.changing import (
    EffectDiffers,
    SecondPersonNeeded,
    change,
    preview_change,
)
from loanops.loanbook.servicing.operations.classing import (
    pause_ageing,
    reclassify,
    resume_ageing,
    withdraw_judgement,
)
from loanops.loanbook.servicing.operations.close import DayClosed, NoSteps, StepDone, close_day
from loanops.loanbook.servicing.operations.importing import ImportCard, import_book
from loanops.loanbook.servicing.operations.opening import DisbursedIn, open_loans
from loanops.loanbook.servicing.operations.ordering import ChangeIn
from loanops.loanbook.servicing.operations.papers import issue_paper
from loanops.loanbook.servicing.operations.rebuilding import CloseUnderWay, Rebuilt, rebuild
from loanops.loanbook.servicing.operations.repayment import (
    DayNotReached,
    RepaymentCard,
    RepaymentIn,
    RepaymentsBooked,
    RowRefused,
    allocate_receipts,
    repay,
    repay_many,
)
from loanops.loanbook.servicing.operations.rereading import (
    FigureMissing,
    FiguresMoved,
    RereadUnderWay,
    approve_reread,
    ask_reread,
    go_on_rereading,
    refuse_reread,
)
from loanops.loanbook.servicing.operations.returning import take_back
from loanops.loanbook.servicing.operations.steps import STEPS
from loanops.loanbook.servicing.operations.undo_asking import (
    ImportUndone,
    UndoUnderWay,
    approve_undo,
    ask_undo,
    go_on_undoing,
    refuse_undo,
)
from loanops.loanbook.servicing.operations.undoing import preview_undo, undo_import
from loanops.loanbook.servicing.operations.windows import WindowOrdered, order_window

__all__ = [
    "ORDERS",
    "STEPS",
    "ChangeIn",
    "CloseUnderWay",
    "DayClosed",
    "DayNotReached",
    "DisbursedIn",
    "EffectCard",
    "EffectDiffers",
    "FigureMissing",
    "FiguresMoved",
    "ImportCard",
    "ImportUndone",
    "LoansMovedOn",
    "NoSteps",
    "OrderKind",
    "OwnRequest",
    "Rebuilt",
    "RepaymentCard",
    "RepaymentIn",
    "RepaymentsBooked",
    "RequestDecided",
    "RereadUnderWay",
    "RowRefused",
    "SecondPersonNeeded",
    "StepDone",
    "UndoCard",
    "UndoDiffers",
    "UndoUnderWay",
    "WindowOrdered",
    "allocate_receipts",
    "approve_change",
    "approve_reread",
    "approve_undo",
    "ask_change",
    "ask_reread",
    "ask_undo",
    "change",
    "close_day",
    "go_on_rereading",
    "go_on_undoing",
    "import_book",
    "issue_paper",
    "open_loans",
    "order_window",
    "pause_ageing",
    "preview_change",
    "preview_request",
    "preview_undo",
    "rebuild",
    "reclassify",
    "refuse_change",
    "refuse_reread",
    "refuse_undo",
    "release",
    "repay",
    "repay_many",
    "resume_ageing",
    "take_back",
    "undo_import",
    "withdraw_judgement",
]
