#!/usr/bin/env bash
# Fuzzes every Fuzz target of the module for the given time each (default 5s), one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s} count=0

# Only packages that mention a target are built and asked for their list.
packages=$(grep -rlE '^func Fuzz' --include='*_test.go' cmd internal pkg test 2>/dev/null | grep -v '^test/sdk/' |
	xargs -r -n1 dirname | sort -u || true)
for package in $packages; do
	listed=$(go test -list '^Fuzz' "./$package")
	# shellcheck disable=SC2013 # a line is a word
	for target in $(grep '^Fuzz' <<<"$listed"); do
		printf '==> %s %s\n' "$package" "$target"
		go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" -fuzzminimizetime 10x "./$package"
		count=$((count + 1))
	done
done
printf '%d fuzz targets, %s each\n' "$count" "$time"
if [ "$count" -eq 0 ]; then
	echo 'fuzz: found no target' >&2
	exit 1
fi
