"""The text of Prometheus, and what is kept of it."""

from __future__ import annotations

import pytest

from maintenance.rules.prometheus_text import FIGURES, NAMES, Sample, figures, read

SPRING = """\
# HELP jvm_memory_used_bytes The amount of used memory
# TYPE jvm_memory_used_bytes gauge
jvm_memory_used_bytes{area="heap",id="G1 Survivor Space"} 4194304.0
jvm_memory_used_bytes{area="heap",id="G1 Old Gen"} 1.048576E8
jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 8.0E7
jvm_memory_max_bytes{area="heap",id="G1 Survivor Space"} -1.0
jvm_memory_max_bytes{area="heap",id="G1 Old Gen"} 4.294967296E9
jvm_memory_max_bytes{area="nonheap",id="Metaspace"} -1.0
jvm_threads_live_threads 143.0
jvm_threads_daemon_threads 121.0
hikaricp_connections{pool="HikariPool-1"} 20.0
hikaricp_connections{pool="reports"} 5.0
hikaricp_connections_active{pool="HikariPool-1"} 3.0
hikaricp_connections_idle{pool="HikariPool-1"} 17.0
hikaricp_connections_max{pool="HikariPool-1"} 20.0
process_cpu_usage 0.125
http_server_requests_seconds_count{outcome="SUCCESS",status="200",uri="/"} 40.0 1712286000000
http_server_requests_seconds_count{outcome="SERVER_ERROR",status="500",uri="/a \\"b\\" {c}"} 2.0
"""


def test_the_numbers_of_a_spring_application_are_summed_over_pools() -> None:
    assert figures(read(SPRING)) == {
        "memory_used_bytes": 109_051_904.0,
        "memory_max_bytes": 4_294_967_296.0,
        "memory_nonheap_used_bytes": 8e7,
        "threads_live": 143.0,
        "threads_daemon": 121.0,
        "connections": 25.0,
        "connections_active": 3.0,
        "connections_idle": 17.0,
        "connections_max": 20.0,
        "cpu_ratio": 0.125,
        "http_requests_total": 42.0,
        "http_requests_failed_total": 2.0,
    }


def test_lines_that_nobody_reads_are_passed_over_and_change_no_figure() -> None:
    text = SPRING + "process_cpu_usage_other 1\nother 1\n" * 3
    assert figures(read(text, NAMES)) == figures(read(text)) == figures(read(SPRING))
    assert [sample.name for sample in read("other 1\nup 1\nnot_up 1", ("up",))] == ["up"]


def test_each_figure_has_words() -> None:
    assert figures(read(SPRING)).keys() <= FIGURES.keys()


def test_labels_are_read_with_what_is_escaped_in_them() -> None:
    assert list(read('a{b="x\\"y\\\\z\\nw",c="}"} 1')) == [Sample("a", 1.0, {"b": 'x"y\\z\nw', "c": "}"})]


@pytest.mark.parametrize(
    "line",
    [
        "",
        "# jvm_threads_live_threads 5",
        "<html>",
        "a",
        "a b",
        "a NaN",
        "a +Inf",
        "1a 5",
        "a{b} 5 6 7",
        f"a{{{'b' * 5000}}} 1",
    ],
)
def test_what_is_no_sample_is_left_out(line: str) -> None:
    assert list(read(line)) == []


def test_an_application_that_says_nothing_of_it_has_no_figure() -> None:
    assert figures(read("up 1\nprocess_uptime_seconds 5")) == {}


def test_none_failed_while_requests_are_counted() -> None:
    said = 'http_server_requests_seconds_count{outcome="SUCCESS"} 4'
    assert figures(read(said)) == {"http_requests_total": 4.0, "http_requests_failed_total": 0.0}
