// Package hub holds what cloudtop knows: one immutable Snapshot, folded from events, and the ledger that says of
// every unit of work how complete it is. It does no I/O.
package hub

import (
	"cmp"
	"slices"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// State is how a unit of work ended.
type State string

// The states of a unit. Pending is only seen while collecting.
const (
	Pending   State = "pending"
	OK        State = "ok"
	Partial   State = "partial"   // some of it is missing; Reason says what
	Stale     State = "stale"     // the last refresh failed; what is shown is from At
	Denied    State = "denied"    // the credential may not read it
	Throttled State = "throttled" // the provider or the limit refused the calls
	Failed    State = "error"
	Skipped   State = "skipped" // not asked; Reason says why
)

// States lists the states in the order in which they are counted for people.
func States() []State {
	return []State{OK, Partial, Stale, Denied, Throttled, Failed, Skipped, Pending}
}

// Capability is what a unit of work asks for.
type Capability string

// The capabilities of units.
const (
	Connect   Capability = "connect"   // open the credential and find the scopes
	Resources Capability = "resources" // list one service in one scope
	Metrics   Capability = "metrics"   // one service in one account and region
	Prices    Capability = "prices"    // one service in one account and region
	Offers    Capability = "offers"
	Markets   Capability = "markets"
	Costs     Capability = "costs"
)

// Key names a unit of work. Parts that do not apply are empty.
type Key struct {
	Provider    string
	Account     string
	Region      string
	Compartment string
	Service     string
	Capability  Capability
}

// Unit is one line of the ledger.
type Unit struct {
	Key
	State   State
	Kind    cloud.Kind    // of what went wrong; empty where nothing did
	Reason  string        // what went wrong, for people
	Hint    string        // what to do about it
	RetryIn time.Duration // how long the provider asks to wait; 0 = it does not say
	Calls   int
	Rows    int
	Took    time.Duration
	Waited  time.Duration // how long calls queued for limits, all calls together
	At      time.Time     // when what is shown was read
	Cached  bool          // it came from the cache
}

// OKish reports whether the unit needs no attention: complete, or not asked for.
func (u *Unit) OKish() bool { return u.State == OK || u.State == Skipped || u.State == Pending }

// Snapshot is everything known at one moment. It never changes; readers share it.
type Snapshot struct {
	Version   uint64
	At        time.Time
	Simulated bool
	Done      bool // the round of collection is over
	Providers []Provider
	Units     []Unit // the ledger, sorted by key
	Calls     int    // of all units
	Took      time.Duration
}

// Provider is what is known of one provider. Every slice is sorted.
type Provider struct {
	Name      string
	Resources []*cloud.Resource // shared: never change one
	Offers    []cloud.Offer
	Markets   []cloud.Market
	Costs     []cloud.Cost
	Accounts  []string // those that the credential may see, asked for or not
	// AccountNames are what people call the accounts, by account, where that is not the same.
	AccountNames map[string]string
}

// Count returns how many units are in each state.
func (s *Snapshot) Count() map[State]int {
	n := map[State]int{}
	for i := range s.Units {
		n[s.Units[i].State]++
	}
	return n
}

// Failures returns the units that are not complete, worst first.
func (s *Snapshot) Failures() []Unit {
	rank := map[State]int{Failed: 0, Denied: 1, Throttled: 2, Stale: 3, Partial: 4}
	var out []Unit
	for i := range s.Units {
		if !s.Units[i].OKish() {
			out = append(out, s.Units[i])
		}
	}
	slices.SortStableFunc(out, func(a, b Unit) int { return cmp.Compare(rank[a.State], rank[b.State]) })
	return out
}

// StateOf returns the state that an error leaves a unit in; rows is how much was read before it.
func StateOf(err error, rows int) State {
	kind := cloud.KindOf(err)
	switch {
	case err == nil:
		return OK
	case kind == cloud.KindPartial, rows > 0:
		return Partial
	case kind == cloud.KindDenied:
		return Denied
	case kind == cloud.KindThrottled:
		return Throttled
	case kind == cloud.KindUnsupported:
		return Skipped
	default:
		return Failed
	}
}

func compareKeys(a, b Key) int {
	return cmp.Or(
		cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Compartment, b.Compartment), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.Capability, b.Capability),
	)
}

// compareResources orders by place and name: the order of every output that is not asked to sort otherwise.
func compareResources(a, b *cloud.Resource) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account), cmp.Compare(a.Service, b.Service), cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID),
	)
}

func compareOffers(a, b cloud.Offer) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account), cmp.Compare(a.GPUType, b.GPUType), cmp.Compare(a.GPUCount, b.GPUCount),
		cmp.Compare(a.Region, b.Region), cmp.Compare(a.Tier, b.Tier), cmp.Compare(a.ID, b.ID),
	)
}

func compareMarkets(a, b cloud.Market) int {
	return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.GPUType, b.GPUType))
}

func compareCosts(a, b cloud.Cost) int {
	return cmp.Or(
		cmp.Compare(a.Account, b.Account), cmp.Compare(a.Region, b.Region), cmp.Compare(a.Service, b.Service),
		cmp.Compare(a.ID, b.ID), cmp.Compare(a.Kind, b.Kind), a.From.Compare(b.From),
	)
}
