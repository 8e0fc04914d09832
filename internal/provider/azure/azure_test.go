package azure_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/azure"
	azuresim "github.com/adsops/cloudtop/internal/provider/azure/sim"
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
	quotes, err := provider.Gather(u.conn.Driver().(provider.Pricer).Prices(t.Context(), all))
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

var _ = errors.New
var _ = slices.Sort[[]int]
var _ = httpx.WithStats
var _ = context.Background
var _ = http.MethodGet
