"""What the team records. It announces nothing: nobody reads it."""

from loanops.platform.audit import Sentence

SENTENCES: dict[str, Sentence] = {
    "team.items_opened": Sentence("{count} work items were opened: {kind}"),
    "team.items_done": Sentence("{count} work items are done: {kind}"),
    "team.claimed": Sentence("Work item {subject} was taken"),
    "team.assigned": Sentence("Work item {subject} was given to {to}"),
    "team.assigned_many": Sentence("{count} work items were given out: {to}"),
    "team.released": Sentence("Work item {subject} was given back"),
    "team.released_many": Sentence("{count} work items were given back"),
    "team.handed_over": Sentence("What {subject} had is handed over: {reason}"),
    "team.run_asked": Sentence("Run {subject} began: {verb}, {count} work items"),
    "team.run_done": Sentence("Run {subject} is done: {count} done, {refused} refused"),
    "team.exported": Sentence("{count} work items were written into file {file}"),
    "team.export_read": Sentence("The file of run {subject} was taken out"),
    "team.set": Sentence("Team {subject} was set: {members} members, {kinds} kinds of work"),
    "team.dissolved": Sentence("Team {subject} was dissolved: {reason}"),
    "team.filter_saved": Sentence("The filter {name} was saved as {subject}"),
    "team.filter_removed": Sentence("The filter {name} ({subject}) was removed"),
    "team.desk_set": Sentence("{subject} arranged the columns of the work list"),
    "team.level_set": Sentence(
        "The service level of {subject} is {target_minutes} working minutes from {effective_from}: "
        "{reason}"
    ),
}
