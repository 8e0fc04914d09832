package hub_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/hub"
)

var noon = time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)

// connect, list, metrics and prices are the keys of one place.
func connect() hub.Key { return hub.Key{Provider: "acme", Capability: hub.Connect} }

func list(region string) hub.Key {
	return hub.Key{Provider: "acme", Account: "a", Region: region, Service: "vm", Capability: hub.Resources}
}

func of(k hub.Key, c hub.Capability) hub.Key {
	k.Capability = c
	return k
}

func things(ids ...string) []*cloud.Resource {
	var out []*cloud.Resource
	for _, id := range ids {
		out = append(out, &cloud.Resource{Provider: "acme", Account: "a", Service: "vm", ID: id, Name: "name of " + id})
	}
	return out
}

// ok is the end of a unit that read ids.
func ok(k hub.Key, at time.Time, ids ...string) hub.Finished {
	return hub.Finished{Unit: hub.Unit{Key: k, State: hub.OK, At: at, Rows: len(ids)}, Resources: things(ids...)}
}

// bad is the end of a unit that met err after it had read ids; a connection reads no resources.
func bad(k hub.Key, err *cloud.Error, at time.Time, ids ...string) hub.Finished {
	e := hub.Finished{Unit: hub.Unit{
		Key: k, State: hub.StateOf(err, len(ids)), Kind: err.Kind, Reason: err.Error(), At: at, Rows: len(ids),
	}}
	if k.Capability == hub.Resources {
		e.Resources = things(ids...)
	}
	return e
}

// round applies the events of a whole round, planning every unit that ends in it.
func round(f *hub.Fold, events ...hub.Finished) *hub.Snapshot {
	for _, e := range events {
		f.Apply(hub.Planned{Keys: []hub.Key{e.Unit.Key}})
	}
	for _, e := range events {
		f.Apply(e)
	}
	f.Apply(hub.RoundOver{At: noon, Took: time.Second})
	return f.Snapshot(noon)
}

// shown prints a snapshot's resources and units in short: "1,2 | vm/resources ok".
func shown(s *hub.Snapshot) string {
	var ids, units []string
	for _, p := range s.Providers {
		for _, r := range p.Resources {
			text := r.ID
			for _, m := range r.Metrics {
				text += fmt.Sprintf(" %s=%v", m.Name, m.Value)
			}
			if r.Cost != nil {
				text += fmt.Sprintf(" $%v", r.Cost.Low)
			}
			ids = append(ids, text)
		}
	}
	for _, u := range s.Units {
		text := fmt.Sprintf("%s%s %s", u.Capability, u.Region, u.State)
		if u.Kind != "" {
			text += fmt.Sprintf(" (%s)", u.Kind)
		}
		units = append(units, text)
	}
	return strings.Join(ids, ",") + " | " + strings.Join(units, ", ")
}

func want(t *testing.T, s *hub.Snapshot, want string) {
	t.Helper()
	if got := shown(s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

var (
	down    = &cloud.Error{Kind: cloud.KindUnavailable, Detail: "down"}
	denied  = &cloud.Error{Kind: cloud.KindDenied, Detail: "denied"}
	partial = cloud.Partial("acme: list", "zone b is missing")
)

func TestWhatARoundLeaves(t *testing.T) {
	t.Parallel()
	east, west := list("-east"), list("-west")
	for name, c := range map[string]struct {
		rounds [][]hub.Finished
		want   string
	}{
		"what was read": {[][]hub.Finished{{ok(east, noon, "2", "1")}}, "1,2 | resources-east ok"},
		"nothing is an answer": {
			[][]hub.Finished{{ok(east, noon, "1")}, {ok(east, noon)}}, " | resources-east ok",
		},
		"a new list in place of the old": {
			[][]hub.Finished{{ok(east, noon, "1", "2")}, {ok(east, noon, "2", "3")}}, "2,3 | resources-east ok",
		},
		"a failure without anything before": {
			[][]hub.Finished{{bad(east, down, noon)}}, " | resources-east error (unavailable)",
		},
		"what came before a failure": {
			[][]hub.Finished{{bad(east, down, noon, "1")}}, "1 | resources-east partial (unavailable)",
		},
		"the old list after a failure": {
			[][]hub.Finished{{ok(east, noon, "1", "2")}, {bad(east, down, noon)}}, "1,2 | resources-east stale (unavailable)",
		},
		"the old list after a permission was taken away": {
			[][]hub.Finished{{ok(east, noon, "1")}, {bad(east, denied, noon)}}, "1 | resources-east stale (denied)",
		},
		"the whole old list after half a new one": {
			[][]hub.Finished{{ok(east, noon, "1", "2")}, {bad(east, down, noon, "3")}}, "1,2 | resources-east stale (unavailable)",
		},
		"the old list after many failures": {
			[][]hub.Finished{{ok(east, noon, "1")}, {bad(east, down, noon)}, {bad(east, denied, noon)}},
			"1 | resources-east stale (denied)",
		},
		"the new list after a failure": {
			[][]hub.Finished{{ok(east, noon, "1")}, {bad(east, down, noon)}, {ok(east, noon, "2")}}, "2 | resources-east ok",
		},
		"the new list, of which the provider says that something is missing": {
			[][]hub.Finished{{ok(east, noon, "1", "2")}, {bad(east, partial, noon, "3")}}, "3 | resources-east partial (partial)",
		},
		"each new list of a provider that is never complete": {
			[][]hub.Finished{{bad(east, partial, noon, "1")}, {bad(east, partial, noon, "2")}}, "2 | resources-east partial (partial)",
		},
		"the old list where all of the new is missing": {
			[][]hub.Finished{{ok(east, noon, "1")}, {bad(east, partial, noon)}}, "1 | resources-east stale (partial)",
		},
		"nothing of a unit that is no longer asked for": {
			[][]hub.Finished{{ok(east, noon, "1"), ok(west, noon, "2")}, {ok(east, noon, "1")}}, "1 | resources-east ok",
		},
		"nothing of a unit that is skipped": {
			[][]hub.Finished{
				{ok(east, noon, "1")}, {{Unit: hub.Unit{Key: east, State: hub.Skipped, Kind: cloud.KindUnsupported}}},
			}, " | resources-east skipped (unsupported)",
		},
		"the old lists of a provider that cannot be reached": {
			[][]hub.Finished{{ok(connect(), noon), ok(east, noon, "1")}, {bad(connect(), down, noon)}},
			"1 | connect stale (unavailable), resources-east stale (unavailable)",
		},
		"the old lists of a provider whose scopes broke off": {
			[][]hub.Finished{
				{ok(connect(), noon), ok(east, noon, "1"), ok(west, noon, "2")},
				{bad(connect(), down, noon, "scope"), ok(east, noon, "3")},
			}, "2,3 | connect stale (unavailable), resources-east ok, resources-west stale (unavailable)",
		},
		"nothing of a scope that is gone while another is known to be missing": {
			[][]hub.Finished{
				{ok(connect(), noon), ok(east, noon, "1"), ok(west, noon, "2")},
				{bad(connect(), partial, noon, "scope"), ok(east, noon, "1")},
			}, "1 | connect partial (partial), resources-east ok",
		},
		"nothing but the failure of a provider that never could be reached": {
			[][]hub.Finished{{bad(connect(), down, noon)}, {bad(connect(), down, noon)}}, " | connect error (unavailable)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := hub.NewFold(false)
			var s *hub.Snapshot
			for _, events := range c.rounds {
				s = round(f, events...)
			}
			want(t, s, c.want)
		})
	}
}

func TestStaleRowsKeepTheirTimeAndTheNewReason(t *testing.T) {
	t.Parallel()
	f := hub.NewFold(false)
	round(f, ok(list("x"), noon, "1", "2"))
	failure := bad(list("x"), down, noon.Add(time.Hour))
	failure.Unit.Hint, failure.Unit.RetryIn, failure.Unit.Calls = "wait", time.Minute, 4
	u := round(f, failure).Units[0]
	if !u.At.Equal(noon) || u.Rows != 2 || u.Reason != "down" || u.Hint != "wait" || u.RetryIn != time.Minute || u.Calls != 4 {
		t.Errorf("got %+v", u)
	}
}

func sampled(k hub.Key, values map[string][]cloud.Metric) hub.Finished {
	e := ok(of(k, hub.Metrics), noon)
	e.Samples = values
	return e
}

func TestDetailsAreLaidOverTheListOfTheirPlace(t *testing.T) {
	t.Parallel()
	at := func(v float64, d time.Duration) []cloud.Metric {
		return []cloud.Metric{{Name: "cpu", Value: v, At: cloud.InstantOf(noon.Add(d))}}
	}
	east, west := list("-east"), list("-west")
	half := east
	half.Compartment = "half"
	priced := ok(of(east, hub.Prices), noon)
	priced.Quotes = map[string]*cloud.Price{"1": {Low: 2}}
	warm := ok(east, noon, "1")
	warm.Resources[0].Metrics = []cloud.Metric{{Name: "cpu", Value: 1, At: cloud.InstantOf(noon)}, {Name: "mem", Value: 2, At: cloud.InstantOf(noon)}}
	for name, c := range map[string]struct {
		events []hub.Finished
		want   string
	}{
		"readings and prices": {
			[]hub.Finished{ok(east, noon, "1", "2"), sampled(east, map[string][]cloud.Metric{"1": at(5, 0)}), priced},
			"1 cpu=5 $2,2 | metrics-east ok, prices-east ok, resources-east ok",
		},
		"not to another place": {
			[]hub.Finished{ok(west, noon, "1"), sampled(east, map[string][]cloud.Metric{"1": at(5, 0)})},
			"1 | metrics-east ok, resources-west ok",
		},
		"beside the readings of the list": {
			[]hub.Finished{warm, sampled(east, map[string][]cloud.Metric{"1": {{Name: "disk", Value: 3}}})},
			"1 cpu=1 mem=2 disk=3 | metrics-east ok, resources-east ok",
		},
		"the newer of two readings": {
			[]hub.Finished{warm, sampled(east, map[string][]cloud.Metric{"1": at(9, time.Minute)})},
			"1 cpu=9 mem=2 | metrics-east ok, resources-east ok",
		},
		"not the older of two readings": {
			[]hub.Finished{warm, sampled(east, map[string][]cloud.Metric{"1": at(9, -time.Minute)})},
			"1 cpu=1 mem=2 | metrics-east ok, resources-east ok",
		},
		"two layers on bare rows": {
			[]hub.Finished{
				ok(east, noon, "1", "2"), sampled(east, map[string][]cloud.Metric{"1": at(5, 0)}),
				sampled(half, map[string][]cloud.Metric{"2": at(6, 0)}),
			},
			"1 cpu=5,2 cpu=6 | metrics-east ok, resources-east ok, metrics-east ok",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want(t, round(hub.NewFold(false), c.events...), c.want)
		})
	}
}

func TestDetailsOfStaleRowsStay(t *testing.T) {
	t.Parallel()
	f := hub.NewFold(false)
	k := list("")
	round(f, ok(k, noon, "1"), sampled(k, map[string][]cloud.Metric{"1": {{Name: "cpu", Value: 5}}}))
	want(t, round(f, bad(k, down, noon)), "1 cpu=5 | metrics stale (unavailable), resources stale (unavailable)")
	want(t, round(f, ok(k, noon, "1")), "1 | resources ok")
}

func TestUnitsArePendingUntilTheirFirstAnswer(t *testing.T) {
	t.Parallel()
	f := hub.NewFold(true)
	f.Apply(hub.Planned{Keys: []hub.Key{list("-b"), list("-a")}})
	f.Apply(ok(list("-b"), noon, "1"))
	s := f.Snapshot(noon)
	want(t, s, "1 | resources-a pending, resources-b ok")
	if s.Done || !s.Simulated {
		t.Errorf("got done %v, simulated %v before the round is over", s.Done, s.Simulated)
	}
	f.Apply(ok(list("-a"), noon))
	f.Apply(hub.RoundOver{Took: time.Second})
	if s := f.Snapshot(noon); !s.Done || s.Took != time.Second {
		t.Errorf("got done %v after %s at the end of the round", s.Done, s.Took)
	}
	f.Apply(hub.Planned{Keys: []hub.Key{list("-a"), list("-b")}})
	want(t, f.Snapshot(noon), "1 | resources-a ok, resources-b ok")
}

func TestASnapshotNeverChanges(t *testing.T) {
	t.Parallel()
	f := hub.NewFold(false)
	k := list("")
	warm := ok(k, noon, "1", "2", "3")
	for _, r := range warm.Resources {
		r.Metrics = make([]cloud.Metric, 1, 10) // room that a careless append would write to
		r.Metrics[0] = cloud.Metric{Name: "cpu", Value: 1, At: cloud.InstantOf(noon)}
	}
	s := round(f, warm, sampled(k, map[string][]cloud.Metric{"1": {{Name: "cpu", Value: 2, At: cloud.InstantOf(noon.Add(1))}, {Name: "mem"}}}))
	before, _ := json.Marshal(s)
	round(f, ok(k, noon, "9"), sampled(k, map[string][]cloud.Metric{"1": {{Name: "disk"}}}))
	f.Apply(hub.Planned{Keys: []hub.Key{k}})
	f.Apply(bad(k, down, noon))
	f.Snapshot(noon)
	if after, _ := json.Marshal(s); string(after) != string(before) {
		t.Errorf("a snapshot has changed:\n%s\n%s", before, after)
	}
	if m := warm.Resources[0].Metrics; len(m) != 1 || m[0].Value != 1 || m[:2][1] != (cloud.Metric{}) {
		t.Errorf("what the event holds has changed: %v", m[:2])
	}
}

func TestStateOfAnError(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		err  error
		rows int
		want hub.State
	}{
		{nil, 0, hub.OK}, {nil, 5, hub.OK}, {partial, 0, hub.Partial}, {down, 3, hub.Partial}, {down, 0, hub.Failed},
		{denied, 0, hub.Denied}, {&cloud.Error{Kind: cloud.KindThrottled}, 0, hub.Throttled},
		{&cloud.Error{Kind: cloud.KindUnsupported}, 0, hub.Skipped}, {fmt.Errorf("list: %w", denied), 0, hub.Denied},
	} {
		if got := hub.StateOf(c.err, c.rows); got != c.want {
			t.Errorf("StateOf(%v, %d) = %s, want %s", c.err, c.rows, got, c.want)
		}
	}
}

func TestFailuresComeWorstFirst(t *testing.T) {
	t.Parallel()
	s := &hub.Snapshot{}
	for _, state := range hub.States() {
		s.Units = append(s.Units, hub.Unit{State: state})
	}
	var got []hub.State
	for _, u := range s.Failures() {
		got = append(got, u.State)
	}
	if want := []hub.State{hub.Failed, hub.Denied, hub.Throttled, hub.Stale, hub.Partial}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if n := s.Count(); len(n) != len(hub.States()) || n[hub.Denied] != 1 {
		t.Errorf("got %v, want one of each", n)
	}
}

func TestProvidersOfASnapshotAreByName(t *testing.T) {
	t.Parallel()
	f := hub.NewFold(false)
	for _, name := range []string{"c", "a", "b"} {
		f.Apply(hub.Finished{Unit: hub.Unit{Key: hub.Key{Provider: name, Capability: hub.Connect}, State: hub.OK, Calls: 2}})
	}
	s := f.Snapshot(noon)
	if len(s.Providers) != 3 || s.Providers[0].Name != "a" || s.Providers[2].Name != "c" || s.Calls != 6 {
		t.Errorf("got %+v with %d calls", s.Providers, s.Calls)
	}
}

func TestTheLastSnapshotIsTheSameWithoutCopies(t *testing.T) {
	t.Parallel()
	events := func() []hub.Finished {
		priced := ok(of(list("x"), hub.Prices), noon)
		priced.Quotes = map[string]*cloud.Price{"2": {Low: 3}}
		return []hub.Finished{
			ok(list("x"), noon, "1", "2"),
			sampled(list("x"), map[string][]cloud.Metric{"1": {{Name: "cpu", Value: 4}}}), priced,
		}
	}
	kept, taken := hub.NewFold(false), hub.NewFold(false)
	final := events()
	round(kept, events()...)
	round(taken, final...)
	before := shown(kept.Snapshot(noon))
	last := taken.Final(noon)
	if got := shown(last); got != before {
		t.Errorf("got  %s\nwant %s", got, before)
	}
	if !slices.Contains(last.Providers[0].Resources, final[0].Resources[0]) {
		t.Error("the resources were copied")
	}
	if s := taken.Snapshot(noon); len(s.Units) != 0 {
		t.Errorf("%d units are left in the fold", len(s.Units))
	}
}

func TestAccountsHaveTheNamesThatTheirScopesTell(t *testing.T) {
	t.Parallel()
	e := ok(connect(), noon)
	e.Scopes = []cloud.Scope{
		{Account: "1", AccountName: "production", Region: "a"}, {Account: "1", AccountName: "production", Region: "b"},
		{Account: "2"}, {Account: "same", AccountName: "same"},
	}
	s := round(hub.NewFold(false), e)
	if got := s.Providers[0].Accounts; !slices.Equal(got, []string{"1", "2", "same"}) {
		t.Errorf("got accounts %q, want each once", got)
	}
	if got := s.Providers[0].AccountNames; len(got) != 1 || got["1"] != "production" {
		t.Errorf("got %v, want one name", got)
	}
}
