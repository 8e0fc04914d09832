package oracle

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

func readingNames(all []reading) []string {
	var out []string
	for _, r := range all {
		out = append(out, r.name)
	}
	slices.Sort(out)
	return out
}

// TestReadingsAreThoseThatTheSpecPromises with GPUs and without details.
func TestReadingsAreThoseThatTheSpecPromises(t *testing.T) {
	t.Parallel()
	for _, svc := range services() {
		want := slices.Sorted(slices.Values(svc.Metrics))
		if got := readingNames(readingsOf(svc.Name, true, false)); !slices.Equal(got, want) {
			t.Errorf("%s reads %q, the spec promises %q", svc.Name, got, want)
		}
	}
	plain, gpus, detailed := readingsOf(compute, false, false), readingsOf(compute, true, false), readingsOf(compute, true, true)
	if len(plain) != 6 || len(gpus) != 10 || len(detailed) != 13 {
		t.Errorf("compute has %d readings, %d with GPUs, %d with details, want 6, 10, 13", len(plain), len(gpus), len(detailed))
	}
	for _, r := range plain {
		if r.cards != noFold || strings.HasPrefix(r.name, "gpu_") {
			t.Errorf("%s is read of instances without GPUs", r.name)
		}
	}
	if got := readingsOf(oke, true, true); got != nil {
		t.Errorf("clusters have readings: %v", got)
	}
}

// TestQueriesAreInTheLanguageOfTheirMetrics: amounts are sums of a minute, cards come one by one.
func TestQueriesAreInTheLanguageOfTheirMetrics(t *testing.T) {
	t.Parallel()
	where := []string{`availabilityDomain = "Uocm:PHX-AD-1"`, `faultDomain = "FAULT-DOMAIN-2"`}
	for _, tt := range []struct {
		r          reading
		dimensions []string
		want       string
	}{
		{cpuReading(), nil, `CpuUtilization[1m].groupBy(resourceId).mean()`},
		{cpuReading(), where[:1], `CpuUtilization[1m]{availabilityDomain = "Uocm:PHX-AD-1"}.groupBy(resourceId).mean()`},
		{cpuReading(), where, `CpuUtilization[1m]{availabilityDomain = "Uocm:PHX-AD-1", faultDomain = "FAULT-DOMAIN-2"}.groupBy(resourceId).mean()`},
		{reading{metric: "StorageUtilization", statistic: "mean", step: time.Hour}, nil, `StorageUtilization[1h].groupBy(resourceId).mean()`},
		{reading{metric: "NetworksBytesIn", statistic: "sum", step: 5 * time.Minute}, nil, `NetworksBytesIn[5m].groupBy(resourceId).sum()`},
		{reading{metric: "GpuTemperature", statistic: "max", cards: highestOf}, nil, `GpuTemperature[1m].max()`},
	} {
		if got := tt.r.query(tt.dimensions); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
	for d, want := range map[time.Duration]string{time.Minute: "1m", 5 * time.Minute: "5m", time.Hour: "1h", 24 * time.Hour: "24h", 90 * time.Minute: "1h30m"} {
		if got := mqlInterval(d); got != want {
			t.Errorf("%s is written %s, want %s", d, got, want)
		}
	}
}

func TestAmountsArePerSecond(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		r    reading
		v    float64
		want float64
	}{
		{reading{}, 42, 42}, {reading{perSecond: true}, 600, 10}, {reading{perSecond: true, step: 5 * time.Minute}, 600, 2},
		{reading{perSecond: true}, 0, 0}, {reading{step: time.Hour}, 7, 7},
	} {
		if got := tt.r.scale(tt.v); got != tt.want {
			t.Errorf("%v of %+v is %v, want %v", tt.v, tt.r, got, tt.want)
		}
	}
	for _, r := range readingsOf(compute, true, true) {
		if perSecond := strings.HasSuffix(r.name, "_per_second"); r.perSecond != perSecond || perSecond != (r.statistic == "sum") {
			t.Errorf("%s: per second %v, statistic %s", r.name, r.perSecond, r.statistic)
		}
	}
}

// at is a minute of the tests' answers.
func minute(n int) string { return time.Date(2026, 11, 1, 12, n, 0, 0, time.UTC).Format(time.RFC3339) }

// pointsOf writes aggregatedDatapoints: minutes and values in turn.
func pointsOf(t *testing.T, of ...any) points {
	t.Helper()
	all := []map[string]any{}
	for i := 0; i < len(of); i += 2 {
		n, _ := of[i].(int)
		all = append(all, map[string]any{"timestamp": minute(n), "value": of[i+1]})
	}
	data, err := json.Marshal(all)
	var out points
	if err != nil || json.Unmarshal(data, &out) != nil || out.odd != nil {
		t.Fatalf("%v are no points: %v", of, err)
	}
	return out
}

func TestTheNewestPointCountsInAnyOrder(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		points points
		want   float64 // NaN = none
	}{
		{"upwards", pointsOf(t, 0, 1, 1, 2, 2, 3), 3}, {"downwards", pointsOf(t, 2, 3, 1, 2, 0, 1), 3}, {"mixed", pointsOf(t, 1, 2, 2, 3, 0, 1), 3},
		{"a null at the end", pointsOf(t, 0, 1, 1, 2, 2, nil), 2}, {"zero is a value", pointsOf(t, 0, 1, 1, 0), 0},
		{"nulls only", pointsOf(t, 0, nil, 1, nil), math.NaN()}, {"none", points{}, math.NaN()},
	} {
		p := tt.points.newest
		if math.IsNaN(tt.want) == p.Value.known || p.Value.known && p.Value.v != tt.want {
			t.Errorf("%s: got %+v, want %v", tt.name, p, tt.want)
		}
	}
}

// TestStreamsAreFoldedWithinOneAnswer: the cards of an instance add up, and an answer that is asked for again, or a part
// of it that is asked for by itself, replaces what was there.
func TestStreamsAreFoldedWithinOneAnswer(t *testing.T) {
	t.Parallel()
	m := &measuring{refs: []cloud.Ref{{ID: "a"}, {ID: "b"}}, index: map[string]int{"a": 0, "b": 1}}
	type told struct {
		answer int32
		id     string
		points points
	}
	for _, tt := range []struct {
		name string
		fold fold
		told []told
		want [2]float64 // NaN = none
		at   int        // minute of a's reading
	}{
		{"one stream", noFold, []told{{1, "a", pointsOf(t, 0, 5)}}, [2]float64{5, math.NaN()}, 0},
		{"two streams of one resource: the newest", noFold, []told{{1, "a", pointsOf(t, 1, 5)}, {1, "a", pointsOf(t, 0, 9)}}, [2]float64{5, math.NaN()}, 1},
		{"another answer replaces", noFold, []told{{1, "a", pointsOf(t, 1, 5)}, {2, "a", pointsOf(t, 0, 9)}}, [2]float64{9, math.NaN()}, 0},
		{"cards on average", meanOf, []told{{1, "a", pointsOf(t, 0, 10)}, {1, "a", pointsOf(t, 1, 20)}, {1, "b", pointsOf(t, 0, 3)}}, [2]float64{15, 3}, 1},
		{"cards in sum", sumOf, []told{{1, "a", pointsOf(t, 0, 10)}, {1, "a", pointsOf(t, 0, 20)}}, [2]float64{30, math.NaN()}, 0},
		{"the hottest card", highestOf, []told{{1, "a", pointsOf(t, 0, 61)}, {1, "a", pointsOf(t, 0, 70)}, {1, "a", pointsOf(t, 0, 65)}}, [2]float64{70, math.NaN()}, 0},
		{"a sum that is asked for again", sumOf, []told{{1, "a", pointsOf(t, 0, 10)}, {1, "a", pointsOf(t, 0, 20)}, {2, "a", pointsOf(t, 0, 10)}, {2, "a", pointsOf(t, 0, 20)}}, [2]float64{30, math.NaN()}, 0},
		{"half of a sum that is asked for again", sumOf, []told{{1, "a", pointsOf(t, 0, 10)}, {2, "a", pointsOf(t, 0, 10)}, {2, "a", pointsOf(t, 0, 20)}, {2, "b", pointsOf(t, 0, 1)}}, [2]float64{30, 1}, 0},
		{"strangers and silence", noFold, []told{{1, "c", pointsOf(t, 0, 1)}, {1, "", pointsOf(t, 0, 1)}, {1, "a", pointsOf(t, 0, nil)}}, [2]float64{math.NaN(), math.NaN()}, 0},
	} {
		got := measured{reading: reading{name: cloud.GPUPowerWatts, cards: tt.fold}, values: make([]value, 2)}
		for _, s := range tt.told {
			got.answer = s.answer
			of := stream{Points: s.points}
			of.Dimensions.InstanceID = token(s.id)
			m.keep(&of, &got)
		}
		for i, want := range tt.want {
			v := &got.values[i]
			if math.IsNaN(want) {
				if v.n != 0 {
					t.Errorf("%s: %s has %+v, want no reading", tt.name, m.refs[i].ID, v)
				}
				continue
			}
			s := v.sample(&m.refs[i], &got.reading)
			if v.n == 0 || s.Metric.Value != want || s.ID != m.refs[i].ID || s.Metric.Name != cloud.GPUPowerWatts || s.Metric.At.Time().Location() != time.UTC {
				t.Errorf("%s: %s has %+v, want %v", tt.name, m.refs[i].ID, s, want)
			}
			if i == 0 && s.Metric.At.Time().Minute() != tt.at {
				t.Errorf("%s: the reading is of %s, want minute %d", tt.name, s.Metric.At, tt.at)
			}
		}
	}
}

// TestAStreamIsEmptyForTheNext: nothing is left of the one before, and no new memory is needed.
func TestAStreamIsEmptyForTheNext(t *testing.T) {
	t.Parallel()
	in := json.NewDecoder(strings.NewReader(`[
		{"dimensions":{"resourceId":"first","instanceId":"other"},"aggregatedDatapoints":[{"timestamp":"2026-11-01T12:00:00Z","value":1},{"timestamp":"2026-11-01T12:01:00Z","value":2}]},
		{"dimensions":{},"aggregatedDatapoints":[{},{"value":3}]},
		{"aggregatedDatapoints":[]},{}]`))
	var s stream
	var ids []string
	var newest []bool
	err := list(in, &s, func(error) {
		ids = append(ids, string(s.Dimensions.ResourceID)+string(s.Dimensions.InstanceID))
		newest = append(newest, s.Points.newest.Value.known)
		s.empty()
	})
	if err != nil || !slices.Equal(ids, []string{"firstother", "", "", ""}) || !slices.Equal(newest, []bool{true, false, false, false}) {
		t.Errorf("streams %q with points %v, %v: something of the first is left", ids, newest, err)
	}
}
