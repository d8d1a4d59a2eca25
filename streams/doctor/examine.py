"""Every check, in the order in which they are told, and how they are run."""

from collections.abc import Iterator, Mapping

from streams.core.errors import SummitryError
from streams.doctor import broker_checks, data_checks, machine_checks, store_checks
from streams.doctor.findings import Check, Context, Finding

CHECKS: Mapping[str, Check] = {
    "python": machine_checks.python,
    "environment": machine_checks.environment,
    "memory": machine_checks.memory,
    "open files": machine_checks.open_files,
    "temporary folder": machine_checks.temporary_folder,
    "ports": machine_checks.ports,
    "registry": data_checks.registry,
    "rules": data_checks.rules,
    "models": data_checks.models,
    "stages": data_checks.stages,
    "extras": machine_checks.extras,
    "broker": broker_checks.reachable,
    "streams": broker_checks.streams,
    "replication": broker_checks.replication,
    "retention": broker_checks.retention,
    "limits": broker_checks.limits,
    "clock": broker_checks.clock,
    "store folder": store_checks.folder,
    "disk": store_checks.disk,
    "store": store_checks.store,
}


def examine(context: Context, checks: Mapping[str, Check] = CHECKS) -> Iterator[Finding]:
    """What every check finds; none hides what another one has to say."""
    for name, check in checks.items():
        try:
            yield from check(context)
        except (SummitryError, OSError) as error:
            yield Finding(name, "wrong", str(error))
        except Exception as error:  # noqa: BLE001  a doctor is for machines on which anything may be wrong
            says = f"the check failed unexpectedly: {type(error).__name__}: {error}"
            yield Finding(name, "wrong", says, "mend what else is wrong; if this stays, report it")
