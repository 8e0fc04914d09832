// Package glob matches strings against patterns in which '*' stands for any run of characters, slashes and dots
// included: what host names and API paths need, and path.Match does not do.
package glob

import (
	"slices"
	"strings"
)

// Match reports whether s as a whole matches pattern.
func Match(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	last := len(parts) - 1
	if !strings.HasPrefix(s, parts[0]) || len(s) < len(parts[0])+len(parts[last]) || !strings.HasSuffix(s, parts[last]) {
		return false
	}
	s = s[len(parts[0]) : len(s)-len(parts[last])]
	for _, part := range parts[1:last] {
		i := strings.Index(s, part)
		if i < 0 {
			return false
		}
		s = s[i+len(part):]
	}
	return true
}

// Any reports whether one of the patterns matches one of the names, whatever the case.
func Any(patterns []string, names ...string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		p = strings.ToLower(p)
		return slices.ContainsFunc(names, func(name string) bool { return Match(p, strings.ToLower(name)) })
	})
}
