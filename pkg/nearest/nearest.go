// Package nearest finds the name that somebody meant but mistyped.
package nearest

import (
	"fmt"
	"strings"
)

// Of returns the name that is mistyped as word, and "" where none is near: at most one mistake in three letters, of
// which a swap of neighbours is one. Case does not count. The first of equally near names wins.
func Of(word string, names []string) string {
	word = strings.ToLower(word)
	best, least := "", len(word)/3+1
	for _, n := range names {
		if d := Distance(word, strings.ToLower(n)); d < least {
			best, least = n, d
		}
	}
	return best
}

// Hint returns what is told of the name that somebody meant: ` (did you mean "name"?)`; "" where none is near.
func Hint(word string, names []string) string {
	if n := Of(word, names); n != "" {
		return fmt.Sprintf(" (did you mean %q?)", n)
	}
	return ""
}

// Distance returns how many letters must be added, removed, changed or swapped with their neighbour to make b of a.
// A letter is a byte.
func Distance(a, b string) int {
	before, last, now := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := range len(a) {
		now[0] = i + 1
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			d = min(d, last[j+1]+1, now[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			now[j+1] = d
		}
		before, last, now = last, now, before
	}
	return last[len(b)]
}
