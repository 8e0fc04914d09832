#!/usr/bin/env bash
# Turns the output of `go test -bench` (files, or stdin) into docs/performance.md, on stdout. It measures nothing itself.
set -euo pipefail
export LC_ALL=C

cat <<HEAD
# Performance

Written by \`make bench\`; the figures of one run, on one machine ($(nproc) cores$(awk -F': ' '/^model name/ { print ", " $2; exit }' /proc/cpuinfo 2>/dev/null)),
$(date -u +%F), $(go version | awk '{ print $3 }'). Ratios travel; absolute figures do not.

Runs are the released binary in a process of its own, which reads simulated clouds over loopback TLS: the simulator is
another process on the same cores. Of several runs the best counts. \`s\` is from start to exit, \`MB\` the peak of resident
memory, \`B/resource\` that peak above a run which finds nothing, \`calls\` what the ledger counts. The critical path is the
slowest provider of the same run; alone, without the others, it has the processors for itself.
HEAD

awk '
/^pkg: / { pkg = $2; sub(".*/cloudtop/", "", pkg); next }
/^Benchmark/ {
	name = $1
	sub(/^Benchmark/, "", name)
	sub(/-[0-9]+$/, "", name)
	gsub(/_/, " ", name)
	line = ""
	for (i = 3; i < NF; i += 2) {
		unit = $(i + 1)
		if (unit == "ns/op" && $i == 0) continue
		line = line (line == "" ? "" : ", ") figure($i, unit)
	}
	if (pkg != last) {
		printf "\n## %s\n\n| what | figures |\n| --- | --- |\n", pkg == "test/bench" ? "Runs of the program" : pkg
		last = pkg
	}
	printf "| %s | %s |\n", name, line
}
# figure prints a number as people read it.
function figure(v, unit) {
	if (unit == "ns/op" && v >= 1e9) return sprintf("%.2f s", v / 1e9)
	if (unit == "ns/op" && v >= 1e6) return sprintf("%.2f ms", v / 1e6)
	if (unit == "ns/op" && v >= 1e3) return sprintf("%.2f us", v / 1e3)
	if (unit == "ns/op") return sprintf("%.3g ns", v)
	if (unit == "of-path") return sprintf("%.2f times the critical path", v)
	if (unit == "of-slowest") return sprintf("%.2f times the slowest provider alone", v)
	if (v + 0 == int(v)) return sprintf("%d %s", v, unit)
	return sprintf("%.3g %s", v, unit)
}
' "$@"
