package config

import "strings"

// What the places that are looked at begin with, or are, that are no files.
const (
	inEnvironment = "environment "
	ownIdentity   = "this machine's own identity"
)

// NotFound says that there is no credential at any of the places that were looked at, as Resolved.Looked has them: "no
// credential found: looked in the environment for A and B, and in ~/.x and ~/.y".
func NotFound(looked []string) string {
	var variables, files, parts []string
	for _, place := range looked {
		name, variable := strings.CutPrefix(place, inEnvironment)
		switch {
		case variable && strings.Contains(name, " "):
			variables = append(variables, "the "+name)
		case variable:
			variables = append(variables, name)
		case place != ownIdentity:
			files = append(files, place)
		}
	}
	if len(variables) > 0 {
		parts = append(parts, "in the environment for "+enumerate(variables))
	}
	if len(files) > 0 {
		parts = append(parts, "in "+enumerate(files))
	}
	if len(variables)+len(files) < len(looked) {
		parts = append(parts, "for "+ownIdentity)
	}
	if len(parts) == 0 {
		return "no credential found: it can be nowhere"
	}
	return "no credential found: looked " + strings.Join(parts, ", and ")
}

// enumerate returns "a", "a and b", "a, b and c".
func enumerate(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
