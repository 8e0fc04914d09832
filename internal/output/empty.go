package output

import (
	"fmt"

	"github.com/adsops/cloudtop/internal/hub"
)

// nothing says that there are no rows, and why.
func nothing(s *hub.Snapshot, o *Options) string {
	what := "no " + o.Kind.String() + ": "
	failures := s.Failures()
	switch {
	case o.Total > 0:
		return what + fmt.Sprintf("none of the %s found is what was asked for", thousands(o.Total))
	case len(s.Units) == 0:
		return what + "nothing was asked; set a credential or try --demo"
	case len(failures) > 0:
		return what + fmt.Sprintf("%s of %s units failed", thousands(len(failures)), thousands(len(s.Units)))
	case s.Count()[hub.Pending] > 0:
		return what + "still waiting for the first answer"
	case len(s.Providers) == 1:
		return what + s.Providers[0].Name + " has none, or none that was asked for"
	default:
		return what + fmt.Sprintf("the %d providers have none, or none that was asked for", len(s.Providers))
	}
}
