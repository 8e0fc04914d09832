package runpodsim

import (
	"fmt"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestBucketsAreAlignedToTheirBounds(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ size, at, from, to string }{
		{"hour", "2026-11-01T12:34:56Z", "2026-11-01T12:00:00Z", "2026-11-01T13:00:00Z"},
		{"day", "2026-11-01T12:34:56Z", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"},
		{"day", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z"},
		{"week", "2026-11-01T12:34:56Z", "2026-10-26T00:00:00Z", "2026-11-02T00:00:00Z"}, // a Sunday
		{"week", "2026-11-02T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-09T00:00:00Z"}, // a Monday
		{"month", "2026-02-28T23:59:59Z", "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"},
		{"month", "2026-12-31T00:00:00Z", "2026-12-01T00:00:00Z", "2027-01-01T00:00:00Z"},
		{"year", "2026-07-01T00:00:00Z", "2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z"},
	} {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		if got := bucket(c.size, at).json(); got["startTime"] != c.from || got["endTime"] != c.to {
			t.Errorf("%s of %s: got %v, want %s to %s", c.size, c.at, got, c.from, c.to)
		}
	}
}

func TestAPeriodIsWidenedToWholeBuckets(t *testing.T) {
	t.Parallel()
	d := open(t, 40, sim.Options{Seed: 3}) // at noon of the first of November
	for _, c := range []struct {
		query    string
		from, to string
		size     string
		records  int
	}{
		{"", "2026-10-02T00:00:00Z", "2026-11-02T00:00:00Z", "day", 31},
		{"startTime=2026-10-30T06:00:00Z&endTime=2026-10-31T06:00:00Z", "2026-10-30T00:00:00Z", "2026-11-01T00:00:00Z", "day", 2},
		{"startTime=2026-10-30T00:00:00Z&endTime=2026-10-31T00:00:00Z", "2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "day", 1},
		{"startTime=2026-10-30T02:00:00%2B02:00&endTime=2026-10-31T00:00:00Z", "2026-10-30T00:00:00Z", "2026-10-31T00:00:00Z", "day", 1},
		{"startTime=2026-10-31T22:30:00Z&bucketSize=hour", "2026-10-31T22:00:00Z", "2026-11-01T12:00:00Z", "hour", 14},
		{"lastN=1", "2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "day", 1},
		{"lastN=3&bucketSize=week", "2026-10-12T00:00:00Z", "2026-11-02T00:00:00Z", "week", 3},
		{"lastN=13&bucketSize=month", "2025-11-01T00:00:00Z", "2026-12-01T00:00:00Z", "month", 13},
		{"lastN=2&bucketSize=year", "2025-01-01T00:00:00Z", "2027-01-01T00:00:00Z", "year", 2},
	} {
		answer := d.get("billing?" + c.query)
		meta := answer["metadata"].(map[string]any)
		asked, records := meta["query"].(map[string]any), rows(t, answer, "records")
		if asked["startTime"] != c.from || asked["endTime"] != c.to || asked["bucketSize"] != c.size || len(records) != c.records ||
			meta["recordCount"] != float64(c.records) {
			t.Errorf("%q: got %v with %d records, want %s to %s by %s in %d", c.query, asked, len(records), c.from, c.to, c.size, c.records)
		}
		for i := 1; i < len(records); i++ {
			if records[i]["startTime"] != records[i-1]["endTime"] {
				t.Errorf("%q: %v comes after %v", c.query, records[i]["startTime"], records[i-1]["endTime"])
			}
		}
	}
}

// sum adds the amounts of records by their names.
func sum(records []map[string]any) map[string]float64 {
	total := map[string]float64{}
	for _, r := range records {
		for name, v := range r {
			if amount, ok := v.(float64); ok {
				total[name] += amount
			}
		}
	}
	return total
}

func near(a, b float64) bool { return math.Abs(a-b) < 0.011 }

func TestEveryBillAddsUpAndTheyMakeTheWhole(t *testing.T) {
	t.Parallel()
	d := open(t, 120, sim.Options{Seed: 3})
	const period = "?lastN=5"
	whole := d.get("billing" + period)["metadata"].(map[string]any)["totals"].(map[string]any)
	parts := 0.0
	for path, b := range map[string]bill{
		"pods": ofPods(), "serverless": ofServerless(), "network-volumes": ofVolumes(), "clusters": ofClusters(), "endpoints": ofPublicEndpoints(),
	} {
		answer := d.get("billing/" + path + period)
		meta, records := answer["metadata"].(map[string]any), rows(t, answer, "records")
		totals, things := meta["totals"].(map[string]any), map[any]bool{}
		for name, amount := range sum(records) {
			if !near(amount, totals[name].(float64)) {
				t.Errorf("%s: the records have %v of %s, the totals %v", path, amount, name, totals[name])
			}
		}
		inside := 0.0
		for _, part := range b.parts {
			own := totals[strings.ToLower(part[:1])+part[1:]].(float64)
			inside += own
			if !near(own, whole[b.kind+part].(float64)) {
				t.Errorf("%s: %s is %v here and %v in the whole", path, part, own, whole[b.kind+part])
			}
		}
		if len(b.parts) > 0 && !near(inside, totals["totalAmount"].(float64)) {
			t.Errorf("%s: the parts make %v, the total is %v", path, inside, totals["totalAmount"])
		}
		for _, r := range records {
			things[r[b.id]] = true
		}
		if b.unique != "" && (meta[b.unique] != float64(len(things)) || len(things) == 0) {
			t.Errorf("%s: %v things are said, %d billed", path, meta[b.unique], len(things))
		}
		parts += totals["totalAmount"].(float64)
	}
	if total := whole["totalAmount"].(float64); total <= 0 || !near(total, parts) {
		t.Errorf("the whole is %v, the bills make %v", total, parts)
	}
}

func TestABillIsNarrowedToOneThing(t *testing.T) {
	t.Parallel()
	d := open(t, 60, sim.Options{Seed: 3})
	running := ""
	for _, p := range d.cloud.pods {
		if p.status == "RUNNING" && p.cluster == nil && sim.Epoch.Sub(p.created) > 72*time.Hour {
			running = p.id
		}
	}
	for path, id := range map[string][2]string{
		"pods": {"podId", running}, "serverless": {"serverlessId", d.cloud.endpoints[0].id}, "network-volumes": {"networkVolumeId", d.cloud.volumes[0].id},
		"clusters": {"clusterId", d.cloud.clusters[0].id},
	} {
		answer := d.get("billing/" + path + "?lastN=2&" + id[0] + "=" + id[1])
		if got := answer["metadata"].(map[string]any)["query"].(map[string]any)[id[0]]; got != id[1] {
			t.Errorf("%s: the filter is %v, want %s", path, got, id[1])
		}
		for _, r := range rows(t, answer, "records") {
			if r[id[0]] != id[1] {
				t.Errorf("%s: got a record of %v, want %s alone", path, r[id[0]], id[1])
			}
		}
		none := d.get("billing/" + path + "?lastN=2&" + id[0] + "=nobody")
		if got := rows(t, none, "records"); len(got) != 0 {
			t.Errorf("%s: got %d records of nobody", path, len(got))
		}
		all := d.get("billing/" + path + "?lastN=2")["metadata"].(map[string]any)["query"].(map[string]any)
		if v, there := all[id[0]]; !there || v != nil {
			t.Errorf("%s: without a filter it is %v (%v), want null", path, v, there)
		}
	}
	if got := rows(t, d.get("billing/pods?lastN=2&podId="+running), "records"); len(got) != 2 || got[0]["totalAmount"].(float64) <= 0 {
		t.Errorf("a pod that runs: got %v, want what it cost on two days", got)
	}
}

func TestNothingIsBilledBeforeItWasMadeOrAfterNow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		since, now string
		want       float64
	}{
		{"2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", 24}, {"2026-10-10T06:00:00Z", "2026-11-01T00:00:00Z", 18},
		{"2026-10-10T06:00:00Z", "2026-10-10T07:30:00Z", 1.5}, {"2026-10-11T00:00:00Z", "2026-11-01T00:00:00Z", 0},
		{"2026-10-01T00:00:00Z", "2026-10-09T00:00:00Z", 0},
	} {
		moment := func(text string) time.Time {
			at, err := time.Parse(time.RFC3339, text)
			if err != nil {
				t.Fatal(err)
			}
			return at
		}
		if got := bucket("day", moment("2026-10-10T12:00:00Z")).hours(moment(c.since), moment(c.now)); got != c.want {
			t.Errorf("made at %s, at %s: got %v hours of the day, want %v", c.since, c.now, got, c.want)
		}
	}
}

func TestADiskCostsByTheStateOfItsPod(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]float64{"RUNNING": 0.1 * 73 / 730, "EXITED": 0.2 * 50 / 730, "TERMINATED": 0, "PROVISIONING": 0} {
		p := &pod{status: status, diskGB: 23, volumeGB: 50}
		if got := p.diskHour(); math.Abs(got-want) > 1e-12 {
			t.Errorf("%s: got %v USD an hour, want %v", status, got, want)
		}
	}
}

func TestParametersOfBillsAreChecked(t *testing.T) {
	t.Parallel()
	d := open(t, 10, sim.Options{})
	for query, want := range map[string]struct {
		status int
		text   string
	}{
		"bucketSize=decade": {422, "bucketSize"}, "lastN=0": {422, "lastN"}, "lastN=x": {422, "lastN"}, "startTime=yesterday": {422, "startTime"},
		"endTime=2026-10-01": {422, "endTime"}, "lastN=2&startTime=2026-10-01T00:00:00Z": {400, "mutually exclusive"},
		"lastN=2&endTime=2026-10-01T00:00:00Z":                        {400, "mutually exclusive"},
		"startTime=2026-10-02T00:00:00Z&endTime=2026-10-01T00:00:00Z": {400, "before"},
		"startTime=2026-10-01T00:00:00Z&endTime=2026-10-01T00:00:00Z": {400, "before"},
		"startTime=2027-01-01T00:00:00Z":                              {400, "before"},
		"startTime=x&endTime=y&bucketSize=z":                          {422, "startTime"},
	} {
		for _, path := range []string{"billing", "billing/pods", "billing/endpoints"} {
			w := d.call(http.MethodGet, fmt.Sprintf("api.runpod.io/v2/%s?%s", path, query))
			if got := problemOf(t, w, want.status); !strings.Contains(got, want.text) {
				t.Errorf("%s?%s: got %q, want %q", path, query, got, want.text)
			}
		}
	}
}
