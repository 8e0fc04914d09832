package providertest

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// truthChecks compare what is found with what there is.
func (s *suite) truthChecks() []check {
	var all []check
	for _, seed := range []uint64{0, 1, 2} {
		all = append(all, check{name: fmt.Sprintf("truth/seed %d", seed), run: func(t testing.TB) {
			s.truth(t, setup{seed: seed}, s.size)
		}})
	}
	return append(all,
		check{name: "truth/large", run: func(t testing.TB) { s.truth(t, setup{seed: 3}, max(5*s.size, 200)) }},
		check{name: "truth/with latency", run: func(t testing.TB) { s.truth(t, setup{latency: 150 * time.Millisecond}, s.size) }},
		check{name: "truth/denied places", run: s.denied},
		check{name: "truth/order", run: s.order},
	)
}

// truth reads a whole world and compares everything.
func (s *suite) truth(t testing.TB, o setup, count int) {
	o.count = count
	x := s.open(t, o)
	w := watch(x)
	h := x.harvest(true)
	w.look(0)
	h.mustBeComplete(x)
	w.mustMatch(h)
	x.close()
}

// witness keeps the truth of every moment in which the provider was asked something: readings change with time.
type witness struct {
	*session
	mu      sync.Mutex
	moments []sim.Truth
	at      []time.Time
}

// watch looks at the truth now, and at calls that come a second or more after the last look.
func watch(x *session) *witness {
	w := &witness{session: x}
	w.look(0)
	x.tap.began = func(int, *exchange) { w.look(time.Second) }
	return w
}

// look takes a look at the truth unless the last one is younger than age.
func (w *witness) look(age time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.world.Now()
	if n := len(w.at); n > 0 && now.Sub(w.at[n-1]) < age {
		return
	}
	w.moments, w.at = append(w.moments, w.cloud.Truth()), append(w.at, now)
}

// now returns the last truth.
func (w *witness) now() *sim.Truth { return &w.moments[len(w.moments)-1] }

// key is what a resource is known by.
type key struct{ account, service, id string }

func (w *witness) mustMatch(h *harvest) {
	w.Helper()
	w.mustMatchResources(h)
	w.mustMatchAccounts(h)
	w.mustMatchMoney(h)
}

func (w *witness) mustMatchResources(h *harvest) {
	w.Helper()
	index := make([]map[key]*sim.Resource, len(w.moments))
	for i := range w.moments {
		index[i] = make(map[key]*sim.Resource, len(w.moments[i].Resources))
		for j := range w.moments[i].Resources {
			r := &w.moments[i].Resources[j]
			k := key{r.Account, r.Service, r.ID}
			if index[i][k] != nil {
				w.Errorf("the simulator's truth has %v twice", k)
			}
			index[i][k] = r
		}
	}
	last := index[len(index)-1]
	found := map[key]bool{}
	for _, r := range h.resources() {
		k := key{r.Account, r.Service, r.ID}
		if found[k] {
			w.Errorf("%v was found twice", k)
		}
		found[k] = true
		var truth []*sim.Resource
		for i := range index {
			if t := index[i][k]; t != nil {
				truth = append(truth, t)
			}
		}
		if len(truth) == 0 {
			w.Errorf("%v was found and does not exist: %+v", k, r.Ref())
			continue
		}
		w.mustMatchResource(&r, truth)
	}
	missing := 0
	for k := range last {
		if !found[k] {
			if missing++; missing <= 5 {
				w.Errorf("%v was not found", k)
			}
		}
	}
	if missing > 5 {
		w.Errorf("%d resources in all were not found, of %d", missing, len(last))
	}
}

// mustMatchResource compares one resource with what it truly was, from first to last.
func (w *witness) mustMatchResource(r *cloud.Resource, truth []*sim.Resource) {
	w.Helper()
	t := truth[len(truth)-1]
	differ := func(what string, got, want any) {
		w.Errorf("%s %s: %s: got %v, want %v", t.Service, t.ID, what, got, want)
	}
	for _, c := range []struct{ what, got, want string }{
		{"name", r.Name, t.Name}, {"region", r.Region, t.Region}, {"compartment", r.Compartment, t.Compartment},
		{"type", r.Type, t.Type}, {"tags", tags(r.Tags), fmt.Sprint(t.Tags)},
	} {
		if c.got != c.want {
			differ(c.what, c.got, c.want)
		}
	}
	states := func(t *sim.Resource) bool { return string(r.Status) == t.Status && r.NativeStatus == t.NativeStatus }
	if !slices.ContainsFunc(truth, states) {
		differ("status and native status", fmt.Sprint(r.Status, " ", r.NativeStatus), t.Status+" "+t.NativeStatus)
	}
	if d := r.CreatedAt.Sub(t.CreatedAt).Abs(); r.CreatedAt.IsZero() != t.CreatedAt.IsZero() || d >= time.Second {
		differ("created at", r.CreatedAt, t.CreatedAt)
	}
	gpu := r.GPU
	if gpu == nil {
		gpu = &cloud.GPU{}
	}
	if gpu.Type != t.GPUType || !near(gpu.Count, t.GPUCount, t.GPUCount) || (r.GPU != nil) != (t.GPUType != "" || t.GPUCount > 0) {
		differ("GPU", *gpu, fmt.Sprint(t.GPUCount, " x ", t.GPUType))
	}
	w.mustMatchCost(r, truth, differ)
	mustMatchMetrics(r, truth, differ)
}

func (w *witness) mustMatchCost(r *cloud.Resource, truth []*sim.Resource, differ func(string, any, any)) {
	t := truth[len(truth)-1]
	switch {
	case r.Cost == nil && t.HourlyCost == nil:
	case r.Cost == nil:
		differ("hourly cost", "none", *t.HourlyCost)
	case t.HourlyCost == nil:
		differ("hourly cost", *r.Cost, "none")
	case r.Cost.Currency != "USD" || r.Cost.Low > *t.HourlyCost*1.001+1e-9 || r.Cost.High < *t.HourlyCost*0.999-1e-9:
		differ("hourly cost", *r.Cost, *t.HourlyCost)
	}
}

// mustMatchMetrics compares readings with the span of what was true while they were read.
func mustMatchMetrics(r *cloud.Resource, truth []*sim.Resource, differ func(string, any, any)) {
	got := map[string]float64{}
	for _, m := range r.Metrics {
		if _, twice := got[m.Name]; twice {
			differ(m.Name, "two readings", "one")
		}
		got[m.Name] = m.Value
	}
	names := map[string]bool{}
	for _, t := range truth {
		for n := range t.Metrics {
			names[n] = true
		}
	}
	for _, n := range slices.Sorted(maps.Keys(names)) {
		low, high, always := span(truth, n)
		v, ok := got[n]
		if (!ok && always) || (ok && !near(v, low, high)) {
			differ(n, shown(v, ok), fmt.Sprintf("%v to %v", low, high))
		}
	}
	for n, v := range got {
		if !names[n] {
			differ(n, v, "no reading: what was not measured is absent, not zero")
		}
	}
}

func shown(v float64, ok bool) string {
	if !ok {
		return "no reading"
	}
	return fmt.Sprint(v)
}

// span returns the least and the largest value that a metric had, and whether it always had one.
func span(truth []*sim.Resource, name string) (low, high float64, always bool) {
	low, high, always = math.Inf(1), math.Inf(-1), true
	for _, t := range truth {
		if v, ok := t.Metrics[name]; ok {
			low, high = min(low, v), max(high, v)
		} else {
			always = false
		}
	}
	return low, high, always
}

// near reports whether v lies between low and high, within rounding.
func near(v, low, high float64) bool {
	slack := 1e-9 + 1e-3*max(math.Abs(low), math.Abs(high))
	return v >= low-slack && v <= high+slack
}

// tags prints tags as a map is printed.
func tags(all []cloud.Tag) string {
	m := map[string]string{}
	for _, t := range all {
		m[t.Key] = t.Value
	}
	return fmt.Sprint(m)
}

func (w *witness) mustMatchAccounts(h *harvest) {
	w.Helper()
	got := map[string]bool{}
	for _, f := range h.done {
		for _, s := range f.scopes {
			got[s.Account] = true
		}
	}
	want := slices.Sorted(slices.Values(w.now().Accounts))
	if names := slices.Sorted(maps.Keys(got)); !slices.Equal(names, want) {
		w.Errorf("accounts: got %q, want %q", names, want)
	}
}

func (w *witness) mustMatchMoney(h *harvest) {
	w.Helper()
	balance := map[string]float64{}
	offers, market := 0, false
	for _, f := range h.done {
		market = market || f.kind == "offers"
		offers += len(f.offers)
		for _, c := range f.costs {
			if c.Kind == cloud.CostBalance {
				balance[c.Account] += c.Amount
			}
		}
	}
	if n := w.now().Offers; n >= 0 && market && offers != n {
		w.Errorf("offers: got %d, want %d", offers, n)
	}
	if _, isMarket := w.conn.Driver().(provider.GPUMarket); !isMarket && w.now().Offers > 0 {
		w.Errorf("offers: the driver is no GPUMarket, and there are %d", w.now().Offers)
	}
	for account, want := range w.now().Balance {
		if got, ok := balance[account]; !ok || !near(got, want, want) {
			w.Errorf("balance of %s: got %v, want %v", account, shown(got, ok), want)
		}
		delete(balance, account)
	}
	if len(balance) > 0 {
		w.Errorf("balance: got %v, which does not exist", balance)
	}
}

// denied checks a world with places that the credential may not read: they are said to be denied, and nothing else is.
func (s *suite) denied(t testing.TB) {
	x := s.open(t, setup{incidents: true})
	w := watch(x)
	h := x.harvest(true)
	w.look(0)
	w.mustMatchResources(h)
	got := map[string]bool{}
	for _, f := range h.done {
		for _, err := range f.errs {
			if f.kind == "list" && isDenied(err) {
				got[strings.Join([]string{f.query.Scope.Region, f.query.Scope.Compartment, f.service}, "/")] = true
			}
		}
	}
	want := slices.Sorted(slices.Values(w.now().Denied))
	if places := slices.Sorted(maps.Keys(got)); !slices.Equal(places, want) {
		t.Errorf("denied places: got %q, want %q", places, want)
	}
	x.close()
}

// order checks that two readings list everything in the same order.
func (s *suite) order(t testing.TB) {
	x := s.open(t, setup{})
	var last []string
	for range 2 {
		var ids []string
		for _, r := range x.harvest(true).resources() {
			ids = append(ids, r.Service+" "+r.ID)
		}
		if last != nil && !slices.Equal(ids, last) {
			t.Errorf("the second reading lists in another order:\n%q\n%q", last, ids)
		}
		last = ids
	}
	x.close()
}
