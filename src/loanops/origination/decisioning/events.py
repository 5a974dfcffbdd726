"""What decisioning records."""

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "decisioning.strategy_published": Sentence(
        "Strategy {subject} was published as version {version}"
    ),
    "decisioning.strategy_assigned": Sentence(
        "Strategy {subject} version {version} judges from {starts_on} on"
    ),
    "decisioning.decided": Sentence("Application {subject} was judged by the strategy: {outcome}"),
    "decisioning.decided_many": Sentence("{count} applications were judged by the strategy"),
    "decisioning.reviewed": Sentence("Application {subject} was judged by a reviewer: {outcome}"),
}
