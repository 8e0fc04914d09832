#!/usr/bin/env bash
# Fuzzes every Fuzz target of the module for the given time each (default 5s), one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:-5s} count=0
cache=$(go env GOCACHE)/fuzz # where go test keeps the inputs that it found interesting
built=$(mktemp -d)
trap 'rm -rf "$built"' EXIT

# Only packages that mention a target are built, once for all of theirs.
packages=$(grep -rlE '^func Fuzz' --include='*_test.go' cmd internal pkg test 2>/dev/null | grep -v '^test/sdk/' |
	xargs -r -n1 dirname | sort -u || true)
for package in $packages; do
	go test -c -fuzz=. -o "$built/test" "./$package"
	# shellcheck disable=SC2013 # a line is a word
	for target in $("$built/test" -test.list '^Fuzz'); do
		printf '==> %s %s\n' "$package" "$target"
		(cd "$package" && "$built/test" -test.run '^$' -test.fuzz "^$target\$" -test.fuzztime "$time" \
			-test.fuzzminimizetime 10x -test.fuzzcachedir "$cache/$(go list .)")
		count=$((count + 1))
	done
done
printf '%d fuzz targets, %s each\n' "$count" "$time"
if [ "$count" -eq 0 ]; then
	echo 'fuzz: found no target' >&2
	exit 1
fi
