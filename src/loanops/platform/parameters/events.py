"""What the parameters record."""

from loanops.platform.audit import Sentence

SENTENCES = {
    "parameters.set": Sentence("Parameter {subject} was set to {value} from {effective_from}"),
}
