"""What the files record."""

from loanops.platform.audit import Sentence

SENTENCES = {
    "files.stored": Sentence("File {subject} ({kind}) was stored"),
}
