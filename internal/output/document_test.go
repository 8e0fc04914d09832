package output

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

// member returns one member of a resource as the compact JSON has it.
func member(t *testing.T, r *cloud.Resource, name string) string {
	t.Helper()
	var v map[string]json.RawMessage
	first, _, _ := strings.Cut(write(t, of(r), Options{Format: "ndjson"}), "\n")
	if err := json.Unmarshal([]byte(first), &v); err != nil {
		t.Fatal(err)
	}
	return string(v[name])
}

func TestMembersOfAResource(t *testing.T) {
	t.Parallel()
	inf := math.Inf(1)
	attr := func(v any) *cloud.Resource { return &cloud.Resource{Attrs: []cloud.Attr{{Name: "a", Value: v}}} }
	price := func(low, high float64) *cloud.Resource {
		return &cloud.Resource{Cost: &cloud.Price{Low: low, High: high, Currency: "EUR", Source: "list", At: at()}}
	}
	const rest = `,"currency":"EUR","source":"list","quoted_at":"2026-03-20T12:00:00.25Z"}`
	for _, c := range []struct {
		name string
		r    *cloud.Resource
		want string
	}{
		{"status", &cloud.Resource{}, `"unknown"`}, {"status", &cloud.Resource{Status: cloud.StatusDeleted}, `"deleted"`},
		{"created_at", &cloud.Resource{}, "null"}, {"created_at", &cloud.Resource{CreatedAt: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, "null"},
		{"created_at", &cloud.Resource{CreatedAt: time.Date(9999, 12, 31, 23, 30, 0, 0, time.FixedZone("", -3600))}, "null"}, // the year 10000 in UTC
		{"created_at", &cloud.Resource{CreatedAt: time.Date(-1, 1, 1, 0, 0, 0, 0, time.UTC)}, "null"},
		{"created_at", &cloud.Resource{CreatedAt: time.Date(2026, 1, 1, 0, 0, 0, 123456789, time.FixedZone("", 19800))}, `"2025-12-31T18:30:00.123Z"`},
		{"created_at", &cloud.Resource{CreatedAt: time.Unix(0, 0)}, `"1970-01-01T00:00:00Z"`},
		{"gpu", &cloud.Resource{}, "null"}, {"gpu", &cloud.Resource{GPU: &cloud.GPU{}}, `{"type":"","count":null,"memory_gb":null}`},
		{"gpu", &cloud.Resource{GPU: &cloud.GPU{Type: "L4", Count: 0.25, MemoryGB: inf}}, `{"type":"L4","count":0.25,"memory_gb":null}`},
		{"tags", &cloud.Resource{}, "{}"},
		{"tags", &cloud.Resource{Tags: []cloud.Tag{{Key: "b", Value: "1"}, {Key: "a"}, {Key: "b", Value: "2"}, {Key: ""}}}, `{"":"","a":"","b":"2"}`},
		{"metrics", &cloud.Resource{}, "{}"},
		{"metrics", &cloud.Resource{Metrics: []cloud.Metric{{Name: "b", Value: 2}, {Name: "a", Value: 0}, {Name: "c", Value: math.NaN()}, {Name: "d", Value: -inf}}}, `{"a":0,"b":2}`},
		{"metrics", &cloud.Resource{Metrics: []cloud.Metric{{Name: "a", Value: 2, At: cloud.InstantOf(at())}, {Name: "a", Value: 1, At: cloud.InstantOf(at().Add(-1))}}}, `{"a":2}`},
		{"metrics", &cloud.Resource{Metrics: []cloud.Metric{{Name: "a", Value: 1, At: cloud.InstantOf(at().Add(-1))}, {Name: "a", Value: inf, At: cloud.InstantOf(at())}}}, `{"a":1}`},
		{"metrics_at", &cloud.Resource{Metrics: []cloud.Metric{{Name: "a"}}}, "null"},
		{"cost", &cloud.Resource{}, "null"}, {"cost", price(0, 0), `{"hourly":0` + rest}, {"cost", price(1.5, 1.5), `{"hourly":1.5` + rest},
		{"cost", price(0, 1e-7), `{"hourly":null,"hourly_min":0,"hourly_max":1e-7` + rest}, {"cost", price(1, inf), "null"}, {"cost", price(math.NaN(), 1), "null"},
		{"attributes", &cloud.Resource{}, "{}"}, {"attributes", attr(nil), `{"a":null}`}, {"attributes", attr(""), `{"a":""}`}, {"attributes", attr(false), `{"a":false}`},
		{"attributes", attr(0), `{"a":0}`}, {"attributes", attr(int64(math.MinInt64)), `{"a":-9223372036854775808}`}, {"attributes", attr(inf), `{"a":null}`},
		{"attributes", attr(1e21), `{"a":1e+21}`}, {"attributes", attr(1e20), `{"a":100000000000000000000}`}, {"attributes", attr([]string(nil)), `{"a":[]}`},
		{"attributes", attr([]string{"", "x"}), `{"a":["","x"]}`}, {"attributes", attr(time.Time{}), `{"a":null}`}, {"attributes", attr(at()), `{"a":"2026-03-20T12:00:00.25Z"}`},
		{"attributes", attr(time.Minute), `{"a":"1m0s"}`}, {"attributes", attr(uint8(7)), `{"a":"7"}`},
		{"name", &cloud.Resource{Name: "a\"b\\c/<\x00\x1f\x7f\u0085\u2028\u202e\xff🚀"}, `"a\"b\\c/<\u0000\u001f\u007f\u0085\u2028\u202e\ufffd🚀"`},
	} {
		if got := member(t, c.r, c.name); got != c.want {
			t.Errorf("%s of %+v = %s, want %s", c.name, *c.r, got, c.want)
		}
	}
}

// odd is a snapshot of values that no provider should send.
func odd() *hub.Snapshot {
	nan, inf, never := math.NaN(), math.Inf(-1), time.Date(292277026, 1, 1, 0, 0, 0, 0, time.UTC)
	bad := "\xff\xfe\x00\u202e\u2028"
	return &hub.Snapshot{
		At: never, Simulated: true, Calls: -1, Took: -time.Second,
		Providers: []hub.Provider{{
			Name: bad, AccountNames: map[string]string{bad: bad},
			Resources: []*cloud.Resource{{
				Provider: bad, Account: bad, ID: bad, Name: bad, CreatedAt: never, Tags: []cloud.Tag{{Key: bad, Value: bad}},
				GPU: &cloud.GPU{Type: bad, Count: nan, MemoryGB: inf}, Attrs: []cloud.Attr{{Name: bad, Value: nan}, {Name: "", Value: []string{bad}}},
				Metrics: []cloud.Metric{{Name: bad, Value: math.MaxFloat64, At: cloud.InstantOf(never)}, {Name: "", Value: -math.SmallestNonzeroFloat64}},
				Cost:    &cloud.Price{Low: -math.MaxFloat64, High: math.MaxFloat64, Currency: bad, At: never},
			}, {}},
			Offers:  []cloud.Offer{{}, {PricePerHour: &nan, GPUCount: inf, Reliability: &inf, QuotedAt: never, Attrs: []cloud.Attr{{Name: "a", Value: struct{}{}}}}},
			Markets: []cloud.Market{{}, {Total: math.MinInt, Available: math.MaxInt, UsagePercent: &nan, P10: &inf, QuotedAt: never}},
			Costs:   []cloud.Cost{{Kind: cloud.CostSpend, Amount: nan}, {Kind: cloud.CostLimit, Amount: -0.5, From: never, To: never, At: never}},
		}, {}},
		Units: []hub.Unit{{
			Key: hub.Key{Provider: bad, Account: bad, Capability: hub.Resources}, State: hub.Failed, Kind: cloud.KindAuth, Reason: bad, Hint: bad, Calls: math.MinInt,
			Took: -1, Waited: math.MaxInt64, RetryIn: -time.Second, At: never,
		}},
	}
}

func TestADocumentOfOddValuesIsValid(t *testing.T) {
	t.Parallel()
	text := write(t, odd(), Options{Format: "json"})
	value, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	err = validate(t, value)
	if failed, is := errors.AsType[*jsonschema.ValidationError](err); is {
		t.Errorf("%v in\n%s", failed, text)
	}
	same(t, write(t, odd(), Options{Format: "yaml"}), text)
	for _, format := range []string{"csv", "ndjson", "markdown", "table", "wide"} {
		for _, kind := range kinds() {
			if got := write(t, odd(), Options{Format: format, Kind: kind}); strings.ContainsAny(got, "\x00\u202e\u2028") || strings.Contains(got, "NaN") {
				t.Errorf("%s of %s has what a terminal obeys, or what is no number:\n%q", format, kind, got)
			}
		}
	}
}

func TestTheDocumentForJQIsTheJSON(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*hub.Snapshot{"world": world(), "complete": complete(), "odd": odd(), "nothing": {}} {
		var want, got any
		if err := json.Unmarshal([]byte(write(t, s, Options{Format: "json"})), &want); err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(Document(s, Options{})) // so that numbers are of one type
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &got); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: jq sees\n%v\nwant\n%v", name, got, want)
		}
	}
}

func TestAProvidersStatusSumsUpItsUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ connect, units, want string }{ // the states of what was read
		{"", "", "skipped"}, {"ok", "", "ok"}, {"error", "", "failed"}, {"pending", "", "partial"}, {"skipped", "", "skipped"},
		{"ok", "ok", "ok"}, {"ok", "ok skipped", "ok"}, {"ok", "skipped", "ok"}, {"ok", "pending", "partial"}, {"ok", "ok pending", "partial"},
		{"ok", "denied", "failed"}, {"ok", "denied throttled error", "failed"}, {"ok", "denied ok", "partial"}, {"ok", "denied pending", "partial"},
		{"ok", "partial", "partial"}, {"ok", "stale", "partial"}, {"error", "stale", "partial"}, {"", "skipped skipped", "skipped"}, {"", "ok", "ok"},
	} {
		var units []hub.Unit
		if c.connect != "" {
			units = append(units, hub.Unit{Key: hub.Key{Capability: hub.Connect}, State: hub.State(c.connect)})
		}
		for state := range strings.FieldsSeq(c.units) {
			units = append(units, hub.Unit{Key: hub.Key{Capability: hub.Resources}, State: hub.State(state)})
		}
		if got := statusOf(units); got != c.want {
			t.Errorf("connect %q and %q sum up to %s, want %s", c.connect, c.units, got, c.want)
		}
	}
}

func TestResultsAreByAccount(t *testing.T) {
	t.Parallel()
	unit := func(account string, state hub.State) hub.Unit {
		return hub.Unit{Key: hub.Key{Provider: "x", Account: account, Capability: hub.Resources}, State: state}
	}
	full := hub.Provider{
		Name: "x", AccountNames: map[string]string{"b": "Billing"}, Resources: []*cloud.Resource{{Account: "a"}, {Account: "a"}},
		Costs: []cloud.Cost{{Account: "b", Kind: cloud.CostBalance}, {Account: "a", Kind: cloud.CostSpend, Amount: math.NaN()}},
	}
	for _, c := range []struct {
		name  string
		p     hub.Provider
		units []hub.Unit
		only  []string
		want  string // account, its name, resources and costs
	}{
		{"nothing asked", hub.Provider{Name: "x"}, nil, nil, ""},
		{"failed before it told its accounts", hub.Provider{Name: "x"}, []hub.Unit{unit("", hub.Failed)}, nil, "::0:0"},
		{"failed, one account asked for", hub.Provider{Name: "x"}, []hub.Unit{unit("", hub.Denied)}, []string{"a"}, "::0:0"},
		{"asked and empty", hub.Provider{Name: "x"}, []hub.Unit{unit("c", hub.OK)}, nil, "c::0:0"},
		{"in order", full, []hub.Unit{unit("c", hub.OK), unit("", hub.OK)}, nil, "a::2:0 b:Billing:0:1 c::0:0"},
		{"by name, any case", full, []hub.Unit{unit("c", hub.OK)}, []string{"BILL*"}, "a::2:0 b:Billing:0:1"},
		{"by identifier", hub.Provider{Name: "x"}, []hub.Unit{unit("c", hub.OK), unit("d", hub.OK)}, []string{"D"}, "d::0:0"},
	} {
		c.p.Name = "x"
		got := ""
		doc, _ := Document(&hub.Snapshot{Providers: []hub.Provider{c.p}, Units: c.units}, Options{Accounts: c.only}).(map[string]any)
		data, _ := json.Marshal(doc["providers"])
		var providers []struct {
			Results []struct {
				Account          string
				Name             string `json:"account_name"`
				Resources, Costs []any
			}
		}
		if err := json.Unmarshal(data, &providers); err != nil {
			t.Fatal(err)
		}
		for _, r := range providers[0].Results {
			got += " " + r.Account + ":" + r.Name + ":" + string(rune('0'+len(r.Resources))) + ":" + string(rune('0'+len(r.Costs)))
		}
		if strings.TrimSpace(got) != c.want {
			t.Errorf("%s: %q, want %q", c.name, strings.TrimSpace(got), c.want)
		}
	}
}

func TestErrorsOfAProviderAreToldOnce(t *testing.T) {
	t.Parallel()
	denied := func(region, service string, c hub.Capability, reason string) hub.Unit {
		return hub.Unit{Key: hub.Key{Provider: "x", Region: region, Service: service, Capability: c}, State: hub.Denied, Kind: cloud.KindDenied, Reason: reason}
	}
	doc := Document(&hub.Snapshot{Providers: []hub.Provider{{Name: "x"}, {Name: "y"}}, Units: []hub.Unit{
		denied("r", "s", hub.Resources, "no"), denied("r", "s", hub.Metrics, "no"), denied("r", "s", hub.Prices, "never"), denied("q", "s", hub.Resources, "no"),
		{Key: hub.Key{Provider: "x", Region: "r"}, State: hub.Skipped, Reason: "not asked"}, {Key: hub.Key{Provider: "x"}, State: hub.Pending},
	}}, Options{})
	providers := doc.(map[string]any)["providers"].([]any)
	if n := len(providers[0].(map[string]any)["errors"].([]any)); n != 3 {
		t.Errorf("%d errors of x, want 3: each thing once, and nothing of what was skipped or is to come", n)
	}
	if n := len(providers[1].(map[string]any)["errors"].([]any)); n != 0 {
		t.Errorf("%d errors of y, want none", n)
	}
	if n := len(doc.(map[string]any)["ledger"].([]any)); n != 6 {
		t.Errorf("%d units in the ledger, want all 6", n)
	}
}
