package view

import (
	"slices"
	"strings"

	"github.com/adsops/cloudtop/pkg/nearest"
)

// slip returns the known name that a bare field of a filter is plainly a slip of the fingers for, and "" where it may
// be a name of its own. Attributes and tags are only known when rows are, so only what hardly is one is refused before:
// two neighbours swapped, and in longer words one letter that is wrong, missing or too much, but for a plural.
func slip(kind Kind, name string) string {
	name = strings.ToLower(strings.ReplaceAll(name, "-", "_"))
	if len(name) < 3 || strings.Contains(name, ".") {
		return ""
	}
	names := allNames(kind)
	i := slices.IndexFunc(names, func(known string) bool {
		if nearest.Distance(name, known) != 1 {
			return false
		}
		swapped := len(name) == len(known) && sorted(name) == sorted(known)
		return swapped || min(len(name), len(known)) >= 5 && name != known+"s" && known != name+"s"
	})
	if i < 0 {
		return ""
	}
	return names[i]
}

// sorted returns the letters of a word in order.
func sorted(word string) string {
	letters := []byte(word)
	slices.Sort(letters)
	return string(letters)
}

// neverOfOffers reports whether a name is of a kind that no offer has: a tag or a metric.
func neverOfOffers(name string) bool {
	prefix, _, dotted := strings.Cut(strings.ToLower(name), ".")
	return dotted && slices.Contains([]string{"tags", "tag", "labels", "metrics", "metric"}, prefix)
}

// inFull returns how an attribute of a name is written, and a tag where rows have tags.
func inFull(kind Kind, name string) string {
	if kind == Resources {
		return "attrs." + name + " or tags." + name
	}
	return "attrs." + name
}
