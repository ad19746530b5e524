"""What audit entries say of what agents do: icon, what was done, what was tried (`rbac.audit_words`)."""

BY_AGENTS: dict[str, tuple[str, str, str]] = {
    "maintenance.asked": ("maintenance", "Asked for maintenance on {target}", "run maintenance on {target}"),
    "maintenance.cancelled": ("close", "Cancelled maintenance on {target}", "cancel maintenance on {target}"),
    "maintenance.failed": ("deny", "{target} failed", "do {target}"),
    "maintenance.finished": ("maintenance", "{target} is done", "do {target}"),
    "maintenance.inventory_asked": (
        "maintenance",
        "Asked for the inventory of {target}",
        "take the inventory of {target}",
    ),
    "maintenance.lost": ("deny", "{target} was lost", "do {target}"),
    "maintenance.postponed": ("clock", "Postponed maintenance on {target}", "postpone maintenance on {target}"),
    "maintenance.repeated": (
        "maintenance",
        "Asked for maintenance on {target} again",
        "run maintenance on {target} again",
    ),
    "maintenance.sent": (
        "maintenance",
        "Gave stage {after.stage} of {target} to the agent",
        "give a stage of {target} to the agent",
    ),
    "maintenance.skipped": ("deny", "Stage {after.stage} of {target} was not begun", "do {target}"),
    "maintenance.stopped": ("deny", "Stopped {target}", "stop {target}"),
    "maintenance.went_on": ("maintenance", "Stage {after.stage} of {target} is over", "do {target}"),
    "run.asked": ("play", "Asked to run {target}", "run {target}"),
    "run.declined": ("deny", "The agent did not run {target}", "run {target}"),
    "run.finished": ("play", "Ran {target}", "run {target}"),
    "run.sent": ("play", "Gave {target} to the agent", "give {target} to the agent"),
    "run.stopped": ("deny", "Stopped {target}", "stop {target}"),
    "agent.enrolled": ("agents", "An agent came in on {target}", "let an agent in on {target}"),
    "agent.invited": ("agents", "Let an agent in on {target}", "let an agent in on {target}"),
    "agent.removed": ("trash", "Removed the agent of {target}", "remove the agent of {target}"),
    "agent.reported": ("agents", "The agent told what {target} is", "tell what {target} is"),
    "agent.type_dismissed": (
        "agents",
        "Dismissed that {target} is a {after.type}, as its agent reports",
        "dismiss the type that the agent of {target} reports",
    ),
    "agent.uninvited": (
        "trash",
        "Took back that an agent may come in on {target}",
        "take back the enrolment of {target}",
    ),
}
