// Package view decides what of a snapshot is shown and how its values read: columns, filters, sorting and units that
// every table shares, be it printed or on the screen. It renders nothing and does no I/O.
package view

import (
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// Table is rows of cells. Rows[i][j] is what Columns[j] says of Items[i].
type Table struct {
	Kind    Kind
	Columns []Column
	Rows    [][]Cell
	Items   []Row
}

// NewTable returns the rows of a kind that a snapshot has, in the given order, as the columns show them at now. Columns
// that nobody asked for by name are left out where they say nothing.
func NewTable(s *hub.Snapshot, kind Kind, cols []Column, order Order, now time.Time) Table {
	t := Table{Kind: kind, Items: Rows(s, kind, now)}
	order.Sort(t.Items)
	t.fill(cols)
	return t
}

// Rows returns the rows of a kind, in the snapshot's order.
func Rows(s *hub.Snapshot, kind Kind, now time.Time) []Row {
	var rows []Row
	if kind == Units {
		names := map[string]map[string]string{}
		for i := range s.Providers {
			names[s.Providers[i].Name] = s.Providers[i].AccountNames
		}
		rows = make([]Row, len(s.Units))
		for i := range s.Units {
			u := &s.Units[i]
			rows[i] = Row{Unit: u, Account: names[u.Provider][u.Account], Now: now}
		}
		return rows
	}
	for i := range s.Providers {
		p := &s.Providers[i]
		switch kind {
		case Offers:
			rows = appendOffers(rows, p, now)
		case Markets:
			for j := range p.Markets {
				m := &p.Markets[j]
				rows = append(rows, Row{Market: m, Account: p.AccountNames[m.Account], Now: now})
			}
		default:
			for _, r := range p.Resources {
				rows = append(rows, Row{Resource: r, Account: p.AccountNames[r.Account], Now: now})
			}
		}
	}
	return rows
}

// appendOffers joins each offer with the market of its card.
func appendOffers(rows []Row, p *hub.Provider, now time.Time) []Row {
	markets := make(map[string]*cloud.Market, len(p.Markets))
	for i := range p.Markets {
		markets[p.Markets[i].GPUType] = &p.Markets[i]
	}
	for i := range p.Offers {
		o := &p.Offers[i]
		rows = append(rows, Row{Offer: o, Market: markets[o.GPUType], Account: p.AccountNames[o.Account], Now: now})
	}
	return rows
}

// provider returns whose row it is.
func (r *Row) provider() string {
	switch {
	case r.Resource != nil:
		return r.Resource.Provider
	case r.Offer != nil:
		return r.Offer.Provider
	case r.Market != nil:
		return r.Market.Provider
	case r.Unit != nil:
		return r.Unit.Provider
	default:
		return ""
	}
}

// fill makes the cells, and leaves out the columns that say nothing.
func (t *Table) fill(cols []Column) {
	cells := make([]Cell, len(t.Items)*len(cols))
	t.Rows = make([][]Cell, len(t.Items))
	survey := NewSurvey(cols)
	for i := range t.Items {
		row := cells[i*len(cols) : (i+1)*len(cols) : (i+1)*len(cols)]
		for j := range cols {
			row[j] = cols[j].value(&t.Items[i])
		}
		survey.Add(&t.Items[i], row)
		t.Rows[i] = row
	}
	var keep []int
	t.Columns, keep = survey.Worth()
	if len(keep) == len(cols) {
		return
	}
	for i, row := range t.Rows {
		for k, j := range keep {
			row[k] = row[j]
		}
		t.Rows[i] = row[:len(keep)]
	}
}
