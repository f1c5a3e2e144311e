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
from kilpi.cases.asking.preview import Preview, preview
from kilpi.cases.asking.questions import Question, SeenPlate, question
from kilpi.cases.asking.queue import Waiting, hold, waiting
from kilpi.cases.case import Case, CasePhoto, Event, Kind, State, Traits
from kilpi.cases.desk import Desk, Site
from kilpi.cases.flow import Flow, Later, Outcome, Seen, Task
from kilpi.cases.forgetting.keeping import Forgotten, Keep, overdue, retain, retainer, schedule_retention
from kilpi.cases.forgetting.retention import erase, erase_expired, keep_until, remove_orphans
from kilpi.cases.incoming.arrival import Arrival, How, Received, Sent
from kilpi.cases.incoming.beside import Beside
from kilpi.cases.incoming.folders_in import Taken, take_in
from kilpi.cases.incoming.heaps import Heap, LookAt, look_at, looker, parts_of, receive_heap
from kilpi.cases.incoming.receive import mark_missing, receive
from kilpi.cases.incoming.sent_cars import Batch, MadeCars, make_cars
from kilpi.cases.incoming.sent_files import SentFile, SentKind, forget_old, keep, known
from kilpi.cases.incoming.sent_heaps import heap_sorter
from kilpi.cases.incoming.sent_more import add_to_case
from kilpi.cases.jobs import Backlog, Job, backlog
from kilpi.cases.learning.audit import AuditPlan, AuditQuestion, answer_audit, next_audit, resume
from kilpi.cases.learning.audit_figures import Figures, figures
from kilpi.cases.lists import (
    Page,
    Wanted,
    counts,
    every,
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
from kilpi.cases.making.laid_out import LaidOut
from kilpi.cases.making.maker import Maker
from kilpi.cases.making.replay import Replay, replay
from kilpi.cases.making.worker import work
from kilpi.cases.making.workers import Workers
from kilpi.cases.orders import Order
from kilpi.cases.outgoing.publish import Show, UnderWay, publish_due, publish_one, publisher, under_way
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
    split,
    taken_down,
    undo,
    withdraw,
)

__all__ = [
    "Answer", "Answers", "Arrival", "AuditPlan", "AuditQuestion", "Backlog", "Batch", "Beside", "Case",
    "CasePhoto", "Desk", "Event", "Figures", "Flow", "Forgotten", "Heap", "How", "Job", "Keep", "Kind",
    "LaidOut", "Later", "LookAt", "MadeCars", "Maker", "Order", "Outcome", "Page", "Preview", "Question",
    "Received", "Replay", "SaidCorners", "SaidFacts", "SaidMark", "SaidNoPlate", "SaidNotThese",
    "SaidVin", "Seen", "SeenPlate", "Sent", "SentFile", "SentKind", "Show", "Site", "State", "Taken",
    "Task", "Traits", "UnderWay", "Waiting", "Wanted", "Workers", "add_to_case", "allowed", "answer",
    "answer_audit", "ask_dealer", "backlog", "counts", "erase", "erase_expired", "every", "figures",
    "find", "find_one", "forget_old", "heap_sorter", "history", "hold", "join", "keep", "keep_until",
    "known", "let_go", "look_at", "looker", "make_cars", "mark_missing", "move_photos", "next_audit",
    "next_question", "overdue", "parts_of", "photos", "postpone", "preview", "publish_due", "publish_one",
    "published", "publisher", "publishing", "question", "read_case", "receive", "receive_heap",
    "remove_orphans", "replay", "rerun", "rerun_outdated", "resume", "retain", "retainer",
    "schedule_retention", "shown_at", "sold", "split", "take_in", "taken_down", "to_publish",
    "to_take_down", "under_way", "undo", "waiting", "withdraw", "work",
]  # fmt: skip
