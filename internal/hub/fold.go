package hub

import (
	"maps"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// Event is what a collector learned. The kinds are Planned, Finished, RoundOver and PreviewOver.
type Event interface{ event() }

// Planned says that units will be asked for.
type Planned struct{ Keys []Key }

// Finished says how one unit ended, and what was read. A list replaces what the unit read before, also one of which the
// provider says that something is missing; any other error keeps it.
type Finished struct {
	Unit      Unit // State is OK, or what went wrong; Stale where the rows are from the cache, since reading them failed
	Scopes    []cloud.Scope
	Resources []*cloud.Resource
	Samples   map[string][]cloud.Metric // by Ref.ID
	Quotes    map[string]*cloud.Price   // by Ref.ID; may be shared, never changed
	Offers    []cloud.Offer
	Markets   []cloud.Market
	Costs     []cloud.Cost
}

// RoundOver ends a round: units that it did not plan are forgotten, unless they were not planned because another unit
// failed: the connection of their provider, or the list that their details belong to. Those become Stale with it.
type RoundOver struct {
	At   time.Time
	Took time.Duration
}

// PreviewOver ends what was shown before the first round: the round plans anew, and forgets what it does not plan.
type PreviewOver struct{}

func (Planned) event()     {}
func (Finished) event()    {}
func (RoundOver) event()   {}
func (PreviewOver) event() {}

// Fold builds snapshots from events. It is for one goroutine.
type Fold struct {
	simulated bool
	entries   map[Key]*entry
	planned   map[Key]bool // in this round
	done      bool
	at        time.Time
	took      time.Duration
}

// entry is what one unit last read, and how the last attempt ended.
type entry struct {
	Finished
	read bool // something was read, now or in an earlier round
}

// NewFold returns an empty fold.
func NewFold(simulated bool) *Fold {
	return &Fold{simulated: simulated, entries: map[Key]*entry{}, planned: map[Key]bool{}}
}

// Apply folds one event in.
func (f *Fold) Apply(e Event) {
	switch e := e.(type) {
	case Planned:
		f.done = false
		for _, k := range e.Keys {
			f.planned[k] = true
			if f.entries[k] == nil {
				f.entries[k] = &entry{Finished: Finished{Unit: Unit{Key: k, State: Pending}}}
			}
		}
	case Finished:
		f.planned[e.Unit.Key] = true
		f.finish(e)
	case PreviewOver:
		clear(f.planned)
	case RoundOver:
		f.forget()
		clear(f.planned)
		f.done, f.at, f.took = true, e.At, e.Took
	}
}

// finish replaces a unit's entry; a unit that failed keeps what it read before and becomes Stale.
func (f *Fold) finish(e Finished) {
	if old := f.entries[e.Unit.Key]; failed(&e.Unit) && old != nil && old.read {
		f.keep(old, e.Unit)
		return
	}
	read := e.Unit.State == OK || e.Unit.State == Partial || e.Unit.State == Stale
	f.entries[e.Unit.Key] = &entry{Finished: e, read: read}
}

// failed reports whether what u read cannot take the place of what was read before. An answer of which the provider
// says that it is incomplete can: it is new, and often it is never complete.
func failed(u *Unit) bool {
	switch u.State {
	case OK, Skipped, Pending:
		return false
	case Partial:
		return u.Kind != cloud.KindPartial || u.Rows == 0
	default:
		return true
	}
}

// keep marks what old read as stale, for the reason that now has.
func (f *Fold) keep(old *entry, now Unit) {
	now.State, now.At, now.Rows = Stale, old.Unit.At, old.Unit.Rows
	kept := *old
	kept.Unit = now
	f.entries[now.Key] = &kept
}

// forget drops the units that the round did not plan, but for those that it could not plan.
func (f *Fold) forget() {
	stale := map[Key]*Unit{} // lists, by place
	for k, e := range f.entries {
		if k.Capability == Resources && f.planned[k] && e.Unit.State == Stale {
			stale[place(k)] = &e.Unit
		}
	}
	for k, e := range f.entries {
		if f.planned[k] {
			continue
		}
		cause := stale[place(k)]
		if c := (Key{Provider: k.Provider, Capability: Connect}); f.planned[c] && failed(&f.entries[c].Unit) {
			cause = &f.entries[c].Unit
		}
		if cause == nil || !e.read {
			delete(f.entries, k)
			continue
		}
		f.keep(e, Unit{Key: k, Kind: cause.Kind, Reason: cause.Reason, Hint: cause.Hint, RetryIn: cause.RetryIn})
	}
}

// Snapshot returns what is known now. Units that wait for their first answer are Pending.
func (f *Fold) Snapshot(at time.Time) *Snapshot { return f.snapshot(at, (*overlay).on) }

// Final returns what is known, for the last time: details are merged into the resources themselves and not into copies,
// which nearly halves the memory of a large listing. Nobody else may hold the resources, and the fold is empty afterwards.
func (f *Fold) Final(at time.Time) *Snapshot {
	defer clear(f.entries)
	return f.snapshot(at, (*overlay).into)
}

func (f *Fold) snapshot(at time.Time, merge func(*overlay, *cloud.Resource) *cloud.Resource) *Snapshot {
	s := &Snapshot{At: at, Simulated: f.simulated, Done: f.done, Took: f.took}
	keys := slices.SortedFunc(maps.Keys(f.entries), compareKeys)
	s.Units = make([]Unit, len(keys))
	overlays := f.overlays(keys)
	for i, k := range keys {
		e := f.entries[k]
		s.Units[i] = e.Unit
		s.Calls += e.Unit.Calls
		if n := len(s.Providers); n == 0 || s.Providers[n-1].Name != k.Provider {
			s.Providers = append(s.Providers, Provider{Name: k.Provider})
		}
		p := &s.Providers[len(s.Providers)-1]
		p.Offers = append(p.Offers, e.Offers...)
		p.Markets = append(p.Markets, e.Markets...)
		p.Costs = append(p.Costs, e.Costs...)
		p.name(e.Scopes)
		p.Resources = slices.Grow(p.Resources, len(e.Resources))
		for _, r := range e.Resources {
			p.Resources = append(p.Resources, merge(overlays[place(k)], r))
		}
	}
	for i := range s.Providers {
		p := &s.Providers[i]
		slices.Sort(p.Accounts)
		p.Accounts = slices.Compact(p.Accounts)
		slices.SortFunc(p.Resources, compareResources)
		slices.SortStableFunc(p.Offers, compareOffers)
		slices.SortStableFunc(p.Markets, compareMarkets)
		slices.SortStableFunc(p.Costs, compareCosts)
	}
	return s
}

// name notes the accounts and what people call them.
func (p *Provider) name(scopes []cloud.Scope) {
	for i := range scopes {
		sc := &scopes[i]
		if n := len(p.Accounts); n == 0 || p.Accounts[n-1] != sc.Account {
			p.Accounts = append(p.Accounts, sc.Account)
		}
		if sc.AccountName == "" || sc.AccountName == sc.Account {
			continue
		}
		if p.AccountNames == nil {
			p.AccountNames = map[string]string{}
		}
		p.AccountNames[sc.Account] = sc.AccountName
	}
}

// overlay is what the second wave read of the resources of one place.
type overlay struct {
	samples []map[string][]cloud.Metric
	quotes  []map[string]*cloud.Price
}

// place is the part of a key that metrics and prices share with the listing.
func place(k Key) Key {
	return Key{Provider: k.Provider, Account: k.Account, Region: k.Region, Service: k.Service}
}

// overlays gathers what belongs to each place, in the order of the keys.
func (f *Fold) overlays(keys []Key) map[Key]*overlay {
	all := map[Key]*overlay{}
	for _, k := range keys {
		e := f.entries[k]
		if len(e.Samples) == 0 && len(e.Quotes) == 0 {
			continue
		}
		o := all[place(k)]
		if o == nil {
			o = &overlay{}
			all[place(k)] = o
		}
		if len(e.Samples) > 0 {
			o.samples = append(o.samples, e.Samples)
		}
		if len(e.Quotes) > 0 {
			o.quotes = append(o.quotes, e.Quotes)
		}
	}
	return all
}

// on returns a copy of r with its overlay, and r itself where there is none.
func (o *overlay) on(r *cloud.Resource) *cloud.Resource {
	if o == nil {
		return r
	}
	out := *r
	return o.into(&out)
}

// into lays the overlay over r itself.
func (o *overlay) into(r *cloud.Resource) *cloud.Resource {
	if o == nil {
		return r
	}
	for _, by := range o.samples {
		r.Metrics = merged(r.Metrics, by[r.ID])
	}
	for _, by := range o.quotes {
		if p := by[r.ID]; p != nil {
			r.Cost = p
		}
	}
	return r
}

// merged returns the readings of both, in new memory where it must differ from either. Where both have a reading of one
// name the later one stands.
func merged(old, more []cloud.Metric) []cloud.Metric {
	if len(old) == 0 {
		return more
	}
	out := slices.Clip(old)
	for _, m := range more {
		i := slices.IndexFunc(out, func(o cloud.Metric) bool { return o.Name == m.Name })
		switch {
		case i < 0:
			out = append(out, m)
		case m.At > out[i].At:
			out = slices.Clone(out)
			out[i] = m
		}
	}
	return out
}
