package view

import (
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

func TestOrdersOfEveryForm(t *testing.T) {
	t.Parallel()
	resource := func(id string, cpu float64, cost *cloud.Price, tag string) *cloud.Resource {
		r := &cloud.Resource{Provider: "p", ID: id, Name: id, Cost: cost, Metrics: []cloud.Metric{{Name: cloud.CPUUsagePercent, Value: cpu}}}
		if tag != "" {
			r.Tags = []cloud.Tag{{Key: "n", Value: tag}}
		}
		return r
	}
	dear := &cloud.Price{Low: 0, High: 9, Currency: "USD"}
	s := &hub.Snapshot{At: at(), Providers: []hub.Provider{{Name: "p", Resources: []*cloud.Resource{
		resource("a", 5, nil, "10"), resource("B", 5, cloud.HourlyPrice(1, "", at()), "9"), resource("c", 0, dear, ""),
		resource("d", 100, cloud.HourlyPrice(0, "", at()), "x"),
	}}}}
	for _, c := range []struct{ expr, want string }{
		{"", "a B c d"}, {" , ,", "a B c d"}, {"cpu", "c a B d"}, {"+cpu", "c a B d"}, {"-cpu", "d a B c"}, {" - cpu ", "d a B c"}, {"-CPU,name", "d B a c"},
		{"-cpu,-name", "d a B c"}, {"name", "B a c d"}, {"cost", "d B c a"}, {"-cost", "c B d a"}, {"cost_hourly", "d B a c"}, {"-cost_hourly", "B d a c"},
		{"tags.n", "a B d c"}, {"-tags.n", "d B a c"}, {"gpu", "a B c d"}, {"-cpu_usage_percent,-id", "d a B c"},
	} {
		got, err := Select(s, Query{Sort: c.expr})
		if err != nil {
			t.Errorf("sort %q: %v", c.expr, err)
		} else if have := strings.Join(ids(got, Resources), " "); have != c.want {
			t.Errorf("sort %q: %s, want %s", c.expr, have, c.want)
		}
	}
}

func TestAnOrderByWhatIsNoColumnIsAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind       Kind
		expr, want string
	}{
		{Resources, "nmae", `--sort: unknown column "nmae" (did you mean "name"?); known: provider`}, {Resources, "cpu,--cpu", `unknown column "-cpu"`},
		{Resources, "-", `unknown column ""`}, {Offers, "pirce", `did you mean "price"?`}, {Offers, "tags.x", "beside these, attrs.NAME"},
		{Markets, "price", `unknown column "price"`}, {Units, "tok", `did you mean "took"?`},
	} {
		if _, err := ParseOrder(c.kind, c.expr); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("ParseOrder(%s, %q) error = %v, want %q", c.kind, c.expr, err, c.want)
		}
	}
}

func TestOffersOfOnePriceKeepTheirOrder(t *testing.T) {
	t.Parallel()
	offer := func(id string, price *float64, count float64) cloud.Offer {
		return cloud.Offer{Provider: "p", ID: id, PricePerHour: price, GPUCount: count}
	}
	s := &hub.Snapshot{Providers: []hub.Provider{{Name: "p", Offers: []cloud.Offer{
		offer("unpriced", nil, 1), offer("two", new(4.0), 2), offer("one", new(2.0), 1), offer("uncounted", new(1.0), 0),
		offer("other one", new(2.0), 1), offer("free", new(0.0), 8),
	}}}}
	for expr, want := range map[string][]string{
		"":       {"free", "one", "other one", "two", "uncounted", "unpriced"}, // by card, then the cheaper whole
		"-price": {"two", "one", "other one", "uncounted", "free", "unpriced"},
		"id":     {"free", "one", "other one", "two", "uncounted", "unpriced"},
	} {
		got, err := Select(s, Query{Kind: Offers, Sort: expr})
		if err != nil {
			t.Fatal(err)
		}
		if have := ids(got, Offers); !slices.Equal(have, want) {
			t.Errorf("sort %q: %q, want %q", expr, have, want)
		}
	}
}

func TestALimitCountsOverAllProvidersInTheOrderAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q    Query
		want []string
	}{
		{Query{Kind: Offers, Limit: 2}, []string{"one", "eight"}}, {Query{Kind: Offers, Limit: 99}, []string{"one", "eight", "unpriced"}},
		{Query{Sort: "name", Limit: 2}, []string{"ocid1.db", "42"}}, {Query{Filter: "cpu!=none", Limit: 1}, []string{"ocid1.web"}},
		{Query{Filter: "name=nobody", Limit: 1}, []string{}},
	} {
		got, err := Select(world(), c.q)
		if err != nil {
			t.Fatal(err)
		}
		if have := ids(got, c.q.Kind); !slices.Equal(have, c.want) {
			t.Errorf("%+v: %q, want %q", c.q, have, c.want)
		}
	}
}

func TestNarrowingOneKindLeavesTheOtherWhole(t *testing.T) {
	t.Parallel()
	got, err := Select(world(), Query{Filter: "name=nobody"})
	if err != nil || len(ids(got, Offers)) != 3 || len(got.Providers) != 2 {
		t.Errorf("a filter of resources leaves %q of the offers, %v", ids(got, Offers), err)
	}
	got, err = Select(world(), Query{Kind: Offers, Filter: "price>1000"})
	if err != nil || len(ids(got, Resources)) != 4 || len(got.Providers[1].Markets) != 1 {
		t.Errorf("a filter of offers leaves %q of the resources, %v", ids(got, Resources), err)
	}
}

func TestCostsAreNarrowedByPlaceAndServiceWhereTheyHaveOne(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{Providers: []hub.Provider{{
		Name: "oracle", AccountNames: map[string]string{"o1": "Lab"},
		Costs: []cloud.Cost{
			{Account: "o1", Source: "whole"}, {Account: "o1", Region: "us-1", Source: "us"}, {Account: "o1", Region: "eu-1", Service: "compute", Source: "eu"},
			{Account: "o2", Source: "other"},
		},
	}}}
	for _, c := range []struct {
		q    Query
		want string
	}{
		{Query{}, "whole us eu other"}, {Query{Accounts: []string{"lab"}}, "whole us eu"}, {Query{Regions: []string{"EU-*"}}, "whole eu other"},
		{Query{Services: []string{"oracle/compute"}}, "whole us eu other"}, {Query{Services: []string{"storage"}}, "whole us other"},
		{Query{Services: []string{"gcp/*"}, Accounts: []string{"o2"}}, "other"}, {Query{Providers: []string{"gcp"}}, ""},
	} {
		got, err := Select(s, c.q)
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, p := range got.Providers {
			for _, cost := range p.Costs {
				have = append(have, cost.Source)
			}
		}
		if strings.Join(have, " ") != c.want {
			t.Errorf("%+v keeps costs %q, want %s", c.q, have, c.want)
		}
	}
}

func TestWhatIsOfNoAccountIsKeptWithEveryAccount(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{Providers: []hub.Provider{{
		Name:    "p",
		Offers:  []cloud.Offer{{Provider: "p", ID: "public"}, {Provider: "p", ID: "mine", Account: "a"}, {Provider: "p", ID: "theirs", Account: "b"}},
		Markets: []cloud.Market{{Provider: "p"}, {Provider: "p", Account: "b"}},
	}}}
	got, err := Select(s, Query{Kind: Offers, Accounts: []string{"a"}, Sort: "id"})
	if err != nil {
		t.Fatal(err)
	}
	if have := ids(got, Offers); !slices.Equal(have, []string{"mine", "public"}) || len(got.Providers[0].Markets) != 1 {
		t.Errorf("offers %q and %d markets, want mine and public, and 1", have, len(got.Providers[0].Markets))
	}
}

func TestASurveyFindsWhatSaysSomething(t *testing.T) {
	t.Parallel()
	column := func(name string, change func(*Column)) Column {
		c := Column{Name: name, Auto: true, Weight: 50}
		if change != nil {
			change(&c)
		}
		return c
	}
	columns := []Column{
		column("provider", nil), column("blank", nil), column("filled", nil), column("asked", func(c *Column) { c.Auto = false }),
		column("several", func(c *Column) { c.Several = true }), column("beside", func(c *Column) { c.Beside = "filled" }),
	}
	row := func(cells ...string) (out []Cell) {
		for _, s := range cells {
			out = append(out, text(s))
		}
		return out
	}
	type line struct {
		provider string
		cells    []Cell
	}
	for _, c := range []struct {
		name  string
		lines []line
		want  string
		light bool // the provider says the same everywhere, so it goes first where there is no room
	}{
		{"no row", nil, "provider blank filled asked several beside", true},
		{"one of each provider", []line{{"p", row("p", "", "x", "", "1", "x")}, {"q", row("q", "", "y", "", "2", "y")}}, "provider filled asked", false},
		{"several of one provider", []line{{"p", row("p", "", "x", "", "1", "x")}, {"p", row("p", "", "x", "", "2", "x")}}, "provider filled asked several", true},
		{"filled late", []line{{"p", row("p", "", "", "", "", "")}, {"p", row("p", "b", "", "", "", "")}}, "provider blank asked", true},
		{"unlike its neighbour", []line{{"p", row("p", "", "x", "", "1", "x")}, {"p", row("p", "", "x", "", "1", "z")}}, "provider filled asked beside", true},
	} {
		s := NewSurvey(columns)
		for _, l := range c.lines {
			s.Add(&Row{Resource: &cloud.Resource{Provider: l.provider}}, l.cells)
		}
		got, where := s.Worth()
		if have := strings.Join(names(got), " "); have != c.want {
			t.Errorf("%s: %s, want %s", c.name, have, c.want)
		}
		for i, j := range where {
			if columns[j].Name != got[i].Name {
				t.Errorf("%s: column %s is said to have stood at %d", c.name, got[i].Name, j)
			}
		}
		if light := got[0].Weight == 1; light != c.light {
			t.Errorf("%s: the provider's weight is %d", c.name, got[0].Weight)
		}
	}
}

func TestWideTablesHaveEveryColumnOfTheDefaultAndMore(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Resources, Offers, Markets, Units} {
		short, err := Columns(kind, Choice{})
		if err != nil {
			t.Fatal(err)
		}
		wide, err := Columns(kind, Choice{Wide: true, Configured: map[string][]string{"default": {"name"}, "offers": {"id"}}})
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names(short) {
			if !slices.Contains(names(wide), name) {
				t.Errorf("%s: the wide table lacks %s", kind, name)
			}
		}
		for _, c := range wide {
			if c.Set == ByName || !c.Auto || len(wide) <= len(short) {
				t.Errorf("%s: wide column %+v", kind, c)
			}
		}
	}
}
