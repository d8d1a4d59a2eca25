"""The mutations. Each undoes one thing that a promise rests on (docs/reliability.md).

Most are of pure functions or of the store, and seconds of property tests see them. Three need real
processes, since nothing is wrong until a broker or a database refuses something, or one of them dies:
acknowledging before delivery (facets that the broker refuses: for those that are only under way when a worker
is killed Faust waits too, it flushes its producer before it commits), publishing before the commit (one
that fails), and marking before sending (a sink killed in between).

What mends itself hides what broke it: the sink asks again for what a worker lost, and believes
news.alerts at its start. So a mutation is often seen by the check of its own layer alone, not by the end
of a run with faults.
"""

from mutants.mutation import Mutation

REFERENCE = "tests/property/test_reference.py::test_the_store_says_what_brute_force_says"
ANY_ORDER = "tests/property/test_reference.py::test_bodies_are_equal_byte_for_byte_in_any_order"

MUTATIONS = (
    Mutation(
        name="acknowledge-before-delivery",
        breaks="a worker acknowledges what it has sent, whether or not the broker takes it",
        file="streams/worker/app.py",
        old="""\
        await asyncio.gather(*sent)
        await records.ack(event)
""",
        new="""\
        await records.ack(event)
        asyncio.gather(*sent)
""",
        checks=(
            "tests/integration/test_acknowledgements.py::test_what_the_broker_refuses_is_not_acknowledged",
        ),
    ),
    Mutation(
        name="drop-compare-and-set",
        breaks="a sink writes over what another one of its name has written since it last looked",
        file="streams/store/progress.py",
        old="""\
                    progress.c.partition == partition,
                    progress.c.next_offset == expected,
""",
        new="""\
                    progress.c.partition == partition,
""",
        checks=(
            "tests/integration/test_stores.py::test_who_has_missed_what_another_one_wrote_writes_nothing[sqlite]",
        ),
    ),
    Mutation(
        name="count-instead-of-set",
        breaks="each facet that touches an alert counts as one more article: deliveries are counted, not articles",
        file="streams/store/alerts.py",
        old="""\
            body = summarise(rule, window, found[key], leaders[key], entities)
""",
        new="""\
            body = summarise(rule, window, found[key], leaders[key], entities)
            if key in standings:
                articles = standings[key].body.counts.articles + 1
                counts = body.counts.model_copy(update={"articles": articles})
                body = body.model_copy(update={"counts": counts})
""",
        checks=(ANY_ORDER,),
    ),
    Mutation(
        name="publish-before-commit",
        breaks="revisions are sent before the transaction that writes them is sure to be committed",
        file="streams/sink/sink.py",
        old="""\
                            clients = Clients(reader, committer, producer)
""",
        new="""\
                            clients = Clients(reader, committer, producer)
                            from sqlalchemy import event
                            from streams.store.alerts import unsent

                            @event.listens_for(self._store.engine, "commit")
                            def publish(connection: Any, producer: Any = producer) -> None:
                                for message in unsent(connection):
                                    producer.send(
                                        self._settings.prefix + message.stream,
                                        key=message.key,
                                        value=message.value,
                                        headers=message.headers,
                                    ).get(timeout=CONFIRM_SECONDS)

""",
        checks=("tests/integration/test_outages.py::test_what_is_not_written_is_not_told",),
    ),
    Mutation(
        name="ignore-versions",
        breaks="of an article's versions the one with the latest date of publication counts, not the newest",
        file="streams/store/facets.py",
        old='sorted(rows, key=attrgetter("version"))',
        new='sorted(rows, key=attrgetter("published_at"))',
        checks=(REFERENCE,),
    ),
    Mutation(
        name="skip-a-hole",
        breaks="a record that a stage hasn't answered counts as answered once a later one is",
        file="streams/core/frontier.py",
        old="        if start == self.next:\n",
        new="        if start >= self.next:\n",
        checks=("tests/property/test_core_properties.py::test_a_frontier_is_a_set_of_offsets",),
    ),
    Mutation(
        name="close-by-arrival",
        breaks="an alert closes by the clock when its articles arrive, though others are still to be read",
        file="streams/store/alerts.py",
        old="            closed=window.end + grace <= horizon,\n",
        new="            closed=window.end + grace <= now,\n",
        checks=("tests/unit/test_store.py::test_a_window_closes_by_what_was_read_not_by_the_clock",),
    ),
    Mutation(
        name="mark-before-send",
        breaks="revisions are marked as sent before they are, and a sink that dies in between never sends them",
        file="streams/sink/sink.py",
        old="""\
            futures = [
                producer.send(
""",
        new="""\
            self._store.mark_sent([message.seq for message in waiting], self._clock())
            futures = [
                producer.send(
""",
        checks=(
            "tests/integration/test_telling.py::test_the_last_revision_is_told_wherever_the_sink_dies[after mark]",
        ),
    ),
    Mutation(
        name="drop-lease-fence",
        breaks="a sink that was frozen and has lost the lease writes when it wakes",
        file="streams/store/lease.py",
        old="update(lease).where(lease.c.name == SINK, lease.c.holder == holder).values(beat=lease.c.beat + 1)",
        new="update(lease).where(lease.c.name == SINK).values(beat=lease.c.beat + 1)",
        checks=("tests/integration/test_stores.py::test_only_the_holder_of_the_lease_writes[sqlite]",),
    ),
    Mutation(
        name="forget-the-mended-record",
        breaks="the answer to a record that was published again leaves open the hole for which it was",
        file="streams/store/received.py",
        old="        if r.mended is not None:\n",
        new="        if False:\n",
        checks=(
            "tests/unit/test_store.py::test_the_answer_to_a_repair_answers_the_record_that_it_stands_for",
        ),
    ),
    Mutation(
        name="mix-registries",
        breaks="tone that was read with one registry is told of actors that were read with another",
        file="streams/core/evidence.py",
        old="    usable = sentiment is not None and sentiment.registry == entities.registry\n",
        new="    usable = sentiment is not None\n",
        checks=("tests/unit/test_store.py::test_tone_of_another_registry_is_not_told_and_asked_for_again",),
    ),
    Mutation(
        name="believe-the-last-answer",
        breaks="of several answers to one article version the one that comes last counts, not the greatest",
        file="streams/store/facets.py",
        old="if key in stored and new.precedence > stored[key].precedence\n",
        new="if key in stored and new.precedence != stored[key].precedence\n",
        checks=(
            "tests/unit/test_store.py::test_of_several_answers_the_order_of_arrival_decides_nothing[False]",
        ),
    ),
    Mutation(
        name="forget-the-generation",
        breaks="a new store gives its alerts a generation of its own: all that was told is told again",
        file="streams/store/store.py",
        old="(read_generation(connection), *(one.generation for one in believed))",
        new="(read_generation(connection), 0)",
        checks=(
            "tests/property/test_takeover.py::test_a_new_store_goes_on_in_the_generation_of_what_was_told",
        ),
    ),
    Mutation(
        name="split-at-midnight",
        breaks="an alert that holds because of the window before isn't looked at when that one changes",
        file="streams/store/alerts.py",
        old="        if following is not None and following.carries_over:\n",
        new="        if False:\n",
        checks=(
            "tests/unit/test_store.py::test_a_late_article_of_the_day_before_makes_an_alert_of_the_day_after",
        ),
    ),
)
