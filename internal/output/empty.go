package output

import (
	"fmt"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// Nothing says that there are no rows of a kind, and why. Total is how many there were before they were narrowed.
func Nothing(s *hub.Snapshot, kind view.Kind, total int) string {
	what := "no " + kind.String() + ": "
	failures := s.Failures()
	switch {
	case total > 0:
		return what + fmt.Sprintf("none of the %s found is what was asked for", paint.Thousands(total))
	case len(s.Units) == 0:
		return what + "nothing was asked; set a credential or try --demo"
	case len(failures) > 0:
		return what + fmt.Sprintf("%s of %s units failed", paint.Thousands(len(failures)), paint.Thousands(len(s.Units)))
	case s.Count()[hub.Pending] > 0:
		return what + "still waiting for the first answer"
	case lacking(s) != "":
		return what + s.Providers[0].Name + ": " + lacking(s)
	case len(s.Providers) == 1:
		return what + s.Providers[0].Name + " has none, or none that was asked for"
	default:
		return what + fmt.Sprintf("the %d providers have none, or none that was asked for", len(s.Providers))
	}
}

// lacking returns why the only provider can have nothing of what was asked for; "" where it may.
func lacking(s *hub.Snapshot) string {
	if len(s.Providers) != 1 {
		return ""
	}
	for i := range s.Units {
		if u := &s.Units[i]; u.State == hub.Skipped && (u.Capability == hub.Connect || u.Capability == hub.Resources && u.Service == "") {
			return u.Reason
		}
	}
	return ""
}
