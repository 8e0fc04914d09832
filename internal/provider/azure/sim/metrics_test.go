package azuresim

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// some returns n running resources of a service, all of one subscription and region.
func (x *tenant) some(t *testing.T, service string, n int) []*resource {
	t.Helper()
	groups := map[string][]*resource{}
	for _, r := range x.resources {
		if r.kind.service == service && r.measured() {
			key := r.sub.id + r.region
			groups[key] = append(groups[key], r)
			if len(groups[key]) == n {
				return groups[key]
			}
		}
	}
	t.Fatalf("the world has no %d %s in one place", n, service)
	return nil
}

const metricSpan = "starttime=2026-11-01T11:55:00Z&endtime=2026-11-01T12:00:00Z&interval=PT1M&api-version=2024-02-01"

func (x *tenant) batchOf(t *testing.T, region, sub, query string, ids []string) (int, map[string]any) {
	t.Helper()
	body, _ := json.Marshal(map[string]any{"resourceids": ids})
	status, _, answer := x.send(t, "POST", "https://"+region+metricsDomain+"/subscriptions/"+sub+"/metrics:getBatch?"+query, x.mint(metricsAudience), string(body))
	return status, answer
}

func ids(all []*resource) []string {
	out := make([]string, len(all))
	for i, r := range all {
		out[i] = r.id
	}
	return out
}

// values flattens an answer's metrics to name -> aggregation -> the last value there is.
func values(metrics []any) map[string]map[string]float64 {
	out := map[string]map[string]float64{}
	for _, m := range metrics {
		metric := m.(map[string]any)
		name := metric["name"].(map[string]any)["value"].(string)
		out[name] = map[string]float64{}
		for _, s := range metric["timeseries"].([]any) {
			for _, p := range s.(map[string]any)["data"].([]any) {
				for k, v := range p.(map[string]any) {
					if f, ok := v.(float64); ok {
						out[name][k] = f
					}
				}
			}
		}
	}
	return out
}

func TestAllThreeCallsTellTheSame(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 200}})
	r := x.some(t, "vms", 2)[0]
	names := "metricnamespace=microsoft.compute/virtualmachines&metricnames=" + url.QueryEscape("Percentage CPU,Network In Total") + "&aggregation=average,total"
	_, batch := x.batchOf(t, r.region, r.sub.id, metricSpan+"&"+names, []string{r.id})
	first := batch["values"].([]any)[0].(map[string]any)
	want := values(first["value"].([]any))
	span := "&timespan=2026-11-01T11:55:00Z/2026-11-01T12:00:00Z&interval=PT1M&api-version=2024-02-01"
	_, _, one := x.send(t, "GET", escape("https://"+managementHost+r.id+"/providers/Microsoft.Insights/metrics?"+names+span), x.mint(armAudience), "")
	if got := values(one["value"].([]any)); !maps.EqualFunc(got, want, maps.Equal) || len(want) != 2 {
		t.Errorf("one resource: got %v, want %v", got, want)
	}
	_, _, all := x.send(t, "GET", "https://"+managementHost+"/subscriptions/"+r.sub.id+"/providers/Microsoft.Insights/metrics?"+names+span+
		"&region="+r.region+"&top=1000&$filter="+url.QueryEscape("Microsoft.ResourceId eq '*'"), x.mint(armAudience), "")
	found := false
	for _, s := range all["value"].([]any)[0].(map[string]any)["timeseries"].([]any) {
		series := s.(map[string]any)
		if series["metadatavalues"].([]any)[0].(map[string]any)["value"] == strings.ToLower(r.id) {
			found = true
			data := series["data"].([]any)
			if got := data[3].(map[string]any)["average"]; got != want["Percentage CPU"]["average"] {
				t.Errorf("all resources: got %v, want %v", got, want["Percentage CPU"]["average"])
			}
			if v, ok := data[4].(map[string]any)["average"]; ok {
				t.Errorf("the newest minute has value %v, and is not published yet", v)
			}
		}
	}
	if !found {
		t.Error("the resource is not in the answer at subscription scope")
	}
	truth := slices.IndexFunc(x.Truth().Resources, func(tr sim.Resource) bool { return tr.ID == r.id })
	if got := x.Truth().Resources[truth].Metrics["network_rx_bytes_per_second"]; math.Abs(got-want["Network In Total"]["total"]/60) > 1e-9*got {
		t.Errorf("truth says %v bytes per second, the wire %v per minute", got, want["Network In Total"]["total"])
	}
}

func TestSubscriptionScopeTellsTenUnlessAsked(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 400}})
	r := x.some(t, "vms", 12)[0]
	base := "https://" + managementHost + "/subscriptions/" + r.sub.id + "/providers/Microsoft.Insights/metrics?api-version=2024-02-01&metricnamespace=microsoft.compute/virtualmachines&metricnames=" + url.QueryEscape("Percentage CPU")
	filter := "&$filter=" + url.QueryEscape("Microsoft.ResourceId eq '*'")
	_, _, body := x.send(t, "GET", base+filter+"&region="+r.region, x.mint(armAudience), "")
	if n := len(body["value"].([]any)[0].(map[string]any)["timeseries"].([]any)); n != 10 {
		t.Errorf("without top: got %d time series, want 10", n)
	}
	for _, bad := range []string{filter, "&region=" + r.region, filter + "&region=" + r.region + "&top=x"} {
		if status, _, _ := x.send(t, "GET", base+bad, x.mint(armAudience), ""); status != 400 {
			t.Errorf("%s: got HTTP %d, want 400", bad, status)
		}
	}
}

func TestBatchesThatAreRefused(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 600}, Incidents: true})
	all := x.some(t, "vms", 51)
	r := all[0]
	elsewhere := r
	for _, o := range x.resources {
		if o.kind == r.kind && o.region != r.region && o.sub == r.sub {
			elsewhere = o
		}
	}
	site := x.some(t, "web_apps", 1)[0]
	cpu := "&metricnamespace=microsoft.compute/virtualmachines&metricnames=" + url.QueryEscape("Percentage CPU")
	for _, tt := range []struct {
		name, region, sub, query string
		ids                      []string
		status                   int
	}{
		{"fifty", r.region, r.sub.id, metricSpan + cpu, ids(all[:50]), 200},
		{"fifty-one", r.region, r.sub.id, metricSpan + cpu, ids(all), 400},
		{"none", r.region, r.sub.id, metricSpan + cpu, nil, 400},
		{"another region's endpoint", elsewhere.region, r.sub.id, metricSpan + cpu, ids(all[:1]), 400},
		{"two regions", r.region, r.sub.id, metricSpan + cpu, []string{r.id, elsewhere.id}, 400},
		{"another subscription", site.region, site.sub.id, metricSpan + cpu, []string{x.other(site).id}, 400},
		{"another type", site.region, site.sub.id, metricSpan + cpu, []string{site.id}, 400},
		{"a resource that is not there", r.region, r.sub.id, metricSpan + cpu, []string{r.id + "x"}, 404},
		{"a denied subscription", r.region, x.subscriptions[3].id, metricSpan + cpu, ids(all[:1]), 403},
		{"an unknown subscription", r.region, "nope", metricSpan + cpu, ids(all[:1]), 404},
		{"an unknown metric", r.region, r.sub.id, metricSpan + "&metricnames=GPU", ids(all[:1]), 400},
		{"no metric", r.region, r.sub.id, metricSpan, ids(all[:1]), 400},
		{"an unknown aggregation", r.region, r.sub.id, metricSpan + cpu + "&aggregation=median", ids(all[:1]), 400},
		{"an unknown step", r.region, r.sub.id, strings.Replace(metricSpan, "PT1M", "PT7M", 1) + cpu, ids(all[:1]), 400},
		{"a span that ends first", r.region, r.sub.id, strings.Replace(metricSpan, "11:55", "13:55", 1) + cpu, ids(all[:1]), 400},
		{"a time that is none", r.region, r.sub.id, strings.Replace(metricSpan, "2026-11-01T11:55:00Z", "noon", 1) + cpu, ids(all[:1]), 400},
		{"too many points", r.region, r.sub.id, strings.Replace(metricSpan, "2026-11-01T11", "2026-10-01T11", 1) + cpu, ids(all[:1]), 400},
		{"no version", r.region, r.sub.id, "x=y" + cpu, ids(all[:1]), 400},
	} {
		if status, body := x.batchOf(t, tt.region, tt.sub, tt.query, tt.ids); status != tt.status {
			t.Errorf("%s: got HTTP %d %v, want %d", tt.name, status, body, tt.status)
		}
	}
	target := "https://" + r.region + metricsDomain + "/subscriptions/" + r.sub.id + "/metrics:getBatch?" + metricSpan + cpu
	for _, tt := range []struct {
		name, method, token, body string
		status                    int
	}{
		{"a key with a capital", "POST", x.mint(metricsAudience), fmt.Sprintf(`{"resourceIds":[%q]}`, r.id), 400},
		{"a list", "POST", x.mint(metricsAudience), `[]`, 400},
		{"the other audience", "POST", x.mint(armAudience), fmt.Sprintf(`{"resourceids":[%q]}`, r.id), 401},
		{"not a POST", "GET", x.mint(metricsAudience), "", 405},
	} {
		if status, _, body := x.send(t, tt.method, target, tt.token, tt.body); status != tt.status {
			t.Errorf("%s: got HTTP %d %v, want %d", tt.name, status, body, tt.status)
		}
	}
}

// other returns a resource of another subscription.
func (x *tenant) other(than *resource) *resource {
	i := slices.IndexFunc(x.resources, func(r *resource) bool { return r.sub != than.sub })
	return x.resources[i]
}

func TestLongerStepsAreSumsAndMeans(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	r := x.some(t, "web_apps", 1)[0]
	read := func(step string) map[string]float64 {
		_, body := x.batchOf(t, r.region, r.sub.id, "starttime=2026-11-01T11:00:00Z&endtime=2026-11-01T11:05:00Z&api-version=2024-02-01&interval="+step+
			"&metricnames=Requests&aggregation=average,total,maximum,minimum,count", []string{r.id})
		return values(body["values"].([]any)[0].(map[string]any)["value"].([]any))["Requests"]
	}
	minute, five := read("PT1M"), read("PT5M")
	if five["count"] != 5 || five["total"] <= minute["total"] || five["maximum"] < five["average"] || five["minimum"] > five["average"] ||
		math.Abs(five["total"]/5-five["average"]) > 1e-6*five["total"] {
		t.Errorf("got %v of five minutes and %v of the last", five, minute)
	}
}

func TestPriceList(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	read := func(query string) (int, []any, any) {
		status, _, body := x.send(t, "GET", "https://"+pricesHost+"/api/retail/prices?"+query, "", "")
		items, _ := body["Items"].([]any)
		return status, items, body["NextPageLink"]
	}
	filter := func(f string) string { return "$filter=" + url.QueryEscape(f) }
	for f, want := range map[string]int{
		"armRegionName eq 'westeurope' and armSkuName eq 'Standard_D4s_v5' and priceType eq 'Consumption'":                              7,
		"armRegionName eq 'westeurope' and (armSkuName eq 'Standard_D4s_v5' or armSkuName eq 'Standard_B2s') and type eq 'Consumption'": 14,
		"serviceName eq 'Storage'":                                     4,
		"armSkuName eq 'Standard_B2s' and contains(skuName, 'Spot')":   8,
		"armSkuName eq 'standard_b2s'":                                 0, // case counts
		"priceType eq 'Reservation' and armRegionName eq 'westeurope'": 14,
		"startswith(productName, 'Premium') and armRegionName ne 'x'":  4,
	} {
		if status, items, _ := read(filter(f)); status != 200 || len(items) != want {
			t.Errorf("%s: got HTTP %d with %d items, want %d", f, status, len(items), want)
		}
	}
	n, query := 0, filter("serviceName eq 'Virtual Machines'")
	for pages := 0; ; pages++ {
		status, items, next := read(query)
		if status != 200 || len(items) == 0 || len(items) > retailPage || pages > 10 {
			t.Fatalf("page %d: HTTP %d with %d items", pages, status, len(items))
		}
		if n += len(items); next == nil {
			break
		}
		_, query, _ = strings.Cut(next.(string), "?")
	}
	if want := 4 * 14 * 8; n != want {
		t.Errorf("all pages have %d items, want %d", n, want)
	}
	for _, bad := range []string{filter("armSkuName is 'x'"), filter("nosuch eq 'x'"), filter("armSkuName eq"), "$skip=x"} {
		if status, _, _ := read(bad); status != 400 {
			t.Errorf("%s: got HTTP %d, want 400", bad, status)
		}
	}
	if status, _, _ := x.send(t, "POST", "https://"+pricesHost+"/api/retail/prices", "", ""); status != 405 {
		t.Errorf("POST: got HTTP %d, want 405", status)
	}
	if status, _, _ := x.send(t, "GET", "https://"+pricesHost+"/other", "", ""); status != 404 {
		t.Errorf("another path: got HTTP %d, want 404", status)
	}
}
