package output

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
	"github.com/adsops/cloudtop/internal/output/paint"
	"github.com/adsops/cloudtop/internal/view"
)

// foot writes a footer.
func foot(t *testing.T, s *hub.Snapshot, o Options) string {
	t.Helper()
	var b bytes.Buffer
	if err := Footer(&b, s, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestFooterCountsEveryState(t *testing.T) {
	t.Parallel()
	units := func(states ...hub.State) (out []hub.Unit) {
		for _, s := range states {
			out = append(out, hub.Unit{Key: hub.Key{Provider: "x"}, State: s})
		}
		return out
	}
	one, two := []hub.Provider{{Name: "x"}}, []hub.Provider{{Name: "x"}, {Name: "y"}}
	for _, c := range []struct {
		s    hub.Snapshot
		want string // the first line
	}{
		{hub.Snapshot{}, "0 providers, 0 units - 0 calls - 0.0 s"},
		{hub.Snapshot{Providers: one, Units: units(hub.OK), Calls: 1, Took: 49 * time.Millisecond}, "1 provider, 1 unit: 1 ok - 1 call - 0.0 s"},
		{hub.Snapshot{Providers: two, Units: units(hub.Pending, hub.OK, hub.OK), Calls: 12345, Took: 951 * time.Millisecond}, "2 providers, 3 units: 2 ok, 1 pending - 12,345 calls - 1.0 s"},
		{
			hub.Snapshot{Providers: one, Units: units(hub.Skipped, hub.Failed, hub.Throttled, hub.Denied, hub.Stale, hub.Partial, hub.OK, hub.Pending), Took: time.Hour},
			"1 provider, 8 units: 1 ok, 1 partial, 1 stale, 1 denied, 1 throttled, 1 error, 1 skipped, 1 pending - 0 calls - 3600.0 s",
		},
	} {
		if got, _, _ := strings.Cut(foot(t, &c.s, Options{}), "\n"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
}

func TestFooterSaysSinceWhen(t *testing.T) {
	t.Parallel()
	unit := func(age time.Duration, cached bool) hub.Unit {
		return hub.Unit{State: hub.OK, At: at().Add(-age), Cached: cached}
	}
	for _, c := range []struct {
		name  string
		o     Options
		units []hub.Unit
		want  string // the end of the first line
	}{
		{"fresh", Options{}, []hub.Unit{unit(time.Hour, false)}, "0.0 s"},
		{"the oldest of the cache", Options{}, []hub.Unit{unit(time.Minute, true), unit(2*time.Hour, true), unit(9*time.Hour, false)}, "0.0 s - 2 from the cache, up to 2h old"},
		{"cached in the future", Options{}, []hub.Unit{unit(-time.Minute, true)}, "0.0 s - 1 from the cache, up to 0s old"},
		{"counted to a later moment", Options{Now: at().Add(time.Hour)}, []hub.Unit{unit(0, true)}, "0.0 s - 1 from the cache, up to 1h old"},
		{"when it was taken", Options{Timestamps: true, Now: at().Add(time.Hour)}, nil, "0.0 s - 2026-03-20 12:00:00 UTC"},
		{"both", Options{Timestamps: true}, []hub.Unit{unit(time.Second, true)}, "0.0 s - 1 from the cache, up to 1s old - 2026-03-20 12:00:00 UTC"},
	} {
		zone := at().In(time.FixedZone("", 9*3600))
		got, _, _ := strings.Cut(foot(t, &hub.Snapshot{At: zone, Units: c.units}, c.o), "\n")
		if !strings.HasSuffix(got, c.want) {
			t.Errorf("%s: %q, want it to end in %q", c.name, got, c.want)
		}
	}
}

func TestFooterNamesThePrepaidMoney(t *testing.T) {
	t.Parallel()
	balance := func(amount float64, currency string) cloud.Cost {
		return cloud.Cost{Kind: cloud.CostBalance, Amount: amount, Currency: currency}
	}
	ofService, ofThing := balance(1, "USD"), balance(2, "USD")
	ofService.Service, ofThing.ID = "s", "i"
	for _, c := range []struct {
		name  string
		costs []cloud.Cost
		want  string
	}{
		{"none", nil, ""}, {"spent, not left", []cloud.Cost{{Kind: cloud.CostSpend, Amount: 5}}, ""}, {"of a part", []cloud.Cost{ofService, ofThing}, ""},
		{"no number", []cloud.Cost{balance(math.NaN(), "USD"), balance(math.Inf(1), "USD")}, ""},
		{"nothing left", []cloud.Cost{balance(0, "USD")}, "balance: x $0.00"}, {"a debt", []cloud.Cost{balance(-12.345, "USD")}, "balance: x -$12.35"},
		{"several currencies", []cloud.Cost{balance(1.005, "USD"), balance(20, "EUR"), balance(3, "")}, "balance: x $1.00, x EUR 20.00, x 3.00"},
		{"a debt elsewhere", []cloud.Cost{balance(-1, "EUR")}, "balance: x EUR -1.00"}, {"much", []cloud.Cost{balance(1234567.891, "USD")}, "balance: x $1234567.89"},
	} {
		if got := balances(&hub.Snapshot{Providers: []hub.Provider{{Name: "x", Costs: c.costs}}}); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// failed returns a unit of provider x that failed.
func failed(state hub.State, change func(*hub.Unit)) hub.Unit {
	u := hub.Unit{Key: hub.Key{Provider: "x", Capability: hub.Resources}, State: state, At: at()}
	if change != nil {
		change(&u)
	}
	return u
}

func TestFailuresSayWhereAndWhyOnce(t *testing.T) {
	t.Parallel()
	place := func(account, region, compartment, service string) func(*hub.Unit) {
		return func(u *hub.Unit) {
			u.Account, u.Region, u.Compartment, u.Service = account, region, compartment, service
		}
	}
	asks := func(c hub.Capability) func(*hub.Unit) { return func(u *hub.Unit) { u.Capability = c } }
	regions := func(n int) (out []hub.Unit) {
		for _, r := range []string{"a", "b", "c", "d", "e"}[:n] {
			out = append(out, failed(hub.Denied, place("", r, "", "")))
		}
		return out
	}
	for _, c := range []struct {
		name  string
		units []hub.Unit
		want  []string
	}{
		{"nothing known", []hub.Unit{failed(hub.Failed, nil)}, []string{"x: error"}},
		{"a reason", []hub.Unit{failed(hub.Partial, func(u *hub.Unit) { u.Reason = "zone b" })}, []string{"x: partial: zone b"}},
		{"of one account, which is not named", []hub.Unit{failed(hub.Denied, place("1", "r", "c", "s"))}, []string{"x: denied in region r, compartment c, service s"}},
		{
			"of several accounts", []hub.Unit{failed(hub.Denied, place("1", "", "", "s")), failed(hub.OK, place("2", "", "", "s"))},
			[]string{"x: denied in account 1, service s"},
		},
		{"two regions", regions(2), []string{"x: 2 units denied in regions a b"}},
		{"three regions", regions(3), []string{"x: 3 units denied in regions a b c"}},
		{"more are counted", regions(4), []string{"x: 4 units denied in 4 regions"}},
		{"not the listing", []hub.Unit{failed(hub.Throttled, asks(hub.Metrics))}, []string{"x: throttled (metrics)"}},
		{"of several kinds", []hub.Unit{failed(hub.Throttled, asks(hub.Metrics)), failed(hub.Throttled, asks(hub.Prices))}, []string{"x: 2 units throttled"}},
		{
			"the longest wait", []hub.Unit{
				failed(hub.Throttled, func(u *hub.Unit) { u.RetryIn = time.Second }), failed(hub.Throttled, func(u *hub.Unit) { u.RetryIn = 90 * time.Second }),
			}, []string{"x: 2 units throttled; try again in 1m30s"},
		},
		{
			"the oldest of what is shown", []hub.Unit{
				failed(hub.Stale, func(u *hub.Unit) { u.At = at().Add(-time.Minute) }), failed(hub.Stale, func(u *hub.Unit) { u.At = at().Add(-time.Hour) }),
			}, []string{"x: 2 units stale; shown as it was 1h ago"},
		},
		{"stale, nobody knows since when", []hub.Unit{failed(hub.Stale, func(u *hub.Unit) { u.At = time.Time{} })}, []string{"x: stale"}},
		{"what needs no attention", []hub.Unit{failed(hub.OK, nil), failed(hub.Skipped, nil), failed(hub.Pending, nil)}, nil},
		{
			"worst first", []hub.Unit{
				failed(hub.Partial, nil), failed(hub.Stale, nil), failed(hub.Throttled, nil), failed(hub.Denied, nil), failed(hub.Failed, nil),
			}, []string{"x: error", "x: denied", "x: throttled", "x: stale; shown as it was 0s ago", "x: partial"},
		},
		{
			"told apart by what to do", []hub.Unit{failed(hub.Denied, func(u *hub.Unit) { u.Hint = "a" }), failed(hub.Denied, func(u *hub.Unit) { u.Hint = "b" })},
			[]string{"x: denied", "x: denied"},
		},
	} {
		var got []string
		for _, f := range Failures(&hub.Snapshot{Units: c.units}, at()) {
			got = append(got, f.Text)
		}
		if strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

func TestFailuresAreColouredByTheirWeight(t *testing.T) {
	t.Parallel()
	for state, want := range map[hub.State]view.Style{
		hub.Failed: view.Alarm, hub.Denied: view.Alarm, hub.Throttled: view.Warn, hub.Stale: view.Warn, hub.Partial: view.Warn,
	} {
		got := Failures(&hub.Snapshot{Units: []hub.Unit{failed(state, func(u *hub.Unit) { u.Hint = "do this" })}}, at())
		if len(got) != 1 || got[0].Style != want || got[0].Hint != "do this" {
			t.Errorf("%s: %+v, want style %d and its hint", state, got, want)
		}
	}
}

func TestFooterSaysWhatToDoBelowWhatFailed(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{At: at(), Simulated: true, Units: []hub.Unit{failed(hub.Denied, func(u *hub.Unit) { u.Reason, u.Hint = "HTTP 403\nno", "ask \x1b[31man admin" })}}
	want := "simulated: no cloud was asked, nothing of this exists\n0 providers, 1 unit: 1 denied - 0 calls - 0.0 s\n" +
		"  x: denied: HTTP 403?no\n    hint: ask ?[31man admin\n"
	if got := foot(t, s, Options{}); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	for line := range strings.Lines(foot(t, s, Options{Color: true})) {
		if painted := strings.HasPrefix(strings.TrimLeft(line, " "), "\x1b["); painted != strings.HasSuffix(line, paint.Reset+"\n") {
			t.Errorf("a colour that does not end with its line: %q", line)
		}
	}
}

func TestLongLinesOfAFooterAreSetIn(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{At: at(), Units: []hub.Unit{failed(hub.Denied, func(u *hub.Unit) { u.Reason = "one two three four five six" })}}
	got := foot(t, s, Options{Width: 24})
	if want := "  x: denied: one two\n    three four five six\n"; !strings.HasSuffix(got, want) {
		t.Errorf("got\n%s\nwant it to end in\n%s", got, want)
	}
}

func TestReasonsOfBlankCellsComeFromTheLedger(t *testing.T) {
	t.Parallel()
	r := &cloud.Resource{Provider: "x", Account: "a", Region: "r", Compartment: "c", Service: "s"}
	unit := func(c hub.Capability, state hub.State, reason string) hub.Unit {
		return hub.Unit{Key: hub.Key{Provider: "x", Account: "a", Region: "r", Service: "s", Capability: c}, State: state, Reason: reason}
	}
	other := unit(hub.Metrics, hub.Denied, "no")
	other.Region = "elsewhere"
	for _, c := range []struct {
		name   string
		units  []hub.Unit
		reason view.Reason
		want   string
	}{
		{"nothing in the ledger", nil, view.NotMeasured, "not measured"},
		{"complete", []hub.Unit{unit(hub.Metrics, hub.OK, "")}, view.NotMeasured, "not measured"},
		{"denied", []hub.Unit{unit(hub.Metrics, hub.Denied, "HTTP 403")}, view.NotMeasured, "not measured (x: denied, HTTP 403)"},
		{"skipped for a reason", []hub.Unit{unit(hub.Metrics, hub.Skipped, "no agent")}, view.NotMeasured, "not measured (x: skipped, no agent)"},
		{"skipped without one", []hub.Unit{unit(hub.Metrics, hub.Skipped, "")}, view.NotMeasured, "not measured"},
		{"the metrics do not tell of prices", []hub.Unit{unit(hub.Metrics, hub.Denied, "HTTP 403")}, view.PriceUnknown, "price unknown"},
		{"prices", []hub.Unit{unit(hub.Prices, hub.Failed, "HTTP 500")}, view.PriceUnknown, "price unknown (x: error, HTTP 500)"},
		{"of another place", []hub.Unit{other}, view.NotMeasured, "not measured"},
		{"what nobody was asked for", []hub.Unit{unit(hub.Metrics, hub.Denied, "HTTP 403")}, view.NoGPU, "has no GPU"},
	} {
		cell := view.Cell{Reason: c.reason}
		if got := Why(&hub.Snapshot{Units: c.units}, &view.Row{Resource: r}, &cell); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := Why(&hub.Snapshot{}, &view.Row{Offer: &cloud.Offer{}}, &view.Cell{Reason: view.PriceUnknown}); got != "price unknown" {
		t.Errorf("of an offer: %q, want price unknown", got)
	}
}

func TestReasonsAreCountedByColumn(t *testing.T) {
	t.Parallel()
	s := of(&cloud.Resource{ID: "1"}, &cloud.Resource{ID: "2", GPU: &cloud.GPU{Type: "L4"}}, &cloud.Resource{ID: "3"})
	got := write(t, s, Options{Columns: []string{"id", "gpu_util", "gpu"}, Reasons: true})
	_, notes, _ := strings.Cut(got, "3 ")
	_, notes, _ = strings.Cut(notes, "\n")
	if want := "GPU%: 2 blank: has no GPU\nGPU%: 1 blank: not measured\nGPU: 2 blank: has no GPU\n"; notes != want {
		t.Errorf("got\n%s\nwant\n%s", notes, want)
	}
}

func TestWideNamesAreMeasuredAsTheyAreShown(t *testing.T) {
	t.Parallel()
	s := of(&cloud.Resource{Name: "日本語", Region: "r"}, &cloud.Resource{Name: "é", Region: "r"}, &cloud.Resource{Name: "e\u0301\u200b", Region: "r"}, &cloud.Resource{Region: "r"})
	got := write(t, s, Options{Columns: []string{"name", "region"}, Unicode: true})
	want := "NAME    REGION\n日本語  r\né       r\ne\u0301       r\n-       r\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestFooterSaysWhoWaitedForLimits(t *testing.T) {
	t.Parallel()
	unit := func(name string, waited, took time.Duration) hub.Unit {
		return hub.Unit{Key: hub.Key{Provider: name, Capability: hub.Resources}, State: hub.OK, Waited: waited, Took: took}
	}
	cached := unit("neon", time.Minute, time.Minute)
	cached.Cached = true
	for want, units := range map[string][]hub.Unit{
		"": {unit("gcp", 900*time.Millisecond, time.Second), cached},
		"waited for rate limits: gcp 2.5 s (see cloudtop limits)\n": {unit("gcp", 2500*time.Millisecond, time.Minute), cached},
		"waited for rate limits: gcp 4.0 s, neon 1.0 s (see cloudtop limits)\n": {
			unit("gcp", time.Minute, 4*time.Second), unit("neon", time.Second, time.Second), cached,
		},
	} {
		var b strings.Builder
		s := &hub.Snapshot{At: time.Unix(0, 0), Units: units, Providers: []hub.Provider{{Name: "gcp"}, {Name: "neon"}}}
		if err := Footer(&b, s, Options{}); err != nil {
			t.Fatal(err)
		}
		if _, got, _ := strings.Cut(b.String(), "\n"); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
