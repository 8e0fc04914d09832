package tui

import (
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// settings are what keys change of the table.
type settings struct {
	search string
	order  string // as --sort takes it
}

// job is what a picture is made of.
type job struct {
	opts     *Options
	painter  paint.Painter
	snap     *hub.Snapshot
	before   *inventory // of the last finished round; nil = there is none
	settings settings
	last     *picture // nil = there is none
}

// picture is a snapshot made ready to be drawn: narrowed, sorted and measured, so that a frame has only to look at the
// rows in the window. It does not change.
type picture struct {
	snap     *hub.Snapshot
	settings settings
	now      time.Time
	all      *inventory // what the options keep
	before   *inventory
	rows     []view.Row // what is shown, vanished rows among them
	columns  []view.Column
	natural  []int // widths of the columns
	aged     map[hub.Key]*hub.Unit
	statuses []tally
	states   map[hub.State]int
	failures []output.Failure
	total    int // rows of the snapshot, before they were narrowed
	matched  int // rows that are shown, without those that vanished
}

// picture makes the picture. It draws nothing and waits for nothing, and may run beside the screen. It fails where the options' filter names a
// field that nothing has.
func (j *job) picture() (*picture, error) {
	p := &picture{snap: j.snap, settings: j.settings, now: j.opts.Now(), before: j.before}
	if err := p.take(j); err != nil {
		return nil, err
	}
	order, err := view.ParseOrder(j.opts.Query.Kind, j.settings.order)
	if err != nil {
		return nil, err
	}
	p.rows = p.narrowed(newSearch(j.opts.Query.Kind, j.settings.search))
	order.Sort(p.rows)
	p.aged = aged(j.snap)
	if err := p.measure(j); err != nil {
		return nil, err
	}
	p.states, p.failures = j.snap.Count(), output.Failures(j.snap, p.now)
	return p, nil
}

// take keeps what the options ask for of the snapshot.
func (p *picture) take(j *job) error {
	if j.last != nil && j.last.snap == j.snap {
		p.all, p.statuses, p.total = j.last.all, j.last.statuses, j.last.total
		return nil
	}
	query := j.opts.Query
	if query.Limit == 0 {
		query.Sort = "" // the rows are sorted later, all together
	}
	shown, err := view.Select(j.snap, query)
	if err != nil {
		return err
	}
	p.all = newInventory(view.Rows(shown, query.Kind, p.now))
	p.statuses = tallies(p.all.rows)
	for i := range j.snap.Providers {
		if query.Kind == view.Offers {
			p.total += len(j.snap.Providers[i].Offers)
		} else {
			p.total += len(j.snap.Providers[i].Resources)
		}
	}
	return nil
}

// tally is how many rows have a status.
type tally struct {
	status cloud.Status
	style  view.Style
	n      int
}

// tallies counts resources by status, in the order of statuses.
func tallies(rows []view.Row) []tally {
	column, _ := view.Lookup(view.Resources, "status")
	var out []tally
	for _, s := range cloud.Statuses() {
		t := tally{status: s}
		for i := range rows {
			if r := rows[i].Resource; r != nil && r.Status == s {
				if t.n++; t.n == 1 {
					c := column.Cell(&rows[i])
					t.style = c.Style
				}
			}
		}
		if t.n > 0 {
			out = append(out, t)
		}
	}
	return out
}

// narrowed returns the rows that a search keeps, those that vanished among them, in memory of their own.
func (p *picture) narrowed(s search) []view.Row {
	all := p.all.with(p.before)
	rows := make([]view.Row, 0, len(all))
	for i := range all {
		if s.match(&all[i]) {
			rows = append(rows, all[i])
			rows[len(rows)-1].Now = p.now
			if len(all) == len(p.all.rows) || p.all.find(identify(&all[i])) != nil {
				p.matched++
			}
		}
	}
	return rows
}

// measure chooses the columns and their widths. While the same is searched for, a column stays once it is shown, and
// none becomes narrower: what moves on the screen should be news.
func (p *picture) measure(j *job) error {
	columns, err := view.Columns(j.opts.Query.Kind, j.opts.Choice)
	if err != nil {
		return err
	}
	if len(p.aged) > 0 {
		columns = append(columns, readColumn())
	}
	widths := make([]int, len(columns))
	survey := view.NewSurvey(columns)
	cells := make([]view.Cell, len(columns))
	for i := range p.rows {
		for k := range columns {
			cells[k] = p.cell(&p.rows[i], &columns[k])
		}
		survey.Add(&p.rows[i], cells)
		for k := range cells {
			j.painter.Clean(&cells[k])
			widths[k] = max(widths[k], j.painter.Width(cells[k].Text))
		}
	}
	shown := p.kept(j)
	worth, at := survey.Worth()
	for k := range columns {
		if len(at) > 0 && at[0] == k {
			columns[k], at, worth = worth[0], at[1:], worth[1:]
		} else if _, ok := shown[columns[k].Name]; !ok {
			continue
		}
		p.columns = append(p.columns, columns[k])
		p.natural = append(p.natural, max(widths[k], j.painter.Width(columns[k].Title), shown[columns[k].Name]))
	}
	return nil
}

// kept returns the columns, by name, and the widths that the last picture had, where they stay.
func (p *picture) kept(j *job) map[string]int {
	shown := map[string]int{}
	if j.last != nil && j.last.settings.search == j.settings.search && len(j.last.rows) > 0 {
		for i, c := range j.last.columns {
			shown[c.Name] = j.last.natural[i]
		}
	}
	return shown
}

// readName is the name of the column that tells how old rows are.
const readName = "read"

// readColumn tells how old a row is that is not of this round. The screen alone has it, and only when there are such.
func readColumn() view.Column {
	return view.Column{Name: readName, Title: "READ", Right: true, Weight: 65, Auto: true}
}

// cell returns what a column says in a row.
func (p *picture) cell(r *view.Row, c *view.Column) view.Cell {
	if c.Name != readName {
		return c.Cell(r)
	}
	u := p.unit(r)
	if u == nil || u.At.IsZero() {
		return view.Cell{Reason: view.NotSuch}
	}
	return view.Cell{Text: ago(p.now.Sub(u.At)), Type: view.Text, Style: view.Warn}
}

// ago says how long ago something was.
func ago(d time.Duration) string { return view.Seconds.Format(max(d, 0).Seconds()) + " ago" }

// aged returns the units whose rows are older than this round, because they could not be read or came from the cache.
func aged(s *hub.Snapshot) map[hub.Key]*hub.Unit {
	var out map[hub.Key]*hub.Unit
	for i := range s.Units {
		u := &s.Units[i]
		if u.State != hub.Stale && !u.Cached || u.Capability != hub.Resources && u.Capability != hub.Offers {
			continue
		}
		if out == nil {
			out = map[hub.Key]*hub.Unit{}
		}
		out[u.Key] = u
	}
	return out
}

// unit returns the unit that read a row, where what it read is aged. A unit without region or compartment reads all of
// them.
func (p *picture) unit(r *view.Row) *hub.Unit {
	if len(p.aged) == 0 {
		return nil
	}
	if r.Offer != nil {
		for _, account := range []string{r.Offer.Account, ""} {
			if u := p.aged[hub.Key{Provider: r.Offer.Provider, Account: account, Capability: hub.Offers}]; u != nil {
				return u
			}
		}
		return nil
	}
	res := r.Resource
	for _, region := range []string{res.Region, ""} {
		for _, compartment := range []string{res.Compartment, ""} {
			k := hub.Key{
				Provider: res.Provider, Account: res.Account, Region: region, Compartment: compartment,
				Service: res.Service, Capability: hub.Resources,
			}
			if u := p.aged[k]; u != nil {
				return u
			}
		}
	}
	return nil
}
