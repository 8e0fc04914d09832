package azuresim

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// metricsOf reads a resource's metrics; query is added to the parameters that every call needs.
func (x *tenant) metricsOf(t *testing.T, id, query string) (int, map[string]any) {
	t.Helper()
	status, _, body := x.send(t, "GET", escape("https://"+managementHost+id+"/providers/Microsoft.Insights/metrics?api-version=2024-02-01&"+query), x.mint(armAudience), "")
	return status, body
}

func TestSpansAndStepsOfMetrics(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	r := x.some(t, "web_apps", 1)[0]
	for _, tt := range []struct {
		name, query      string
		points           int
		first, last      string
		interval, status string
	}{
		{"an hour, by default", "", 61, "2026-11-01T11:00:00Z", "2026-11-01T12:00:00Z", "PT1M", ""},
		{"five minutes", "timespan=2026-11-01T11:50:00Z/2026-11-01T11:55:00Z", 5, "2026-11-01T11:50:00Z", "2026-11-01T11:54:00Z", "PT1M", ""},
		{"from within a minute", "timespan=2026-11-01T11:50:59Z/2026-11-01T11:52:01Z", 3, "2026-11-01T11:50:00Z", "2026-11-01T11:52:00Z", "PT1M", ""},
		{"with fractions", "timespan=2026-11-01T11:50:00.194947Z/2026-11-01T11:52:00.5Z", 3, "2026-11-01T11:50:00Z", "2026-11-01T11:52:00Z", "PT1M", ""},
		{"without a zone", "timespan=2026-11-01T11:50:00/2026-11-01T11:52:00", 2, "2026-11-01T11:50:00Z", "2026-11-01T11:51:00Z", "PT1M", ""},
		{"in another zone", "timespan=2026-11-01T12:50:00%2B01:00/2026-11-01T12:52:00%2B01:00", 2, "2026-11-01T11:50:00Z", "2026-11-01T11:51:00Z", "PT1M", ""},
		{"escaped twice", "timespan=2026-11-01T11%253A50%253A00%252F2026-11-01T11%253A52%253A00", 2, "2026-11-01T11:50:00Z", "2026-11-01T11:51:00Z", "PT1M", ""},
		{"by days", "timespan=2026-10-29/2026-11-01&interval=P1D", 3, "2026-10-29T00:00:00Z", "2026-10-31T00:00:00Z", "P1D", ""},
		{"a day by hours", "timespan=2026-10-31/2026-11-01&interval=PT24H", 1, "2026-10-31T00:00:00Z", "2026-10-31T00:00:00Z", "P1D", ""},
		{"by five minutes", "timespan=2026-11-01T11:00:00Z/2026-11-01T12:00:00Z&interval=PT5M", 12, "2026-11-01T11:00:00Z", "2026-11-01T11:55:00Z", "PT5M", ""},
		{"by hours", "timespan=2026-11-01T06:30:00Z/2026-11-01T12:00:00Z&interval=PT1H", 6, "2026-11-01T06:00:00Z", "2026-11-01T11:00:00Z", "PT1H", ""},
		{"by twelve hours", "timespan=2026-10-31T00:00:00Z/2026-11-01T00:00:00Z&interval=PT12H", 2, "2026-10-31T00:00:00Z", "2026-10-31T12:00:00Z", "PT12H", ""},
		{"in one", "timespan=2026-11-01T11:03:00Z/2026-11-01T11:10:00Z&interval=FULL", 1, "2026-11-01T11:03:00Z", "2026-11-01T11:03:00Z", "PT7M", ""},
		{"an end before the beginning", "timespan=2026-11-01T12:00:00Z/2026-11-01T11:00:00Z", 0, "", "", "", "start time must be before end time"},
		{"no end", "timespan=2026-11-01T13:00:00Z", 0, "", "", "", "start time must be before end time"},
		{"no time", "timespan=yesterday/today", 0, "", "", "", "invalid time interval input: yesterday"},
		{"an odd step", "interval=PT7M", 0, "", "", "", "invalid time grain input: PT7M"},
		{"a month by minutes", "timespan=2026-10-01/2026-11-01", 0, "", "", "", "more than 1440 points"},
		{"an odd top", "top=0", 0, "", "", "", "Invalid value for top"},
		{"an odd aggregation", "aggregation=average,median", 0, "", "", "", "Invalid aggregation type: median"},
	} {
		status, body := x.metricsOf(t, r.id, "metricnames=Requests&"+tt.query)
		if tt.status != "" {
			if message, _ := at(body, "error", "message").(string); status != 400 || !strings.Contains(message, tt.status) {
				t.Errorf("%s: got HTTP %d %q, want 400 with %q", tt.name, status, message, tt.status)
			}
			continue
		}
		data, _ := at(body, "value", 0, "timeseries", 0, "data").([]any)
		if status != 200 || len(data) != tt.points || at(data, 0, "timeStamp") != tt.first || at(data, len(data)-1, "timeStamp") != tt.last || body["interval"] != tt.interval {
			t.Errorf("%s: got HTTP %d with %d points of %v, from %v to %v; want %d of %s", tt.name, status, len(data), body["interval"],
				at(data, 0, "timeStamp"), at(data, max(0, len(data)-1), "timeStamp"), tt.points, tt.interval)
		}
	}
}

func TestAnswersOfMetricsHaveThePublishedForm(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	r := x.some(t, "vms", 1)[0]
	status, body := x.metricsOf(t, r.id, "metricnames=percentage%20cpu&aggregation=Average,Total&timespan=2026-11-01T11:55:00Z/2026-11-01T12:00:00Z")
	for _, tt := range []struct {
		steps []any
		want  any
	}{
		{[]any{"timespan"}, "2026-11-01T11:55:00Z/2026-11-01T12:00:00Z"}, {[]any{"namespace"}, "microsoft.compute/virtualmachines"},
		{[]any{"resourceregion"}, r.region}, {[]any{"value", 0, "type"}, "Microsoft.Insights/metrics"}, {[]any{"value", 0, "name", "value"}, "Percentage CPU"},
		{[]any{"value", 0, "id"}, r.id + "/providers/Microsoft.Insights/metrics/Percentage CPU"}, {[]any{"value", 0, "unit"}, "Percent"},
		{[]any{"value", 0, "errorCode"}, "Success"}, {[]any{"value", 0, "timeseries", 0, "data", 4, "average"}, nil}, {[]any{"value", 0, "timeseries", 0, "data", 4, "maximum"}, nil},
	} {
		if got := at(body, tt.steps...); status != 200 || got != tt.want {
			t.Errorf("HTTP %d: %v: got %v, want %v", status, tt.steps, got, tt.want)
		}
	}
	point, _ := at(body, "value", 0, "timeseries", 0, "data", 3).(map[string]any)
	if len(point) != 3 || point["average"] != point["total"] {
		t.Errorf("a minute is %v, want time, average and total: one sample a minute", point)
	}
}

func TestWhatDoesNotRunIsNotMeasured(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 400}})
	seen := map[bool]int{}
	for _, r := range x.resources {
		if r.system || seen[r.measured()] > 20 {
			continue
		}
		seen[r.measured()]++
		status, body := x.metricsOf(t, r.id, "metricnames="+url.QueryEscape(r.kind.metrics[0].name)+"&timespan=2026-11-01T11:50:00Z/2026-11-01T12:00:00Z")
		got := false
		data, _ := at(body, "value", 0, "timeseries", 0, "data").([]any)
		for _, p := range data {
			got = got || at(p, "average") != nil
		}
		if status != 200 || len(data) != 10 || got != r.measured() {
			t.Errorf("%s %s (%q): got HTTP %d, values: %v, want %v", r.kind.service, r.name, r.state, status, got, r.measured())
		}
	}
	if seen[true] < 20 || seen[false] < 20 {
		t.Errorf("the world has too few of either: %v", seen)
	}
}

func TestEveryMetricOfTruthIsOnTheWire(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 100}})
	truth := map[string]sim.Resource{}
	for _, r := range x.Truth().Resources {
		truth[r.ID] = r
	}
	for _, k := range x.kinds {
		r := x.some(t, k.service, 1)[0]
		var names []string
		for _, m := range k.metrics {
			names = append(names, m.name)
		}
		_, body := x.metricsOf(t, r.id, "metricnames="+url.QueryEscape(strings.Join(names, ","))+"&aggregation=average,total,maximum,minimum")
		wire := values(body["value"].([]any))
		got := map[string]float64{}
		for i := range k.metrics {
			if m := &k.metrics[i]; m.truth != "" {
				v := wire[m.name]
				got[m.truth] = m.read(data{v["average"], v["total"], v["maximum"], v["minimum"]})
			}
		}
		near := func(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a)) }
		if !maps.EqualFunc(got, truth[r.id].Metrics, near) || len(got) == 0 {
			t.Errorf("%s: the wire says %v, truth %v", k.service, got, truth[r.id].Metrics)
		}
	}
}

func TestSubscriptionScopeTakesItsParametersFromQueryOrBody(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 300}})
	r := x.some(t, "vms", 5)[0]
	base := "https://" + managementHost + "/subscriptions/" + r.sub.id + "/providers/Microsoft.Insights/metrics?api-version=2024-02-01"
	all := `"metricNamespace":"Microsoft.Compute/virtualMachines","metricNames":"Percentage CPU","filter":"Microsoft.ResourceId eq '*'"`
	for _, tt := range []struct {
		name, method, query, body string
		status, series            int
	}{
		{"all in the body", "POST", "&region=" + r.region, `{` + all + `,"top":3}`, 200, 3},
		{"the region in another case", "POST", "&region=" + strings.ToUpper(r.region), `{` + all + `,"top":4}`, 200, 4},
		{"top as text", "POST", "&region=" + r.region, `{` + all + `,"top":"2"}`, 200, 2},
		{"some in the query", "POST", "&top=2&region=" + r.region, `{` + all + `}`, 200, 2},
		{"an empty body", "POST", "&top=2&region=" + r.region + "&metricnamespace=microsoft.compute/virtualmachines&metricnames=Percentage%20CPU&$filter=Microsoft.ResourceId%20eq%20%27*%27", "", 200, 2},
		{"no region", "POST", "", `{` + all + `}`, 400, 0},
		{"no filter", "POST", "&region=" + r.region, `{"metricNamespace":"microsoft.compute/virtualmachines","metricNames":"Percentage CPU"}`, 400, 0},
		{"no namespace", "POST", "&region=" + r.region, `{"metricNames":"Percentage CPU","filter":"Microsoft.ResourceId eq '*'"}`, 400, 0},
		{"an unknown namespace", "POST", "&region=" + r.region, `{"metricNamespace":"microsoft.nothing/things","metricNames":"Percentage CPU","filter":"Microsoft.ResourceId eq '*'"}`, 400, 0},
		{"a body that is none", "POST", "&region=" + r.region, `[`, 400, 0},
		{"an empty region", "POST", "&region=swedencentral", `{` + all + `}`, 200, 0},
		{"not a GET or POST", "PUT", "&region=" + r.region, `{}`, 405, 0},
	} {
		status, _, body := x.send(t, tt.method, base+tt.query, x.mint(armAudience), tt.body)
		series, _ := at(body, "value", 0, "timeseries").([]any)
		if status != tt.status || len(series) != tt.series {
			t.Errorf("%s: got HTTP %d with %d series, want %d with %d: %v", tt.name, status, len(series), tt.status, tt.series, body["error"])
		}
	}
}

func TestNamesOfMetrics(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	r := x.some(t, "vms", 1)[0]
	for _, tt := range []struct {
		names   string
		values  int // 0 = refused
		message string
	}{
		{"Percentage CPU", 1, ""}, {"percentage cpu, NETWORK IN TOTAL", 2, ""},
		{"", 0, "metricnames query parameter is required"}, {"GPU Usage", 0, "metric: GPU Usage, Valid metrics: Percentage CPU,"},
		{"Percentage CPU,", 0, "Failed to find metric configuration for provider: Microsoft.Compute, resource Type: virtualMachines"},
		{strings.TrimSuffix(strings.Repeat("Percentage CPU,", 20), ","), 20, ""},
		{strings.TrimSuffix(strings.Repeat("Percentage CPU,", 21), ","), 0, "exceeds the maximum of 20"},
	} {
		status, body := x.metricsOf(t, r.id, "metricnames="+url.QueryEscape(tt.names))
		got, _ := body["value"].([]any)
		message, _ := at(body, "error", "message").(string)
		if len(got) != tt.values || (status == 200) != (tt.values > 0) || !strings.Contains(message, tt.message) {
			t.Errorf("%q: got HTTP %d with %d values, %q; want %d, %q", tt.names, status, len(got), message, tt.values, tt.message)
		}
	}
	status, body := x.metricsOf(t, r.id, "metricnames=Percentage%20CPU&metricnamespace=microsoft.web/sites")
	if status != 400 {
		t.Errorf("another type's namespace: got HTTP %d %v", status, body)
	}
}

func TestStepsAreWrittenInISO8601(t *testing.T) {
	t.Parallel()
	for d, want := range map[time.Duration]string{
		time.Minute: "PT1M", 5 * time.Minute: "PT5M", time.Hour: "PT1H", 90 * time.Minute: "PT90M", 12 * time.Hour: "PT12H", 24 * time.Hour: "P1D",
	} {
		if got := isoStep(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}

func TestValuesComeTwoMinutesLate(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	r := x.some(t, "web_apps", 1)[0]
	for after, want := range map[time.Duration]string{0: "2026-11-01T11:58:00Z", 29 * time.Second: "2026-11-01T11:58:00Z", 30 * time.Second: "2026-11-01T11:59:00Z", time.Hour: "2026-11-01T12:58:00Z"} {
		x.now = sim.Epoch.Add(30*time.Second + after)
		_, body := x.metricsOf(t, r.id, "metricnames=Requests")
		newest := ""
		for _, p := range at(body, "value", 0, "timeseries", 0, "data").([]any) {
			if at(p, "average") != nil {
				newest = at(p, "timeStamp").(string)
			}
		}
		if newest != want {
			t.Errorf("%s later: the newest value is of %s, want %s", after, newest, want)
		}
	}
}

// TestPricesAgreeWithTheTruth reads the list as a client would, and compares with what Truth says that machines cost.
func TestPricesAgreeWithTheTruth(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 300}})
	costs := map[string]*float64{}
	for _, r := range x.Truth().Resources {
		costs[r.ID] = r.HourlyCost
	}
	checked := map[string]int{}
	for _, r := range x.resources {
		if r.kind.service != "vms" || checked[fmt.Sprint(r.windows, r.spot)] > 5 {
			continue
		}
		filter := "serviceName eq 'Virtual Machines' and priceType eq 'Consumption' and armRegionName eq '" + r.region + "' and armSkuName eq '" + r.size.name + "'"
		_, _, body := x.send(t, http.MethodGet, "https://"+pricesHost+"/api/retail/prices?api-version=2023-01-01-preview&$filter="+url.QueryEscape(filter), "", "")
		windows := r.windows && r.variant%4 != 0
		var price float64
		for _, v := range body["Items"].([]any) {
			it := v.(map[string]any)
			if strings.HasSuffix(it["productName"].(string), " Windows") == windows && strings.HasSuffix(it["skuName"].(string), " Spot") == r.spot &&
				!strings.HasSuffix(it["skuName"].(string), "Low Priority") && it["isPrimaryMeterRegion"] == true {
				price = it["retailPrice"].(float64)
			}
		}
		idle := r.state == "deallocated" || r.state == "deallocating"
		if cost := costs[r.id]; (cost == nil) != idle || cost != nil && *cost != price {
			t.Errorf("%s in state %q: truth says %v, the list %v", r.name, r.state, cost, price)
		}
		checked[fmt.Sprint(r.windows, r.spot)]++
	}
	if len(checked) != 4 {
		t.Errorf("the world lacks a kind of machine: %v", checked)
	}
}
