"""A single number that is measured against a goal."""

import dataclasses


@dataclasses.dataclass
class Figure:
    name: str
    what: str              # for people
    goal: float
    more_is_better: bool
    form: str = ".2f"      # how it is shown
    values: list = dataclasses.field(default_factory=list)  # one for each round
    fault: str = None

    @property
    def value(self):
        return sorted(self.values)[len(self.values) // 2] if self.values else None

    @property
    def goal_text(self):
        return f"{'>=' if self.more_is_better else '<='} {format(self.goal, self.form)}"

    @property
    def verdict(self):
        if self.fault:
            return "FAILED"
        if self.value is None:
            return ""
        good = self.value >= self.goal if self.more_is_better else self.value <= self.goal
        return "ok" if good else "missed"
