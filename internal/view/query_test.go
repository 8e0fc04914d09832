package view

import (
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

func TestSelectKeepsWhatIsAskedFor(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		q    Query
		want []string
	}{
		{"all", Query{}, []string{"ocid1.db", "ocid1.web", "42", "v-1"}},
		{"one provider", Query{Providers: []string{"vastai"}}, []string{"42", "v-1"}},
		{"one account", Query{Accounts: []string{"ACME"}}, []string{"ocid1.db", "ocid1.web"}},
		{"regions by pattern", Query{Regions: []string{"us-*", "eu-frankfurt-1"}}, []string{"ocid1.db", "ocid1.web"}},
		{"a service", Query{Services: []string{"compute"}}, []string{"ocid1.web"}},
		{"a provider's service", Query{Services: []string{"oracle/compute", "vastai/compute"}}, []string{"ocid1.web"}},
		{"running", Query{Running: true}, []string{"ocid1.web"}},
		{"with GPUs", Query{GPU: true}, []string{"42"}},
		{"statuses", Query{Statuses: []cloud.Status{cloud.StatusFailed, cloud.StatusStopped}}, []string{"ocid1.db", "42"}},
		{"sorted down, absent last", Query{Sort: "-cpu,name"}, []string{"ocid1.web", "ocid1.db", "42", "v-1"}},
		{"sorted up, absent last", Query{Sort: "cpu"}, []string{"ocid1.web", "ocid1.db", "42", "v-1"}},
		{"the most over all providers", Query{Sort: "-price", Limit: 1}, []string{"42"}},
		{"first of the order", Query{Limit: 3}, []string{"ocid1.db", "ocid1.web", "42"}},
		{"status in its own order", Query{Sort: "status"}, []string{"ocid1.web", "ocid1.db", "42", "v-1"}},
		{"nothing", Query{Running: true, GPU: true}, []string{}},
	} {
		got, err := Select(world(), c.q)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if have := ids(got, Resources); !slices.Equal(have, c.want) {
			t.Errorf("%s: %q, want %q", c.name, have, c.want)
		}
		if len(got.Units) != 2 {
			t.Errorf("%s: the ledger has %d units, want all 2", c.name, len(got.Units))
		}
	}
}

func TestAccountsAreFoundByIdentifierAndByName(t *testing.T) {
	t.Parallel()
	named := func() *hub.Snapshot {
		s := world()
		s.Providers[0].AccountNames = map[string]string{"acme": "Production"}
		return s
	}
	for _, c := range []struct {
		q    Query
		want []string
	}{
		{Query{Accounts: []string{"prod*"}}, []string{"ocid1.db", "ocid1.web"}},
		{Query{Accounts: []string{"acme"}}, []string{"ocid1.db", "ocid1.web"}},
		{Query{Accounts: []string{"Production", "me"}}, []string{"ocid1.db", "ocid1.web", "42", "v-1"}},
		{Query{Filter: "account=production"}, []string{"ocid1.db", "ocid1.web"}},
		{Query{Filter: "account=acme"}, []string{"ocid1.db", "ocid1.web"}},
		{Query{Filter: "account!=acme"}, []string{"42", "v-1"}},
		{Query{Filter: "account!=Production"}, []string{"42", "v-1"}},
		{Query{Filter: "account!~m"}, []string{}},
		{Query{Filter: "account_name=none"}, []string{"42", "v-1"}},
		{Query{Filter: "account_id=acme"}, []string{"ocid1.db", "ocid1.web"}},
		{Query{Filter: "account_id=production"}, []string{}},
		{Query{Sort: "-account", Filter: "type=instance"}, []string{"ocid1.web", "42"}},
	} {
		got, err := Select(named(), c.q)
		if err != nil {
			t.Errorf("%+v: %v", c.q, err)
			continue
		}
		if have := ids(got, Resources); !slices.Equal(have, c.want) {
			t.Errorf("%+v: %q, want %q", c.q, have, c.want)
		}
	}
	account, _ := Lookup(Resources, "account")
	for i, r := range Rows(named(), Resources, at()) {
		want := []string{"Production acme", "Production acme", "me me", "me me"}[i]
		if got := account.Cell(&r).Text + " " + account.Bare(&r).Text; got != want {
			t.Errorf("row %d: people and machines see %q, want %q", i, got, want)
		}
	}
}

func TestAccountsThatNobodyHasAreTold(t *testing.T) {
	t.Parallel()
	s := world()
	s.Units = append(s.Units, hub.Unit{Key: hub.Key{Provider: "oracle", Capability: hub.Connect}, State: hub.OK})
	s.Providers[0].Accounts, s.Providers[0].AccountNames = []string{"acme"}, map[string]string{"acme": "Production"}
	s.Providers[1].Accounts = []string{"me"}
	for _, c := range []struct{ asked, want []string }{
		{nil, []string{}}, {[]string{"acme"}, []string{}}, {[]string{"PROD*", "m?", "me"}, []string{"m?"}},
		{[]string{"nobody", "me"}, []string{"nobody"}},
	} {
		q := Query{Accounts: c.asked}
		got, known := q.Strangers(s)
		if !slices.Equal(got, c.want) || !slices.Equal(known, []string{"Production", "me"}) {
			t.Errorf("%q: strangers %q of %q, want %q", c.asked, got, known, c.want)
		}
	}
	s.Units[2].State = hub.Failed
	if got, _ := (&Query{Accounts: []string{"nobody"}}).Strangers(s); got != nil {
		t.Errorf("%q are strangers to a provider that has not told its accounts", got)
	}
}

func TestSelectNarrowsOffersMarketsAndCosts(t *testing.T) {
	t.Parallel()
	s := world()
	got, err := Select(s, Query{Kind: Offers, Accounts: []string{"me"}, Regions: []string{"US"}})
	if err != nil {
		t.Fatal(err)
	}
	if have := ids(got, Offers); !slices.Equal(have, []string{"eight"}) {
		t.Errorf("offers = %q, want the one in US", have)
	}
	if len(got.Providers[0].Costs) != 0 || len(got.Providers[1].Costs) != 1 || len(got.Providers[1].Markets) != 1 {
		t.Errorf("costs and markets of %+v, want those of account me", got.Providers)
	}
}

func TestOffersComeCheapestCardFirst(t *testing.T) {
	t.Parallel()
	got, err := Select(world(), Query{Kind: Offers})
	if err != nil {
		t.Fatal(err)
	}
	if have, want := ids(got, Offers), []string{"one", "eight", "unpriced"}; !slices.Equal(have, want) {
		t.Errorf("offers = %q, want %q", have, want)
	}
}

func TestSelectLeavesItsInputAlone(t *testing.T) {
	t.Parallel()
	s := world()
	for _, q := range []Query{{Sort: "-name", Limit: 1}, {Running: true}, {Kind: Offers, Filter: "price<1"}} {
		if _, err := Select(s, q); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := ids(s, Resources), ids(world(), Resources); !slices.Equal(got, want) {
		t.Errorf("resources are now %q, were %q", got, want)
	}
	if got, want := ids(s, Offers), ids(world(), Offers); !slices.Equal(got, want) {
		t.Errorf("offers are now %q, were %q", got, want)
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	for want, q := range map[string]Query{
		"--filter: expected":          {Filter: "cpu"},
		`--sort: unknown column "cp"`: {Sort: "-cp"},
		"--limit -1":                  {Limit: -1},
		"units cannot be narrowed":    {Kind: Units},
	} {
		if err := q.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Check of %+v = %v, want it to say %q", q, err, want)
		}
		if _, err := Select(world(), q); err == nil {
			t.Errorf("Select of %+v gives no error", q)
		}
	}
}
