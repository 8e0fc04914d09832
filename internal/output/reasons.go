package output

import (
	"fmt"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// blank is a kind of blank cells, by what is said of them.
type blank struct {
	column int
	reason view.Reason
	why    string // what the ledger says; may be empty
}

// reasons returns one line for each column and reason of blank cells: "CPU: 12 blank: not measured (vastai: HTTP 403)".
func reasons(t *view.Table, s *hub.Snapshot) []string {
	troubles := troublesOf(s)
	counts, order := map[blank]int{}, []blank(nil)
	for j := range t.Columns {
		for i, row := range t.Rows {
			if row[j].Type != view.Absent {
				continue
			}
			b := blank{column: j, reason: row[j].Reason, why: troubles.of(&t.Items[i], row[j].Reason)}
			if counts[b] == 0 {
				order = append(order, b)
			}
			counts[b]++
		}
	}
	lines := make([]string, len(order))
	for i, b := range order {
		lines[i] = fmt.Sprintf("%s: %s blank: %s", t.Columns[b.column].Title, paint.Thousands(counts[b]), b.reason)
		if b.why != "" {
			lines[i] += " (" + b.why + ")"
		}
	}
	return lines
}

// Why says why a cell of a row is blank: "not measured (vastai: denied, HTTP 403)".
func Why(s *hub.Snapshot, r *view.Row, c *view.Cell) string {
	if why := troublesOf(s).of(r, c.Reason); why != "" {
		return c.Reason.String() + " (" + why + ")"
	}
	return c.Reason.String()
}

// troubles is what the ledger says of units that are not complete, by their place.
type troubles map[hub.Key]string

func troublesOf(s *hub.Snapshot) troubles {
	t := troubles{}
	for i := range s.Units {
		if u := &s.Units[i]; !u.OKish() || u.State == hub.Skipped && u.Reason != "" {
			t[placeOf(u.Key)] = u.Provider + ": " + string(u.State) + ", " + u.Reason
		}
	}
	return t
}

// placeOf is the part of a key that metrics and prices share with the listing.
func placeOf(k hub.Key) hub.Key {
	return hub.Key{Provider: k.Provider, Account: k.Account, Region: k.Region, Service: k.Service, Capability: k.Capability}
}

// of returns what the ledger says of the unit that should have filled a cell of r.
func (t troubles) of(r *view.Row, why view.Reason) string {
	if r.Resource == nil {
		return ""
	}
	key := hub.Key{
		Provider: r.Resource.Provider, Account: r.Resource.Account, Region: r.Resource.Region, Service: r.Resource.Service,
	}
	switch why {
	case view.NotMeasured:
		key.Capability = hub.Metrics
	case view.PriceUnknown:
		key.Capability = hub.Prices
	default:
		return ""
	}
	return t[key]
}
