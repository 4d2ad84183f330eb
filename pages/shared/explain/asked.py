"""A question that a reader asks of a film and a model, and what there is of its answer by now."""

from dataclasses import dataclass
from typing import NamedTuple

from cxr_models.errors import CxrError
from cxr_models.manifest import ModelSpec
from cxr_models.types import Evidence, Lungs, Map
from pages.shared import jobs, made, session, wording
from pages.shared.explain.company import company

MAP, CHECKS = "map", "checks"


@dataclass(frozen=True, eq=False)
class Asked:
    """Why does this model say ``target``, a class of its own, of this film? method: a key of ``explain.METHODS``."""

    case: session.Case
    lungs: Lungs | None
    spec: ModelSpec
    method: str
    target: str

    @property
    def title(self) -> str:
        return f"{self.spec.title}: {wording.CLASS_NAMES[self.target]}"

    def ticket(self, step: str) -> jobs.Ticket:
        """What tells this work from any other; step: ``MAP`` or ``CHECKS``."""
        return (self.case.sha256, self.spec.id, self.method, self.target, step)

    def making(self) -> jobs.Task:
        """The work of making the map."""

        def work(progress: jobs.Progress, cancelled: jobs.Cancel) -> Map:
            from cxr_models import explain  # brings torch: the page is shown first

            question = (self.case.film, self.lungs, self.spec.id, self.method, self.target)
            return explain.explain(*question, progress, cancelled)

        label = f"Map of {self.title}, {self.case.name}"
        return jobs.Task(self.ticket(MAP), label, work, lambda result: session.keep_map(self.case.sha256, result))

    def checking(self, result: Map) -> jobs.Task:
        """The work of checking the map, beside those of the same answer by the quick methods."""

        def work(progress: jobs.Progress, cancelled: jobs.Cancel) -> Evidence:
            from cxr_models.explain import Question, checks

            question = Question(self.case.film, self.lungs, self.target)
            others = company(question, result, cancelled)
            return checks.check(result, question, others=others, progress=progress, cancelled=cancelled)

        label = f"Checks of {self.title}, {self.case.name}"
        return jobs.Task(self.ticket(CHECKS), label, work, lambda found: made.keep_evidence(result, found))


class Answer(NamedTuple):
    """map: None while there is none. evidence: None while the map has not been checked. why: a sentence on what could
    not be made, "" as long as nothing failed. retry: what to forget so that it is tried again; None: nothing to try."""

    asked: Asked
    map: Map | None
    evidence: Evidence | None
    why: str = ""
    retry: jobs.Ticket | None = None

    @property
    def shown(self) -> Map | None:
        """The map, unless it holds nothing for its class."""
        return self.map if self.map is not None and made.speaks(self.map) else None

    def task(self) -> jobs.Task | None:
        """What is to be done next for this answer; None when it is whole, or its work came to nothing."""
        if self.why or (self.map is not None and self.evidence is not None):
            return None
        return self.asked.making() if self.map is None else self.asked.checking(self.map)


def answer(asked: Asked) -> Answer:
    """What there is by now: a map that takes a moment is made at once."""
    found = session.kept_map(asked.case.sha256, asked.spec.id, asked.method, asked.target)
    if found is None and made.is_quick(asked.method):
        try:
            found = made.quick_map(asked.case.film, asked.lungs, asked.spec.id, asked.method, asked.target)
        except CxrError as error:
            return Answer(asked, None, None, f"The map of {asked.spec.title} could not be made. {error}")
    evidence = made.evidence(found) if found else None
    ticket = asked.ticket(CHECKS if found else MAP)
    why = "" if evidence else jobs.why_none(ticket)
    what = f"The map of {asked.spec.title} was not checked." if found else f"There is no map of {asked.spec.title}."
    return Answer(asked, found, evidence, why and f"{what} {why}", ticket)
