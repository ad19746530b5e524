"""The words in which migrations write what the database itself holds, also against raw SQL (design 8).

A refusal is an IntegrityError whose `diag.constraint_name` names the rule. Rules that an act may break on its way are
held at its commit, and there one transaction after the other: of two that cannot see each other, each could be right
and both together wrong. That is sound under READ COMMITTED, the isolation level of the product.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.migrations import RunSQL

# Third of the product's advisory locks; the first two are in rbac/locks.py. Taken last, in the commit itself.
ONE_CHECK_AT_A_TIME = f"PERFORM pg_advisory_xact_lock({0x696D6D03});"


def function(name: str, body: str, *triggers: str, declare: str = "") -> RunSQL:
    """A trigger function with its triggers, each "BEFORE INSERT ON table FOR EACH ROW" and named after the function."""
    created = [
        f"CREATE TRIGGER {name}{number or ''} {trigger} EXECUTE FUNCTION {name}();"
        for number, trigger in enumerate(triggers)
    ]
    return RunSQL(
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ {declare}\nBEGIN{body}END $$;"
        + "\n".join(created),
        f"DROP FUNCTION {name}() CASCADE;",
    )


def refused(name: str, event: str, message: str) -> RunSQL:
    """Refuse what happens at `event`, e.g. "BEFORE DELETE ON table FOR EACH ROW WHEN (OLD.key IS NOT NULL)"."""
    return RunSQL(
        f"CREATE TRIGGER {name} {event} EXECUTE FUNCTION refuse('{message}');",
        f"DROP TRIGGER {name} ON {event.split(' ON ')[1].split(maxsplit=1)[0]};",
    )


def id_is_for_ever(table: str) -> RunSQL:
    """A row keeps the id by which others, the audit log included, name it."""
    return refused(
        f"{table}_id_is_for_ever",
        f"BEFORE UPDATE OF id ON {table} FOR EACH ROW WHEN (OLD.id <> NEW.id)",
        "An id never changes.",
    )


def planned_anew(statement: str, into: str = "") -> str:
    """Run a statement over a whole transition table: a plan kept from one row can take minutes for ten thousand."""
    return f"EXECUTE $sql${statement}$sql${f' INTO {into}' if into else ''};"


@dataclass(frozen=True, slots=True)
class Watch:
    """A table whose changes can break a rule, and how its rows are found in the rule's query.

    `finds` is "= column" or "IN (columns)", of the query's aliases, to be compared with the row's id. Without `columns`
    what is written into the table is watched; with them their change, and the end of the row: another with its id may
    take its place before the commit.
    """

    table: str
    finds: str
    columns: tuple[str, ...] = ()

    def triggers(self, name: str) -> str:
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in self.columns)
        events = {"_changed": f"UPDATE ON {self.table}", "_gone": f"DELETE ON {self.table}"}
        if not self.columns:
            events = {"": f"INSERT OR UPDATE ON {self.table}"}
        return "\n".join(
            f"CREATE CONSTRAINT TRIGGER {name}{suffix} AFTER {event} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
            f"{f'WHEN ({changed})' if suffix == '_changed' else ''} EXECUTE FUNCTION {name}();"
            for suffix, event in events.items()
        )


def held_at_commit(rule: str, message: str, violation: str, watches: Sequence[Watch]) -> list[RunSQL]:
    """Refuse to commit while `violation`, a query that ends in a WHERE, finds what has to do with a changed row."""
    return [_check(f"{rule}_by_{watch.table}", rule, message, violation, watch) for watch in watches]


def _check(name: str, rule: str, message: str, violation: str, watch: Watch) -> RunSQL:
    return RunSQL(
        f"""CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
            DECLARE touched bigint = coalesce(NEW.id, OLD.id);
            BEGIN
                {ONE_CHECK_AT_A_TIME}
                IF EXISTS ({violation} AND touched {watch.finds}) THEN
                    {refusal(rule, message)}
                END IF;
                RETURN NULL;
            END $$;
            {watch.triggers(name)}""",
        f"DROP FUNCTION {name}() CASCADE;",
    )


def refusal(rule: str, message: str) -> str:
    """The statement that refuses: SQLSTATE 23000, which Django raises as IntegrityError."""
    return f"RAISE integrity_constraint_violation USING MESSAGE = '{message}', CONSTRAINT = '{rule}';"
