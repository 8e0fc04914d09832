package azure_test

import (
	"errors"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/azure"
	azuresim "github.com/adsops/cloudtop/internal/provider/azure/sim"
	"github.com/adsops/cloudtop/internal/provider/providertest"
	"github.com/adsops/cloudtop/internal/sim"
)

// still is a clock that stands half-way through a minute.
func still() time.Time { return sim.Epoch.Add(30 * time.Second) }

// universe is a simulated tenant and a connection to it.
type universe struct {
	*sim.Universe
	conn  *provider.Conn
	truth sim.Truth
}

func open(t *testing.T, o sim.Options, change ...func(*provider.ProviderConfig)) *universe {
	t.Helper()
	if o.Now == nil {
		o.Now = still
	}
	w := sim.NewWorld(o)
	c := azuresim.New(w)
	u := sim.NewUniverse(w, c)
	config := &provider.ProviderConfig{
		Credential: provider.Credential{Method: "oauth", Source: "test", Values: c.Credentials().Values},
		Transport:  u.Transport(), Now: w.Now,
	}
	for _, f := range change {
		f(config)
	}
	conn := provider.NewConn(azure.Spec())
	if err := conn.Initialize(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	return &universe{Universe: u, conn: conn, truth: c.Truth()}
}

// calls counts the calls whose path contains part.
func (u *universe) calls(part string) int {
	n := 0
	for _, s := range u.Stats() {
		if strings.Contains(s.Host+s.Path, part) {
			n += s.N
		}
	}
	return n
}

// everything lists and measures all, and quotes prices.
func (u *universe) everything(t *testing.T) []cloud.Resource {
	t.Helper()
	all, err := u.conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	read, err := u.conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: all})
	if err != nil {
		t.Fatal(err)
	}
	quotes, err := provider.Gather(u.conn.Driver().(provider.Pricer).Prices(t.Context(), providertest.Pointers(all)))
	if err != nil {
		t.Fatal(err)
	}
	prices := map[string]cloud.Price{}
	for _, q := range quotes {
		prices[q.ID] = q.Price
	}
	for i := range all {
		all[i].Metrics = read.Metrics[all[i].ID]
		if p, ok := prices[all[i].ID]; ok {
			all[i].Cost = &p
		}
	}
	return all
}

func TestEverythingIsAsItIsInTruth(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 8, 400, 2500} {
		u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": n}})
		got := u.everything(t)
		byID := map[string]cloud.Resource{}
		for _, r := range got {
			byID[r.ID] = r
		}
		if len(got) != n || len(byID) != n || len(u.truth.Resources) != n {
			t.Fatalf("n = %d: got %d resources with %d ids, truth has %d", n, len(got), len(byID), len(u.truth.Resources))
		}
		for _, want := range u.truth.Resources {
			compare(t, byID[want.ID], want)
		}
	}
}

func TestAllPricesOfARegionAreAskedForAtOnce(t *testing.T) {
	t.Parallel()
	u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 60}})
	all, err := u.conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	regions, quoted := map[string]bool{}, 0
	for i := range all { // as units ask: each for what is its own
		quotes, err := provider.Gather(u.conn.Driver().(provider.Pricer).Prices(t.Context(), []*cloud.Resource{&all[i]}))
		if err != nil {
			t.Fatal(err)
		}
		if len(quotes) > 0 {
			regions[all[i].Region] = true
			quoted++
		}
	}
	if got := u.calls("prices.azure.com"); got != len(regions) || quoted < 2*len(regions) {
		t.Errorf("%d calls for %d quotes in %d regions, want one for each region", got, quoted, len(regions))
	}
}

func compare(t *testing.T, got cloud.Resource, want sim.Resource) {
	t.Helper()
	tags := map[string]string{}
	for _, tag := range got.Tags {
		tags[tag.Key] = tag.Value
	}
	metrics := map[string]float64{}
	for _, m := range got.Metrics {
		metrics[m.Name] = m.Value
	}
	same := got.Account == want.Account && got.Region == want.Region && got.Service == want.Service && got.Type == want.Type &&
		got.Name == want.Name && string(got.Status) == want.Status && got.NativeStatus == want.NativeStatus &&
		got.CreatedAt.Equal(want.CreatedAt) && (len(tags) == 0 && len(want.Tags) == 0 || maps.Equal(tags, want.Tags)) &&
		maps.EqualFunc(metrics, want.Metrics, near)
	if g := got.GPU; g != nil {
		same = same && g.Type == want.GPUType && near(g.Count, want.GPUCount)
	} else {
		same = same && want.GPUType == ""
	}
	if got.Cost != nil {
		same = same && want.HourlyCost != nil && near(got.Cost.Low, *want.HourlyCost)
	} else {
		same = same && want.HourlyCost == nil
	}
	if !same {
		t.Errorf("got %+v, GPU %+v, cost %+v\nwant %+v", got, got.GPU, got.Cost, want)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }

func TestThousandMachinesTakeAtMost25Calls(t *testing.T) {
	t.Parallel()
	u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 1765}}, func(c *provider.ProviderConfig) {
		c.Services = []string{"virtual_machines"}
	})
	all, err := u.conn.ListResources(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var live []cloud.Resource // what stands still has no metrics
	for _, r := range all {
		if r.Status != cloud.StatusStopped {
			live = append(live, r)
		}
	}
	read, err := u.conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: live})
	if err != nil {
		t.Fatal(err)
	}
	measured := 0
	for _, m := range read.Metrics {
		if len(m) > 0 {
			measured++
		}
	}
	if len(all) < 1000 || measured < 600 {
		t.Fatalf("got %d machines, %d with metrics; the world is too small", len(all), measured)
	}
	t.Logf("%d machines, %d of them live: %d calls", len(all), len(live), u.calls(""))
	if n := u.calls(""); n > 25 {
		t.Errorf("%d machines took %d calls, want at most 25: %+v", len(all), n, u.Stats())
	}
	if n := u.calls("ResourceGraph"); n != 2 {
		t.Errorf("the inventory took %d calls, want 2 pages", n)
	}
}

func TestAllServicesAndSubscriptionsShareOneQuery(t *testing.T) {
	t.Parallel()
	u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 200}})
	for round := 1; round <= 2; round++ {
		if _, err := u.conn.ListResources(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if n := u.calls("ResourceGraph"); n != round {
			t.Fatalf("after round %d: %d queries, want one for each round", round, n)
		}
	}
	if n := u.calls("/skus"); n != 1 {
		t.Errorf("sizes were asked for %d times, want once: they keep for hours", n)
	}
}

func TestQueryIsForgottenAfterSomeSeconds(t *testing.T) {
	t.Parallel()
	now := still()
	u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 50}, Now: func() time.Time { return now }})
	list := func(service string) {
		t.Helper()
		if _, err := u.conn.ListResources(t.Context(), &provider.ResourceFilter{Services: []string{service}}); err != nil {
			t.Fatal(err)
		}
	}
	list("vms")
	now = now.Add(6 * time.Second)
	list("sql")
	if n := u.calls("ResourceGraph"); n != 2 {
		t.Errorf("another service 6 s later: %d queries, want 2: what is old is not passed on", n)
	}
}

func TestDeniedSubscriptionLeavesTheOthersComplete(t *testing.T) {
	t.Parallel()
	u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 200}, Incidents: true})
	all, err := u.conn.ListResources(t.Context(), nil)
	if len(all) != len(u.truth.Resources) || len(all) == 0 {
		t.Errorf("got %d resources, want %d", len(all), len(u.truth.Resources))
	}
	denied, _ := errors.AsType[*cloud.Error](err)
	if denied == nil || denied.Kind != cloud.KindDenied || denied.Hint == "" {
		t.Errorf("got %v, want an error of kind denied with a hint", err)
	}
	scopes, err := provider.Gather(u.conn.Scopes(t.Context()))
	if err != nil || len(scopes) != 4 || scopes[0].AccountName != "Contoso Production" {
		t.Errorf("got %+v, %v; want four subscriptions with their names", scopes, err)
	}
}

func TestOptionsNarrowTheQuery(t *testing.T) {
	t.Parallel()
	whole := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 200}})
	one := whole.truth.Accounts[1]
	elsewhere := "11111111-2222-4333-8444-555555555555"
	tests := []struct {
		name    string
		config  func(*provider.ProviderConfig)
		keeps   func(*sim.Resource) bool
		unknown string // a subscription that is not visible
	}{
		{
			name: "one subscription", config: func(c *provider.ProviderConfig) {
				c.Options = map[string]any{"subscription_id": strings.ToUpper(one)}
			},
			keeps: func(r *sim.Resource) bool { return r.Account == one },
		},
		{
			name: "several, one of them not visible", config: func(c *provider.ProviderConfig) {
				c.Options = map[string]any{"subscription_ids": []string{one, elsewhere}}
			},
			keeps: func(r *sim.Resource) bool { return r.Account == one }, unknown: elsewhere,
		},
		{
			name: "nothing but one that is not visible", config: func(c *provider.ProviderConfig) {
				c.Options = map[string]any{"subscription_id": elsewhere}
			},
			keeps: func(*sim.Resource) bool { return false }, unknown: elsewhere,
		},
		{
			name: "a region", config: func(c *provider.ProviderConfig) { c.Regions = []string{"northeurope"} },
			keeps: func(r *sim.Resource) bool { return r.Region == "northeurope" },
		},
		{
			name: "services by class", config: func(c *provider.ProviderConfig) { c.Services = []string{"database"} },
			keeps: func(r *sim.Resource) bool { return r.Service == "sql" || r.Service == "postgresql" },
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 200}}, tt.config)
			all, err := u.conn.ListResources(t.Context(), nil)
			want := 0
			for i := range u.truth.Resources {
				if tt.keeps(&u.truth.Resources[i]) {
					want++
				}
			}
			if len(all) != want {
				t.Errorf("got %d resources, want %d", len(all), want)
			}
			denied := err != nil && cloud.KindOf(err) == cloud.KindDenied
			if denied != (tt.unknown != "") || err != nil && !denied {
				t.Errorf("got error %v, want denied: %v", err, tt.unknown != "")
			}
		})
	}
}

func TestIdentityTellsWhoReads(t *testing.T) {
	t.Parallel()
	u := open(t, sim.Options{Seed: 5})
	id, err := u.conn.Driver().(provider.Identifier).Identity(t.Context())
	want := cloud.Identity{
		Account: u.Cloud("azure").Credentials().Values["tenant_id"], User: "cloudtop-reader", Detail: "3 subscriptions",
	}
	if err != nil || id != want {
		t.Errorf("got %+v, %v; want %+v", id, err, want)
	}
}

func TestEveryMetricOfTheSpecIsMeasured(t *testing.T) {
	t.Parallel()
	u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 300}})
	seen := map[string]map[string]bool{}
	for _, r := range u.everything(t) {
		for _, m := range r.Metrics {
			if seen[r.Service] == nil {
				seen[r.Service] = map[string]bool{}
			}
			seen[r.Service][m.Name] = true
			if age := u.World().Now().Sub(m.At.Time()); age < 0 || age > 3*time.Minute {
				t.Errorf("%s of %s is from %s, %s ago", m.Name, r.Name, m.At, age)
			}
		}
	}
	for _, s := range azure.Spec().Services {
		if got, want := slices.Sorted(maps.Keys(seen[s.Name])), slices.Sorted(slices.Values(s.Metrics)); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", s.Name, got, want)
		}
	}
}
