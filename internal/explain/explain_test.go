package explain_test

import (
	"slices"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/explain"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
)

// acme is a provider of two services, one of them regional, with limits and a bill.
func acme() *provider.Spec {
	return &provider.Spec{
		Name: "acme",
		Services: []provider.Service{
			{Name: "boxes", Regional: true, Metrics: []string{cloud.CPUUsagePercent}}, {Name: "jars"},
		},
		Limits: []httpx.Limit{
			{Name: "slow", Match: httpx.Pattern{Host: "slow.example"}, Events: 1, Per: 2 * time.Second, Burst: 1},
			{Name: "apart", Match: httpx.Pattern{Host: "*.example"}, Events: 1, Per: time.Second, Burst: 1, PerHost: true},
			{Name: "all", Events: 100, Per: time.Second},
		},
		Bill: &provider.Bill{Unit: "look", USD: 0.001, Free: 1000},
	}
}

func scopes() []cloud.Scope {
	return []cloud.Scope{
		{Account: "a", Region: "north", Compartment: "x"}, {Account: "a", Region: "north", Compartment: "y"},
		{Account: "a", Region: "south", Compartment: "x"}, {Account: "b", Region: "north"},
	}
}

func TestAsksAreMadeWhereTheirServiceIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		ask   provider.Ask
		times []int
		calls explain.Range // of all lines
	}{
		{"a list of a regional service", provider.Ask{Part: provider.PartList, Services: []string{"boxes"}, Least: 1, Most: 1, Page: 50}, []int{4}, explain.Range{Least: 4, Most: 6}},
		{"a list of a global service", provider.Ask{Part: provider.PartList, Services: []string{"jars"}, Least: 1, Most: 2}, []int{3}, explain.Range{Least: 3, Most: 6}},
		{"details of all compartments together", provider.Ask{Part: provider.PartDetails, Most: 2, Page: 10, More: 2}, []int{3}, explain.Range{Most: 26}},
		{"a call for each row", provider.Ask{Part: provider.PartList, Services: []string{"jars"}, Page: 1}, []int{3}, explain.Range{Most: 100}},
		{"a call for each account", provider.Ask{Part: provider.PartList, Per: provider.PerAccount, Least: 1, Most: 1}, []int{2}, explain.Range{Least: 2, Most: 2}},
		{"a call for all", provider.Ask{Part: provider.PartDetails, Per: provider.PerRun, Most: 1}, []int{1}, explain.Range{Most: 1}},
		{"money without services", provider.Ask{Part: provider.PartCosts, Services: []string{"none"}, Per: provider.PerRun, Least: 1, Most: 1}, []int{1}, explain.Range{Least: 1, Most: 1}},
		{"a list that nobody asked for", provider.Ask{Part: provider.PartList, Services: []string{"none"}, Per: provider.PerRun, Least: 1, Most: 1}, nil, explain.Range{}},
		{"a part that nobody asked for", provider.Ask{Part: provider.PartOffers, Per: provider.PerRun, Least: 1, Most: 1}, nil, explain.Range{}},
	} {
		spec := acme()
		spec.Asks = []provider.Ask{c.ask}
		got := explain.Of(&explain.Run{Spec: spec, Services: spec.Services, Scopes: scopes(), Parts: everyPart, Rows: 100})
		var times []int
		for _, l := range got.Lines {
			times = append(times, l.Times)
		}
		if !slices.Equal(times, c.times) || got.Calls != c.calls {
			t.Errorf("%s: got %v calls of lines %v times, want %v of %v", c.name, got.Calls, times, c.calls, c.times)
		}
	}
}

func TestSecondsAreOfTheSlowest(t *testing.T) {
	t.Parallel()
	list := provider.Ask{Part: provider.PartList, Services: []string{"jars"}, Per: provider.PerRun}
	for _, c := range []struct {
		name            string
		least, most     int
		page, rows      int
		limit           string
		atOnce, connect int
		want            explain.Range
	}{
		{name: "one call", least: 1, most: 1, want: explain.Range{Least: 0.2, Most: 0.2}},
		{name: "calls at once", least: 8, most: 16, want: explain.Range{Least: 0.2, Most: 0.4}},
		{name: "few at once", least: 8, most: 16, atOnce: 4, want: explain.Range{Least: 0.4, Most: 0.8}},
		{name: "pages, one after the other", least: 1, most: 1, page: 10, rows: 90, want: explain.Range{Least: 0.2, Most: 2}},
		{name: "a slow limit", least: 1, most: 11, limit: "slow", want: explain.Range{Least: 0.2, Most: 20}},
		{name: "a limit of each region", least: 1, most: 11, limit: "apart", want: explain.Range{Least: 0.2, Most: 4.5}},
		{name: "a limit of all calls", least: 1, most: 300, want: explain.Range{Least: 0.2, Most: 7.6}},
		{name: "connecting comes before", least: 1, most: 1, connect: 3, want: explain.Range{Least: 0.8, Most: 0.8}},
	} {
		spec := acme()
		a := list
		a.Least, a.Most, a.Page, a.Limit = c.least, c.most, c.page, c.limit
		spec.Asks = []provider.Ask{a}
		got := explain.Of(&explain.Run{
			Spec: spec, Services: spec.Services, Scopes: scopes(), Parts: everyPart, Rows: c.rows, AtOnce: c.atOnce, Connect: c.connect,
		})
		if !near(got.Seconds, c.want) {
			t.Errorf("%s: got %v, want %v", c.name, got.Seconds, c.want)
		}
	}
}

func near(a, b explain.Range) bool {
	const small = 1e-9
	return max(a.Least-b.Least, b.Least-a.Least, a.Most-b.Most, b.Most-a.Most) < small
}

func TestMoneyIsOfWhatIsBilled(t *testing.T) {
	t.Parallel()
	details := func(service string, billed float64) provider.Ask {
		return provider.Ask{Part: provider.PartDetails, Services: []string{service}, Per: provider.PerRun, Most: 1, Billed: billed}
	}
	for _, c := range []struct {
		name string
		bill *provider.Bill
		want *explain.Range
	}{
		{"a known price, of the dearest service", &provider.Bill{USD: 0.001}, &explain.Range{Most: 0.3}},
		{"nothing is billed", nil, &explain.Range{}},
		{"a price that is not known", &provider.Bill{Unit: "look"}, nil},
	} {
		spec := acme()
		spec.Bill, spec.Asks = c.bill, []provider.Ask{details("boxes", 3), details("jars", 2), details("jars", 0)}
		got := explain.Of(&explain.Run{Spec: spec, Services: spec.Services, Scopes: scopes(), Parts: everyPart, Rows: 100})
		if (got.USD == nil) != (c.want == nil) || (got.USD != nil && !near(*got.USD, *c.want)) {
			t.Errorf("%s: got %v, want %v", c.name, got.USD, c.want)
		}
	}
}

func TestTotalsAddCallsAndMoneyButNotTime(t *testing.T) {
	t.Parallel()
	got := explain.Sum([]explain.Estimate{
		{Calls: explain.Range{Least: 1, Most: 2}, Seconds: explain.Range{Least: 1, Most: 5}, USD: &explain.Range{Most: 1}},
		{Calls: explain.Range{Least: 10, Most: 20}, Seconds: explain.Range{Least: 2, Most: 3}, USD: &explain.Range{Most: 2}},
	})
	want := explain.Total{Calls: explain.Range{Least: 11, Most: 22}, Seconds: explain.Range{Least: 2, Most: 5}, USD: &explain.Range{Most: 3}}
	if got.Calls != want.Calls || got.Seconds != want.Seconds || *got.USD != *want.USD || got.Unknown {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if unknown := explain.Sum([]explain.Estimate{{}}); !unknown.Unknown {
		t.Error("a price that is not known makes no unknown total")
	}
	if failed := explain.Sum([]explain.Estimate{{Provider: "acme", Error: "no key"}}); !failed.Unknown || !slices.Equal(failed.Without, []string{"acme"}) {
		t.Errorf("a provider that could not be asked: got %+v", failed)
	}
}

// TestAsksOfEveryProviderAreSound checks the names in them, and that every service is listed by one.
func TestAsksOfEveryProviderAreSound(t *testing.T) {
	t.Parallel()
	for _, spec := range all.Specs() {
		listed := map[string]bool{}
		for _, a := range spec.Asks {
			who := a.Services
			for _, s := range who {
				if _, ok := spec.Service(s); !ok {
					t.Errorf("%s: %q is for %q, which is no service", spec.Name, a.For, s)
				}
			}
			if a.For == "" || a.Least > a.Most && a.Page == 0 || a.Most == 0 && a.Page == 0 {
				t.Errorf("%s: %+v asks for nothing, or for less than its least", spec.Name, a)
			}
			if a.Limit != "" && !slices.ContainsFunc(spec.Limits, func(l httpx.Limit) bool { return l.Name == a.Limit }) {
				t.Errorf("%s: %q is held by %q, which is no limit", spec.Name, a.For, a.Limit)
			}
			for _, s := range spec.Services {
				listed[s.Name] = listed[s.Name] || a.Part == provider.PartList && (len(who) == 0 || slices.Contains(who, s.Name))
			}
		}
		for name, ok := range listed {
			if !ok {
				t.Errorf("%s: nothing lists %s", spec.Name, name)
			}
		}
		if spec.Bill != nil && (spec.Bill.Unit == "" || spec.Bill.Source == "") {
			t.Errorf("%s: a bill without unit or source: %+v", spec.Name, spec.Bill)
		}
	}
}
