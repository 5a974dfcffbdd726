"""What the job queue records."""

from loanops.platform.audit import Sentence

SENTENCES = {
    "jobs.retried": Sentence("Dead job {subject} was put back into the queue"),
    "outbox.redriven": Sentence("Dead delivery {subject} was put back into the queue"),
}
