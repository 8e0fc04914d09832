package tui

import (
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// details tells everything that is known of the row that was chosen, and why the rest is not known.
func (w *writer) details(m *model) {
	p := m.picture
	r := p.all.find(m.shown)
	if r == nil {
		if r = p.before.find(m.shown); r != nil {
			w.text(1, "It is no longer there: this is how it was before this round.", m.painter.Code(view.Warn))
		} else {
			w.text(1, "It is no longer there.", m.painter.Code(view.Warn))
			return
		}
	}
	row := *r
	row.Now = p.now
	if row.Offer != nil {
		w.columns(p.snap, view.Offers, &row, row.Offer.Provider+" offer "+row.Offer.ID)
		w.attrs(view.Offers, &row, row.Offer.Attrs)
		if row.Market != nil {
			w.columns(p.snap, view.Markets, &row, "Market of this card")
		}
		return
	}
	res := row.Resource
	w.columns(p.snap, view.Resources, &row, res.Name)
	w.cost(res.Cost, p.now)
	w.metrics(res.Metrics, p.now)
	w.attrs(view.Resources, &row, res.Attrs)
	w.tags(res.Tags)
	w.units(p.snap, res, p.now)
}

// columns tells what every column says, and of those that are blank why.
func (w *writer) columns(s *hub.Snapshot, kind view.Kind, r *view.Row, title string) {
	w.heading(title)
	for _, c := range view.Known(kind) {
		cell := c.Cell(r)
		if c.Set == view.ByName && (cell.Type == view.Absent || !slices.Contains([]string{"created", "gpu_memory", "quoted_at"}, c.Name)) {
			continue // it says again what others say
		}
		if cell.Type == view.Absent {
			w.value(c.Name, "- "+output.Why(s, r, &cell), paint.Faint)
			continue
		}
		w.painter.Clean(&cell)
		w.value(c.Name, cell.Text, w.painter.Code(cell.Style))
	}
}

func (w *writer) cost(p *cloud.Price, now time.Time) {
	if p == nil {
		return
	}
	w.heading("Price")
	text := view.Amount(p.High, p.Currency) + " per hour"
	if p.Low != p.High {
		text = view.Amount(p.Low, p.Currency) + " to " + text
	}
	w.value("price", text, "")
	w.value("source", p.Source, "")
	if !p.At.IsZero() {
		w.value("quoted", ago(now.Sub(p.At)), "")
	}
}

// metrics tells every reading with its unit and how old it is.
func (w *writer) metrics(all []cloud.Metric, now time.Time) {
	if len(all) == 0 {
		return
	}
	w.heading("Metrics")
	for _, m := range all {
		unit, _ := view.UnitOf(m.Name)
		text := unit.Format(m.Value)
		if m.At != 0 {
			text += ", " + ago(now.Sub(m.At.Time()))
		}
		w.value(m.Name, text, "")
	}
}

func (w *writer) attrs(kind view.Kind, r *view.Row, all []cloud.Attr) {
	if len(all) == 0 {
		return
	}
	w.heading("Attributes")
	for _, a := range all {
		if c, ok := view.Lookup(kind, "attrs."+a.Name); ok {
			w.value(a.Name, c.Cell(r).Text, "")
		}
	}
}

func (w *writer) tags(all []cloud.Tag) {
	if len(all) == 0 {
		return
	}
	w.heading("Tags")
	for _, t := range all {
		w.value(t.Key, t.Value, "")
	}
}

// units tells how what is known of a resource was read: the units of its service in its account.
func (w *writer) units(s *hub.Snapshot, r *cloud.Resource, now time.Time) {
	w.heading("Read by")
	for i := range s.Units {
		u := &s.Units[i]
		here := u.Provider == r.Provider && u.Account == r.Account && u.Service == r.Service &&
			(u.Region == "" || u.Region == r.Region) && (u.Compartment == "" || u.Compartment == r.Compartment)
		if !here {
			continue
		}
		text := string(u.State)
		if !u.At.IsZero() {
			text += ", " + ago(now.Sub(u.At))
		}
		if u.Cached {
			text += ", from the cache"
		}
		if u.Reason != "" {
			text += ": " + u.Reason
		}
		if u.Hint != "" {
			text += "; hint: " + u.Hint
		}
		w.value(string(u.Capability), text, "")
	}
}
