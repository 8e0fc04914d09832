// Package explain tells before a run what it would take: calls, time and money. It computes from the facts in each
// provider's Spec and calls nobody.
package explain

import (
	"math"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// Latency is what a call is reckoned to take.
const Latency = 200 * time.Millisecond

// atOnce is how many calls a driver makes at once for one purpose.
const atOnce = 8

// Range is an amount that is between two.
type Range struct {
	Least float64 `json:"least"`
	Most  float64 `json:"most"`
}

func (r Range) plus(o Range) Range { return Range{r.Least + o.Least, r.Most + o.Most} }

func (r Range) larger(o Range) Range { return Range{max(r.Least, o.Least), max(r.Most, o.Most)} }

func (r Range) times(f float64) Range { return Range{r.Least * f, r.Most * f} }

// Run is what is going to be asked of one provider.
type Run struct {
	Spec     *provider.Spec
	Services []provider.Service // in Spec order
	Scopes   []cloud.Scope
	Parts    []provider.Part
	Connect  int // calls that connecting takes, as they were counted
	Rows     int // the most resources, of all services together, that the most is told for
	AtOnce   int // the most calls at once; 0 = atOnce
}

// Line is one purpose that calls are made for.
type Line struct {
	Service string        `json:"service,omitempty"` // empty = for several, or none
	Part    provider.Part `json:"part"`
	For     string        `json:"for"`
	Times   int           `json:"times"`          // how many accounts, regions ... it is asked for
	Page    int           `json:"page,omitempty"` // rows that a call brings; absent = any number
	Calls   Range         `json:"calls"`
	Seconds Range         `json:"seconds"`
	USD     *Range        `json:"usd"` // null = not known

	limit  string
	billed float64
}

// PartConnect is the line of connecting: signing in, and finding accounts and regions.
const PartConnect provider.Part = "connect"

// Estimate is what a run takes at one provider.
type Estimate struct {
	Provider string   `json:"provider"`
	Accounts []string `json:"accounts"`
	Lines    []Line   `json:"lines"`
	Calls    Range    `json:"calls"`
	Seconds  Range    `json:"seconds"`
	USD      *Range   `json:"usd"`             // null = not known
	Note     string   `json:"note"`            // of the bill; empty where nothing is asked
	Error    string   `json:"error,omitempty"` // why it cannot be told
}

// Of reckons what a run takes.
func Of(r *Run) Estimate {
	e := Estimate{Provider: r.Spec.Name, Accounts: accounts(r.Scopes), Lines: []Line{}}
	if connect := float64(r.Connect); connect > 0 {
		e.Lines = append(e.Lines, Line{
			Part: PartConnect, For: "sign in, find accounts", Times: 1, Calls: Range{connect, connect}, Seconds: seconds(connect, connect), USD: new(Range),
		})
	}
	for i := range r.Spec.Asks {
		e.Lines = append(e.Lines, r.lines(&r.Spec.Asks[i])...)
	}
	if len(e.Lines) > 0 {
		e.Note = note(r.Spec)
	}
	e.USD = new(Range)
	for i := range e.Lines {
		l := &e.Lines[i]
		e.Calls = e.Calls.plus(l.Calls)
		if l.USD == nil || e.USD == nil {
			e.USD = nil
			continue
		}
		*e.USD = e.USD.larger(*l.USD) // the rows are all of one service, or fewer of several
	}
	e.Seconds = r.took(e.Lines, e.Calls)
	return e
}

func seconds(least, most float64) Range { return Range{least, most}.times(Latency.Seconds()) }

func accounts(scopes []cloud.Scope) []string {
	all := make([]string, 0, len(scopes))
	for _, s := range scopes {
		all = append(all, s.Account)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// note says what of the bill is known.
func note(s *provider.Spec) string {
	switch {
	case s.CostNote != "":
		return s.CostNote
	case s.Bill == nil:
		return "Reading is free."
	}
	return "Billed by " + s.Bill.Unit + " (" + s.Bill.Source + ")"
}

// lines returns the lines of one Ask: one for each service that makes it by itself.
func (r *Run) lines(a *provider.Ask) []Line {
	if !slices.Contains(r.Parts, a.Part) {
		return nil
	}
	var out []Line
	var who []provider.Service
	for _, s := range r.Services {
		if len(a.Services) == 0 || slices.Contains(a.Services, s.Name) {
			who = append(who, s)
		}
	}
	for _, s := range who {
		if a.Per == provider.PerUnit && (a.Part != provider.PartDetails || len(s.Metrics) > 0) {
			out = append(out, r.line(a, s.Name, r.units(a.Part, s)))
		}
	}
	if listed := a.Part == provider.PartList || a.Part == provider.PartDetails; a.Per != provider.PerUnit && (!listed || len(who) > 0) {
		times := 1
		if a.Per == provider.PerAccount {
			times = len(accounts(r.Scopes))
		}
		out = append(out, r.line(a, "", times))
	}
	return out
}

// units counts where a service is asked: for its details all compartments of an account and region are one.
func (r *Run) units(part provider.Part, s provider.Service) int {
	scopes := slices.Clone(r.Scopes)
	if part == provider.PartDetails {
		for i := range scopes {
			scopes[i].Compartment = ""
		}
	}
	return len(provider.Units(scopes, []provider.Service{s}))
}

func (r *Run) line(a *provider.Ask, service string, times int) Line {
	least, most := a.Calls(times, r.Rows)
	l := Line{
		Service: service, Part: a.Part, For: a.For, Times: times, Page: a.Page, limit: a.Limit,
		Calls: Range{float64(least), float64(most)}, billed: a.Billed * float64(r.Rows),
	}
	l.Seconds = r.waves(a, l.Calls).larger(r.held(a.Limit, l.Calls))
	l.USD = r.usd(&l)
	return l
}

// waves is how long calls take that nothing holds: the pages of a list come one after the other, all else at once as far
// as it may.
func (r *Run) waves(a *provider.Ask, calls Range) Range {
	wide := float64(atOnce)
	if r.AtOnce > 0 {
		wide = min(wide, float64(r.AtOnce))
	}
	least, most := math.Ceil(calls.Least/wide), math.Ceil(calls.Most/wide)
	if a.Page > 1 && a.Part != provider.PartDetails {
		most = max(most, float64(1+r.Rows/a.Page))
	}
	return seconds(least, most)
}

// held is how long the published limits take to let so many calls through: those of a name, or where it is empty those
// that hold every call.
func (r *Run) held(name string, calls Range) Range {
	var out Range
	for _, l := range r.Spec.Limits {
		every := l.Match.Method == "" && l.Match.Host == "" && l.Match.Path == ""
		if l.Name != name && !every {
			continue
		}
		burst := l.Burst
		if burst == 0 {
			burst = l.Events
		}
		buckets := 1
		if l.PerHost {
			buckets = max(r.regions(), 1)
		}
		wait := func(n float64) float64 {
			over := n/float64(buckets) - float64(burst)
			return max(0, over) * l.Per.Seconds() / float64(l.Events)
		}
		out = out.larger(Range{wait(calls.Least), wait(calls.Most)})
	}
	return out
}

func (r *Run) regions() int {
	var all []string
	for _, s := range r.Scopes {
		all = append(all, s.Region)
	}
	slices.Sort(all)
	return len(slices.Compact(all))
}

// usd is the money of a line: nothing while the month's free units last, and at most the price of every unit.
func (r *Run) usd(l *Line) *Range {
	bill := r.Spec.Bill
	switch {
	case bill == nil, l.billed == 0:
		return new(Range)
	case bill.USD == 0:
		return nil
	}
	return &Range{0, l.billed * bill.USD}
}

// took is how long all takes: connecting, then the list of a service and after it its details, services at once, but
// never less than all calls together need.
func (r *Run) took(lines []Line, calls Range) Range {
	var first Range
	after := map[string]Range{} // by service, else by part
	byLimit := map[string]Range{}
	for _, l := range lines {
		byLimit[l.limit] = byLimit[l.limit].plus(l.Calls)
		switch shared := l.Service == ""; {
		case l.Part == PartConnect, shared && (l.Part == provider.PartList || l.Part == provider.PartDetails):
			first = first.plus(l.Seconds)
		case shared:
			after[string(l.Part)] = l.Seconds
		default:
			after[l.Service] = after[l.Service].plus(l.Seconds)
		}
	}
	var longest Range
	for _, s := range after {
		longest = longest.larger(s)
	}
	out := first.plus(longest)
	if r.AtOnce > 0 {
		out = out.larger(seconds(calls.Least/float64(r.AtOnce), calls.Most/float64(r.AtOnce)))
	}
	for name, n := range byLimit {
		out = out.larger(r.held(name, n))
	}
	return out.larger(r.held("", calls))
}

// Total is what all providers take together, asked at the same time.
type Total struct {
	Calls   Range    `json:"calls"`
	Seconds Range    `json:"seconds"`
	USD     *Range   `json:"usd"`     // of the providers whose price is known
	Unknown bool     `json:"unknown"` // there is one whose price is not
	Without []string `json:"without"` // the providers that could not be asked
}

// Sum adds estimates up.
func Sum(all []Estimate) Total {
	t := Total{USD: new(Range), Without: []string{}}
	for i := range all {
		e := &all[i]
		t.Calls, t.Seconds = t.Calls.plus(e.Calls), t.Seconds.larger(e.Seconds)
		if e.Error != "" && len(e.Lines) == 0 {
			t.Without = append(t.Without, e.Provider)
		}
		if e.USD == nil {
			t.Unknown = true
			continue
		}
		*t.USD = t.USD.plus(*e.USD)
	}
	return t
}
