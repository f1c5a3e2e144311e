"""Cases: what Kilpi remembers of a car, and all that can be done with it. docs/cases.md tells the whole."""

from kilpi.cases.answers import (
    Answer,
    Answers,
    SaidCorners,
    SaidFacts,
    SaidMark,
    SaidNoPlate,
    SaidNotThese,
    SaidVin,
)
from kilpi.cases.audit import AuditPlan, Figures, Question, answer_audit, figures, next_audit, resume
from kilpi.cases.case import Case, CasePhoto, Event, Kind, State, Traits
from kilpi.cases.flow import Flow, Later, Outcome, Seen, Task
from kilpi.cases.folders_in import Taken, take_in
from kilpi.cases.jobs import Backlog, Job, backlog
from kilpi.cases.lists import (
    Order,
    Page,
    Wanted,
    counts,
    find,
    find_one,
    history,
    let_go,
    next_question,
    photos,
    read_case,
    to_publish,
    to_take_down,
)
from kilpi.cases.making import Maker
from kilpi.cases.publish import Show, publish_due, publisher
from kilpi.cases.receive import Arrival, How, Received, Sent, mark_missing, receive
from kilpi.cases.replay import Replay, replay
from kilpi.cases.retention import erase, erase_expired, keep_until, remove_orphans
from kilpi.cases.verbs import (
    allowed,
    answer,
    ask_dealer,
    join,
    move_photos,
    postpone,
    published,
    publishing,
    rerun,
    rerun_outdated,
    shown_at,
    sold,
    taken_down,
    undo,
    withdraw,
)
from kilpi.cases.worker import work
from kilpi.cases.workers import Workers

__all__ = [
    "Answer", "Answers", "Arrival", "AuditPlan", "Backlog", "Case", "CasePhoto", "Event", "Figures", "Flow",
    "How", "Job", "Kind", "Later", "Maker", "Order", "Outcome", "Page", "Question", "Received", "Replay",
    "SaidCorners", "SaidFacts", "SaidMark", "SaidNoPlate", "SaidNotThese", "SaidVin", "Seen", "Sent",
    "Show", "State", "Taken", "Task", "Traits", "Wanted", "Workers", "allowed", "answer", "answer_audit",
    "ask_dealer", "backlog", "counts", "erase", "erase_expired", "figures", "find", "find_one", "history",
    "join", "keep_until", "let_go", "mark_missing", "move_photos", "next_audit", "next_question", "photos",
    "postpone", "publish_due", "published", "publisher", "publishing", "read_case", "receive",
    "remove_orphans", "replay", "rerun", "rerun_outdated", "resume", "shown_at", "sold", "take_in",
    "taken_down", "to_publish", "to_take_down", "undo", "withdraw", "work",
]  # fmt: skip
