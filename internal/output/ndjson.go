package output

import (
	"io"

	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/view"
)

// writeNDJSON writes one line per row, each as it stands in the document, and a last line that sums up: it has
// "type": "summary", and a reader that does not find it has not read everything.
func writeNDJSON(w io.Writer, s *hub.Snapshot, o Options) error {
	order, err := view.ParseOrder(o.Kind, o.Sort)
	if err != nil {
		return err
	}
	j := newJSON(w, false)
	d := doc{sink: j}
	rows := view.Rows(s, o.Kind, o.Now)
	order.Sort(rows)
	for i := range rows {
		d.row(&rows[i])
		j.buf = append(j.buf, '\n')
	}
	d.summary(s, o.Kind, len(rows))
	return j.end()
}

func (d *doc) row(r *view.Row) {
	switch {
	case r.Resource != nil:
		d.resource(r.Resource)
	case r.Offer != nil:
		d.offer(r.Offer)
	case r.Market != nil:
		d.market(r.Market)
	case r.Unit != nil:
		d.unit(r.Unit)
	}
}

// summary writes what the rows do not say: how complete they are, and what went wrong.
func (d *doc) summary(s *hub.Snapshot, kind view.Kind, rows int) {
	failures, n := s.Failures(), s.Count()
	d.object()
	d.str("type", "summary")
	d.str("version", DocumentVersion)
	d.moment("generated_at", s.At)
	if s.Simulated {
		d.flag("simulated", true)
	}
	d.str("of", kind.String())
	d.whole("rows", int64(rows))
	d.flag("complete", len(failures) == 0 && n[hub.Pending] == 0)
	d.key("providers")
	d.object()
	units := byProvider(s.Units)
	for i := range s.Providers {
		d.str(s.Providers[i].Name, statusOf(units[s.Providers[i].Name]))
	}
	d.endObject()
	d.key("units")
	d.object()
	for _, state := range hub.States() {
		if n[state] > 0 {
			d.whole(string(state), int64(n[state]))
		}
	}
	d.endObject()
	d.whole("calls", int64(s.Calls))
	d.whole("took_ms", s.Took.Milliseconds())
	d.list("errors")
	for i := range failures {
		d.object()
		d.str("provider", failures[i].Provider)
		u := &failures[i]
		d.failure(failure{u.Account, u.Region, u.Service, u.Kind, u.Reason, u.Hint})
		d.endObject()
	}
	d.endArray()
	d.endObject()
}
