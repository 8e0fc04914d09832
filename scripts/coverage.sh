#!/usr/bin/env bash
# Runs the tests once (arguments go to go test, as -race) and prints the statement coverage of internal/ and pkg/ and
# the lines of test per line of code, both over the whole module. Fails when a test does, or below 80% or 1.0:
# never lower the bounds. The suites that providers and stores run are test code.
set -euo pipefail
cd "$(dirname "$0")/.."
export LC_ALL=C
least_coverage=80 least_ratio=1.0

go test "$@" -covermode=atomic -coverpkg=./internal/...,./pkg/... -coverprofile=coverage.out ./test/... ./... # those that wait most come first
coverage=$(go tool cover -func=coverage.out | awk '/^total:/ { sub("%", "", $NF); print $NF }')

# lines counts the lines that are not blank in the files that find's arguments name.
lines() { find cmd internal pkg test -type f \( "$@" \) -exec cat {} + 2>/dev/null | grep -c '[^[:space:]]' || true; }
code=$(lines -name '*.go' ! -name '*_test.go' ! -path '*/testdata/*' ! -path '*/providertest/*' ! -path '*/storetest/*')
tests=$(lines -name '*_test.go' -o -path '*/testdata/*' -name '*.txtar' -o \( -path '*/providertest/*.go' -o -path '*/storetest/*.go' \) ! -name '*_test.go')

awk -v cov="$coverage" -v tests="$tests" -v code="$code" -v mincov="$least_coverage" -v minratio="$least_ratio" 'BEGIN {
	ratio = code ? tests / code : 0
	printf "statement coverage %.1f%% (at least %s%%)\n", cov, mincov
	printf "test:code %.2f = %d : %d lines (at least %s)\n", ratio, tests, code, minratio
	exit (cov < mincov || ratio < minratio)
}'
