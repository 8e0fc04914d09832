package azure_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/sim"
)

// picky is a service of metrics that has only some of them, each by one aggregation. It tells what it was asked.
type picky struct {
	lacks  []string // names that it does not know
	strict bool     // it refuses metrics with an aggregation that they do not have
	status int      // of its refusals; 0 = 400
	asked  []string // "names by aggregations"
}

// total reports whether a metric has totals, the others have averages.
func total(name string) bool {
	return strings.HasPrefix(name, "Network") || name == "Disk Read Bytes" || name == "Disk Write Bytes"
}

func (p *picky) serve(q url.Values, wrap func(values string) string) (int, string) {
	names, aggregations := strings.Split(q.Get("metricnames"), ","), strings.Split(q.Get("aggregation"), ",")
	p.asked = append(p.asked, fmt.Sprintf("%d by %s", len(names), q.Get("aggregation")))
	status := p.status
	if status == 0 {
		status = http.StatusBadRequest
	}
	var values []string
	for _, n := range names {
		if slices.Contains(p.lacks, n) {
			return status, `{"code":"BadRequest","message":"Failed to find metric configuration for provider: Microsoft.Compute, metric: ` + n + `"}`
		}
		for _, a := range aggregations {
			if p.strict && (a == "total") != total(n) {
				return status, `{"error":{"code":"BadRequest","message":"Metric: ` + n + ` does not support aggregation ` + a + `"}}`
			}
		}
		values = append(values, fmt.Sprintf(`{"name":{"value":%q},"errorCode":"Success","timeseries":[{"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":60,"total":60}]}]}`, n))
	}
	return http.StatusOK, wrap(strings.Join(values, ","))
}

func (p *picky) batch(r *http.Request) (int, string) {
	return p.serve(r.URL.Query(), func(values string) string {
		return `{"values":[{"resourceid":"` + strings.ToLower(someVM) + `","value":[` + values + `]}]}`
	})
}

func (p *picky) single(r *http.Request) (int, string) {
	return p.serve(r.URL.Query(), func(values string) string { return `{"value":[` + values + `]}` })
}

func TestMetricsThatAreRefusedTogetherAreAskedForInSmallerSets(t *testing.T) {
	t.Parallel()
	const one = someVM + "/providers/Microsoft.Insights/metrics"
	tests := []struct {
		name   string
		picky  picky
		single bool // only the resource's own call may be made
		first  []string
		again  []string // what a second reading asks
		count  int      // metrics
		kind   cloud.Kind
		detail string
	}{
		{
			name: "all together", first: []string{"8 by average,total"}, again: []string{"8 by average,total"}, count: 8,
		},
		{
			name: "no aggregation that one does not have", picky: picky{strict: true},
			first: []string{"8 by average,total", "4 by average", "4 by total"}, again: []string{"4 by average", "4 by total"}, count: 8,
		},
		{
			name: "the same, said as not implemented", picky: picky{strict: true, status: 501},
			first: []string{"8 by average,total", "4 by average", "4 by total"}, again: []string{"4 by average", "4 by total"}, count: 8,
		},
		{
			name: "a name that this place does not know", picky: picky{lacks: []string{"Available Memory Percentage"}},
			first: []string{"8 by average,total", "4 by average", "4 by total", "1 by average", "1 by average", "1 by average", "1 by average"},
			again: []string{"4 by total", "3 by average"}, count: 7, kind: cloud.KindPartial, detail: "Available Memory Percentage is not measured",
		},
		{
			name: "no batch, no aggregation that one does not have", picky: picky{strict: true}, single: true,
			first: []string{"8 by average,total", "4 by average", "4 by total"}, again: []string{"4 by average", "4 by total"}, count: 8,
		},
		{
			name: "no batch, and nothing is known", picky: picky{lacks: []string{"Percentage CPU", "Network In Total"}}, single: true,
			first: []string{"8 by average,total", "4 by average", "4 by total"}, again: []string{"8 by average,total", "4 by average", "4 by total"},
			kind: cloud.KindRequest, detail: "Percentage CPU",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			paths := map[string]func(*http.Request) (int, string){batchPath: tt.picky.batch}
			if tt.single {
				paths = map[string]func(*http.Request) (int, string){
					batchPath: problem(403, forbidden), wholePath: problem(403, forbidden), one: tt.picky.single,
				}
			}
			conn, _ := connect(t, paths)
			for round, want := range [][]string{tt.first, tt.again} {
				tt.picky.asked = nil
				got, err := metricsOf(t, conn)
				if len(got) != tt.count || cloud.KindOf(err) != tt.kind || err != nil && !strings.Contains(err.Error(), tt.detail) {
					t.Errorf("round %d: got %v, %v; want %d metrics and kind %q", round+1, got, err, tt.count, tt.kind)
				}
				sorted := func(all []string) []string { return slices.Sorted(slices.Values(all)) }
				if !slices.Equal(sorted(tt.picky.asked), sorted(want)) {
					t.Errorf("round %d: asked for %q, want %q", round+1, tt.picky.asked, want)
				}
			}
		})
	}
}

func TestATemporaryTroubleOfASmallerSetIsNotRemembered(t *testing.T) {
	t.Parallel()
	p := &picky{strict: true}
	down := true
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){batchPath: func(r *http.Request) (int, string) {
		if r.URL.Query().Get("aggregation") == "total" && down {
			return http.StatusUnauthorized, `{"error":{"code":"InvalidAuthenticationToken","message":"no"}}`
		}
		return p.batch(r)
	}})
	if got, err := metricsOf(t, conn); len(got) != 4 || cloud.KindOf(err) != cloud.KindAuth {
		t.Errorf("got %v, %v; want the four averages and the error of the totals", got, err)
	}
	down = false
	if got, err := metricsOf(t, conn); len(got) != 8 || err != nil {
		t.Errorf("later: got %v, %v; want all eight", got, err)
	}
}

func TestWhatOneServiceOrResourceMayNotIsNotHeldAgainstOthers(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		body   string
		calls  int // of the batch in two readings
	}{
		"a machine that is gone": {404, `{"error":{"code":"ResourceNotFound","message":"gone"}}`, 2},
		"a type without batches": {404, `{"error":{"code":"InvalidResourceType","message":"no such type"}}`, 1},
		"no role":                {403, forbidden, 1},
	} {
		conn, asked := connect(t, map[string]func(*http.Request) (int, string){batchPath: problem(tt.status, tt.body), wholePath: body(single(someVM))})
		for range 2 {
			if got, err := metricsOf(t, conn); got[cloud.CPUUsagePercent] != 42 || err != nil {
				t.Errorf("%s: got %v, %v; want the value at subscription scope", name, got, err)
			}
		}
		n := func() int { return asked.count(batchPath) }
		if n() != tt.calls {
			t.Errorf("%s: the batch was called %d times in two readings, want %d", name, n(), tt.calls)
		}
		before := n()
		other := cloud.Ref{Provider: "azure", Account: someSubscription, Region: "westeurope", Service: "aks", ID: someVM}
		_, _ = provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), []cloud.Ref{other}, window()))
		if n() != before+1 {
			t.Errorf("%s: another service does not try the batch", name)
		}
	}
}

func window() cloud.Window {
	return cloud.Window{From: sim.Epoch.Add(-10 * time.Minute), To: sim.Epoch.Add(10 * time.Second)}
}

func TestValuesOfEveryFormOfAnswer(t *testing.T) {
	t.Parallel()
	value := func(text string) string {
		return `{"values":[{"interval":"PT1M","resourceid":"` + someVM + `","value":[` + text + `]}]}`
	}
	cpu := func(data string) string {
		return value(`{"name":{"value":"percentage cpu"},"timeseries":[{"data":[` + data + `]}]}`)
	}
	in := `{"name":{"value":"Network In Total"},"timeseries":[{"data":[{"timeStamp":"2026-11-01T11:50:00Z","total":3000}]}]}`
	for name, tt := range map[string]struct {
		text string
		want map[string]float64
		kind cloud.Kind
	}{
		"the newest, whatever the order": {
			cpu(`{"timeStamp":"2026-11-01T11:58:00Z","average":3},{"timeStamp":"2026-11-01T11:57:00Z","average":2}`), map[string]float64{cloud.CPUUsagePercent: 3}, "",
		},
		"not the step under way":       {cpu(`{"timeStamp":"2026-11-01T11:58:00Z","average":3},{"timeStamp":"2026-11-01T12:00:00Z","average":9}`), map[string]float64{cloud.CPUUsagePercent: 3}, ""},
		"a time without zone":          {cpu(`{"timeStamp":"2026-11-01T11:58:00","average":3}`), map[string]float64{cloud.CPUUsagePercent: 3}, ""},
		"zero is a value":              {cpu(`{"timeStamp":"2026-11-01T11:58:00Z","average":0}`), map[string]float64{cloud.CPUUsagePercent: 0}, ""},
		"a number as text":             {cpu(`{"timeStamp":"2026-11-01T11:58:00Z","average":"3.5"}`), map[string]float64{cloud.CPUUsagePercent: 3.5}, ""},
		"null is none":                 {cpu(`{"timeStamp":"2026-11-01T11:57:00Z","average":2},{"timeStamp":"2026-11-01T11:58:00Z","average":null}`), map[string]float64{cloud.CPUUsagePercent: 2}, ""},
		"NaN is none":                  {cpu(`{"timeStamp":"2026-11-01T11:58:00Z","average":"NaN"}`), map[string]float64{}, ""},
		"a time that is none":          {cpu(`{"timeStamp":"noon","average":3}`), map[string]float64{}, ""},
		"no time":                      {cpu(`{"average":3}`), map[string]float64{}, ""},
		"no points":                    {cpu(``), map[string]float64{}, ""},
		"no series":                    {value(`{"name":{"value":"Percentage CPU"},"timeseries":[]}`), map[string]float64{}, ""},
		"a metric nobody asked for":    {value(`{"name":{"value":"Surprise"},"timeseries":[{"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":1}]}]}`), map[string]float64{}, ""},
		"a total of five minutes":      {strings.Replace(value(in), "PT1M", "PT5M", 1), map[string]float64{cloud.NetworkRxBytesPerSec: 10}, ""},
		"a total of an unknown step":   {strings.Replace(value(in), "PT1M", "soon", 1), map[string]float64{cloud.NetworkRxBytesPerSec: 50}, ""},
		"an odd value beside good":     {strings.Replace(cpu(`{"timeStamp":"2026-11-01T11:58:00Z","average":3}`), `"interval":"PT1M"`, `"interval":1`, 1), map[string]float64{cloud.CPUUsagePercent: 3}, cloud.KindPartial},
		"values that are no list":      {`{"values":{}}`, map[string]float64{}, cloud.KindResponse},
		"the machine is not in it":     {`{"values":[]}`, map[string]float64{}, cloud.KindPartial},
		"another machine is in it too": {strings.Replace(cpu(`{"timeStamp":"2026-11-01T11:58:00Z","average":3}`), `[{`, `[{"resourceid":"/other","value":[]},{`, 1), map[string]float64{cloud.CPUUsagePercent: 3}, ""},
	} {
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){batchPath: body(tt.text)})
		got, err := metricsOf(t, conn)
		if !maps.Equal(got, tt.want) || cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %v, %v; want %v and kind %q", name, got, err, tt.want, tt.kind)
		}
	}
}

func TestBatchesAreOfOneSubscriptionRegionAndServiceAndAtMostFifty(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ machines, calls int }{{0, 0}, {1, 1}, {49, 1}, {50, 1}, {51, 2}, {100, 2}, {101, 3}} {
		var refs []cloud.Ref
		for i := range tt.machines {
			refs = append(refs, cloud.Ref{Provider: "azure", Account: someSubscription, Region: "westeurope", Service: "vms", ID: fmt.Sprint(someVM, i)})
		}
		conn, asked := connect(t, map[string]func(*http.Request) (int, string){batchPath: body(`{"values":[]}`)})
		_, _ = provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, window()))
		if n := asked.count(batchPath); n != tt.calls {
			t.Errorf("%d machines: %d calls, want %d", tt.machines, n, tt.calls)
		}
	}
	refs := []cloud.Ref{
		{Account: someSubscription, Region: "westeurope", Service: "vms", ID: "1"}, {Account: someSubscription, Region: "eastus", Service: "vms", ID: "2"},
		{Account: strings.ToUpper(someSubscription), Region: "westeurope", Service: "vms", ID: "3"}, {Account: someSubscription, Region: "westeurope", Service: "aks", ID: "4"},
		{Account: someSubscription, Region: "west/../europe", Service: "vms", ID: "5"}, {Account: someSubscription, Region: "westeurope", Service: "nothing", ID: "6"},
	}
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){batchPath: body(`{"values":[]}`)})
	_, _ = provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, window()))
	hosts := map[string]int{}
	for _, a := range asked.asked {
		if host, ok := strings.CutSuffix(a, batchPath); ok {
			hosts[host]++
		}
	}
	if want := map[string]int{"westeurope.metrics.monitor.azure.com": 2, "eastus.metrics.monitor.azure.com": 1}; !maps.Equal(hosts, want) {
		t.Errorf("got %v, want %v: a region is part of a host's name and must be one word", hosts, want)
	}
}
