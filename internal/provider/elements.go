package provider

import (
	"fmt"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/pkg/loose"
)

// Elements gives yield what each element of an answer's list becomes; one that lacks what is required becomes nothing (ok
// is false). Last comes, as one partial error of the operation op, what of the list could not be read: an odd element
// never costs the others. It reports whether to go on.
func Elements[T, R any](op string, l *loose.List[T], of func(*T) (r R, ok bool), yield func(R, error) bool) bool {
	incomplete := 0
	for i := range l.All {
		r, ok := of(&l.All[i])
		switch {
		case !ok:
			incomplete++
		case !yield(r, nil):
			return false
		}
	}
	if len(l.Odd)+incomplete == 0 {
		return true
	}
	var none R
	return yield(none, cloud.Partial(op, unread(l.Odd, incomplete)))
}

// unread says what of a list could not be read: the first few elements by their index, and the number of all.
func unread(odd []loose.Odd, incomplete int) string {
	const most = 3
	var parts []string
	for _, o := range odd[:min(len(odd), most)] {
		what := "it is no object"
		if len(o.Members) > 0 {
			what = strings.Join(o.Members, ", ")
		}
		parts = append(parts, fmt.Sprintf("[%d]: %s", o.Index, what))
	}
	if len(odd) > most {
		parts = append(parts, "...")
	}
	if incomplete > 0 {
		parts = append(parts, fmt.Sprintf("%d incomplete", incomplete))
	}
	return "not all of the answer can be read: " + strings.Join(parts, "; ")
}
