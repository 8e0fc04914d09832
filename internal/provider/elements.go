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
	lost := Unread{odd: l.Odd, incomplete: incomplete}
	if err := lost.Err(op); err != nil {
		var none R
		return yield(none, err)
	}
	return true
}

// Unread is what of a list could not be read, be it one answer or several pages. The zero Unread is nothing.
type Unread struct {
	odd        []loose.Odd
	incomplete int // elements that lack what makes them one
	elements   int // of all, be they readable or not
}

// Complete returns the elements of a list that have what makes them one, and what could not be read.
func Complete[T any](l *loose.List[T], is func(*T) bool) ([]T, Unread) {
	u := Unread{odd: l.Odd, elements: l.Len()}
	rows := l.All[:0]
	for i := range l.All {
		if is(&l.All[i]) {
			rows = append(rows, l.All[i])
		}
	}
	u.incomplete = len(l.All) - len(rows)
	return rows, u
}

// Len is the number of elements, readable or not.
func (u *Unread) Len() int { return u.elements }

// Add adds what of the next page could not be read.
func (u *Unread) Add(next Unread) {
	for _, o := range next.odd {
		o.Index += u.elements
		u.odd = append(u.odd, o)
	}
	u.incomplete += next.incomplete
	u.elements += next.elements
}

// Err says as a partial error of an operation what could not be read: the first few elements by their index, and the
// number of those that are incomplete. It is nil where that is nothing.
func (u *Unread) Err(op string) error {
	const most = 3
	if len(u.odd)+u.incomplete == 0 {
		return nil
	}
	var parts []string
	for _, o := range u.odd[:min(len(u.odd), most)] {
		what := "it is no object"
		if len(o.Members) > 0 {
			what = strings.Join(o.Members, ", ")
		}
		parts = append(parts, fmt.Sprintf("[%d]: %s", o.Index, what))
	}
	if len(u.odd) > most {
		parts = append(parts, "...")
	}
	if u.incomplete > 0 {
		parts = append(parts, fmt.Sprintf("%d incomplete", u.incomplete))
	}
	return cloud.Partial(op, "not all of the answer can be read: "+strings.Join(parts, "; "))
}
