package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// Nothing says that there are no rows of a kind, and why. Total is how many there were before they were narrowed.
func Nothing(s *hub.Snapshot, kind view.Kind, total int) string {
	what := "no " + kind.String() + ": "
	switch {
	case total > 0:
		return what + fmt.Sprintf("none of the %s found is what was asked for", paint.Thousands(total))
	case len(s.Units) == 0:
		return what + "nothing was asked; set a credential or try --demo"
	case len(s.Failures()) == 0 && s.Count()[hub.Pending] > 0:
		return what + "still waiting for the first answer"
	default:
		return what + answers(s)
	}
}

// answers says of the providers which have nothing, which failed, and, where these are none, why the others have nothing.
func answers(s *hub.Snapshot) string {
	var none, failed, lack []string
	waiting := ""
	for i := range s.Providers {
		name := s.Providers[i].Name
		switch bad, all := failing(s, name); {
		case bad > 0:
			failed = append(failed, name)
		case pending(s, name):
			waiting = "; still waiting for others"
		case all > 0 && lacking(s, name) != "":
			lack = append(lack, name+": "+lacking(s, name))
		default:
			none = append(none, name)
		}
	}
	bad, all := failing(s, failed...)
	share := fmt.Sprintf("%s of %s units", paint.Thousands(bad), paint.Thousands(all))
	switch {
	case bad > 0 && len(none) > 0:
		return have(none) + "; " + share + " of " + several(failed) + " failed" + waiting
	case bad > 0 && len(failed) < len(s.Providers):
		return share + " of " + several(failed) + " failed" + waiting
	case bad > 0:
		return share + " failed"
	case len(none) > 0:
		return have(none)
	case len(lack) <= 3:
		return strings.Join(lack, "; ")
	default:
		return fmt.Sprintf("none of the %d providers can have what was asked for; the ledger says why", len(lack))
	}
}

// have says that providers that were asked have nothing.
func have(names []string) string {
	if len(names) == 1 {
		return names[0] + " has none, or none that was asked for"
	}
	return several(names) + " have none, or none that was asked for"
}

// several names providers, or counts them where they are many.
func several(names []string) string {
	if len(names) > 3 {
		return fmt.Sprintf("%d providers", len(names))
	}
	return strings.Join(names, " and ")
}

// failing counts the units that are not complete, and all, of providers; of everybody where none is named.
func failing(s *hub.Snapshot, names ...string) (bad, all int) {
	for i := range s.Units {
		if u := &s.Units[i]; len(names) == 0 || slices.Contains(names, u.Provider) {
			all++
			if !u.OKish() {
				bad++
			}
		}
	}
	return bad, all
}

// pending reports whether answers of a provider are still to come.
func pending(s *hub.Snapshot, name string) bool {
	return slices.ContainsFunc(s.Units, func(u hub.Unit) bool { return u.Provider == name && u.State == hub.Pending })
}

// lacking returns why a provider can have nothing of what was asked for; "" where it may.
func lacking(s *hub.Snapshot, name string) string {
	for i := range s.Units {
		u := &s.Units[i]
		if u.Provider == name && u.State == hub.Skipped && (u.Capability == hub.Connect || u.Capability == hub.Resources && u.Service == "") {
			return u.Reason
		}
	}
	return ""
}
