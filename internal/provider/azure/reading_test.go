package azure_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/azure"
	"github.com/adsops/cloudtop/internal/sim"
)

const skusPath = "/subscriptions/" + someSubscription + "/providers/Microsoft.Compute/skus"

// rows are machines of the given sizes, as an answer of Resource Graph.
func rows(sizes ...string) string {
	var all []string
	for i, s := range sizes {
		size, region, _ := strings.Cut(s, "@")
		all = append(all, fmt.Sprintf(`{"id":"%s%d","name":"m%d","type":"microsoft.compute/virtualmachines","location":%q,"subscriptionId":%q,"size":%q,"power":"PowerState/running"}`,
			someVM, i, i, region, someSubscription, size))
	}
	return `{"data":[` + strings.Join(all, ",") + `]}`
}

// at connects with a clock that a test can set.
func at(t *testing.T, now func() time.Time, paths map[string]func(*http.Request) (int, string)) (*provider.Conn, *answers) {
	t.Helper()
	a := &answers{paths: paths}
	a.paths["/subscriptions"] = body(subscription)
	conn := provider.NewConn(azure.Spec())
	if err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "oauth", Values: map[string]string{
			"tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47", "client_id": "reader", "client_secret": "hunter2-hunter2",
		}},
		Transport: a, Now: now, Services: []string{"vms"},
	}); err != nil {
		t.Fatal(err)
	}
	return conn, a
}

func TestSizesAreReadWhereGPUsWantCountingAndKeptForHours(t *testing.T) {
	t.Parallel()
	now := sim.Epoch
	var filters []string
	var mu sync.Mutex
	conn, asked := at(t, func() time.Time { return now }, map[string]func(*http.Request) (int, string){
		graphPath: body(rows("Standard_D4s_v5@northeurope", "Standard_NC6s_v3@eastus", "Standard_NC6s_v3@eastus", "Standard_NC24ads_A100_v4@westeurope")),
		skusPath: func(r *http.Request) (int, string) {
			mu.Lock()
			defer mu.Unlock()
			filters = append(filters, r.URL.Query().Get("$filter"))
			return http.StatusOK, `{"value":[{"resourceType":"virtualMachines","name":"Standard_NC6s_v3","capabilities":[{"name":"GPUs","value":"1"}]}]}`
		},
	})
	for _, tt := range []struct {
		after time.Duration
		calls int // of the sizes, in all
	}{{0, 2}, {time.Hour, 2}, {11*time.Hour + 59*time.Minute, 2}, {12 * time.Hour, 4}, {13 * time.Hour, 4}} {
		now = sim.Epoch.Add(tt.after)
		all, err := conn.ListResources(t.Context(), nil)
		if err != nil || len(all) != 4 {
			t.Fatalf("got %d machines, %v", len(all), err)
		}
		if n := asked.count(skusPath); n != tt.calls {
			t.Errorf("%s later: the sizes were read %d times, want %d", tt.after, n, tt.calls)
		}
	}
	if want := []string{"location eq 'eastus'", "location eq 'westeurope'"}; !slices.Equal(slices.Sorted(slices.Values(filters[:2])), want) {
		t.Errorf("got the filters %q, want those of regions with GPUs: %q", filters, want)
	}
}

func TestCapabilitiesOfSizes(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		capabilities  string
		vcpus, memory any
		gpus          float64
		kind          string // of the SKU; empty = virtualMachines
	}{
		"all":                         {`{"name":"vCPUs","value":"6"},{"name":"MemoryGB","value":"112"},{"name":"GPUs","value":"1"}`, 6.0, 112.0, 1, ""},
		"numbers":                     {`{"name":"vCPUs","value":6},{"name":"MemoryGB","value":112.5},{"name":"GPUs","value":2}`, 6.0, 112.5, 2, ""},
		"constrained":                 {`{"name":"vCPUs","value":"12"},{"name":"vCPUsAvailable","value":"6"}`, 6.0, nil, 0, ""},
		"constrained, told first":     {`{"name":"vCPUsAvailable","value":"6"},{"name":"vCPUs","value":"6"}`, 6.0, nil, 0, ""},
		"words beside":                {`{"name":"PremiumIO","value":"True"},{"name":"GPUs","value":"4"},{"name":"HyperVGenerations","value":"V1,V2"}`, 6.0, nil, 4, ""},
		"none: what the name says":    {``, 6.0, nil, 0, ""},
		"values that are none":        {`{"name":"GPUs","value":"many"},{"name":"MemoryGB","value":null}`, 6.0, nil, 0, ""},
		"of another kind of resource": {`{"name":"GPUs","value":"9"}`, 6.0, nil, 0, "disks"},
		"the kind in another case":    {`{"name":"GPUs","value":"1"}`, 6.0, nil, 1, "VirtualMachines"},
	} {
		kind := tt.kind
		if kind == "" {
			kind = "virtualMachines"
		}
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){
			graphPath: body(rows("Standard_NC6s_v3@eastus")),
			skusPath:  body(`{"value":[null,{"resourceType":"` + kind + `","name":"standard_nc6S_v3","capabilities":[` + tt.capabilities + `]}]}`),
		}, "vms")
		all, err := conn.ListResources(t.Context(), nil)
		if err != nil || len(all) != 1 || all[0].Attr("vcpus") != tt.vcpus || all[0].Attr("memory_gb") != tt.memory || all[0].GPU.Count != tt.gpus || all[0].GPU.Type != "V100" {
			t.Errorf("%s: got %+v with %+v, %v", name, all, all[0].GPU, err)
		}
	}
}

func TestPricesAreAskedInFewCallsAndKeptForHours(t *testing.T) {
	t.Parallel()
	now := sim.Epoch
	conn, asked := at(t, func() time.Time { return now }, map[string]func(*http.Request) (int, string){
		"/api/retail/prices": func(r *http.Request) (int, string) {
			var items []string
			for part := range strings.SplitSeq(r.URL.Query().Get("$filter"), "armSkuName eq '") {
				if size, _, ok := strings.Cut(part, "'"); ok && strings.HasPrefix(size, "Standard_D") {
					items = append(items, `{"armSkuName":"`+size+`","skuName":"x","productName":"x","type":"Consumption","unitOfMeasure":"1 Hour","retailPrice":1}`)
				}
			}
			return http.StatusOK, `{"Items":[` + strings.Join(items, ",") + `]}`
		},
	})
	machines := func(n int, region string) (all []*cloud.Resource) {
		for i := range n {
			all = append(all, &cloud.Resource{ID: fmt.Sprint(i), Service: "vms", Region: region, Attrs: []cloud.Attr{{Name: "vm_size", Value: fmt.Sprintf("Standard_D%ds_v5", i+2)}}})
		}
		return all
	}
	for _, tt := range []struct {
		name      string
		after     time.Duration
		resources []*cloud.Resource
		quotes    int
		calls     int // in all
	}{
		{"none", 0, nil, 0, 0},
		{"fifteen sizes", 0, machines(15, "westeurope"), 15, 1},
		{"the same again", time.Hour, machines(15, "westeurope"), 15, 1},
		{"one more", time.Hour, machines(16, "westeurope"), 16, 2},
		{"another region", time.Hour, machines(16, "eastus"), 16, 4},
		{"a size that is not sold", time.Hour, []*cloud.Resource{{ID: "x", Service: "vms", Region: "eastus", Attrs: []cloud.Attr{{Name: "vm_size", Value: "Quantum_Q1"}}}}, 0, 5},
		{"which is not asked for again", time.Hour, []*cloud.Resource{{ID: "x", Service: "vms", Region: "eastus", Attrs: []cloud.Attr{{Name: "vm_size", Value: "Quantum_Q1"}}}}, 0, 5},
		{"the first is old now", 12 * time.Hour, machines(15, "westeurope"), 15, 6},
		{"a machine of no size", 12 * time.Hour, []*cloud.Resource{{ID: "x", Service: "vms", Region: "eastus"}}, 0, 6},
	} {
		now = sim.Epoch.Add(tt.after)
		quotes, err := provider.Gather(conn.Driver().(provider.Pricer).Prices(t.Context(), tt.resources))
		if err != nil || len(quotes) != tt.quotes || asked.count("/api/retail/prices") != tt.calls {
			t.Errorf("%s: got %d quotes, %v, after %d calls; want %d after %d", tt.name, len(quotes), err, asked.count("/api/retail/prices"), tt.quotes, tt.calls)
		}
		for _, q := range quotes {
			if q.Price.Low != 1 || q.Price.Source == "" || q.Price.At.IsZero() {
				t.Errorf("%s: got %+v, want a price with its source and age", tt.name, q.Price)
			}
		}
	}
}

func TestARegionWithoutPricesLeavesTheOthers(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){"/api/retail/prices": func(r *http.Request) (int, string) {
		if strings.Contains(r.URL.Query().Get("$filter"), "'eastus'") {
			return http.StatusForbidden, `<html>no</html>`
		}
		return http.StatusOK, `{"Items":[{"armSkuName":"Standard_D4s_v5","skuName":"x","productName":"x","type":"Consumption","unitOfMeasure":"1 Hour","retailPrice":1},7]}`
	}})
	size := []cloud.Attr{{Name: "vm_size", Value: "Standard_D4s_v5"}}
	quotes, err := provider.Gather(conn.Driver().(provider.Pricer).Prices(t.Context(), []*cloud.Resource{
		{ID: "east", Service: "vms", Region: "eastus", Attrs: size}, {ID: "west", Service: "vms", Region: "westeurope", Attrs: size},
	}))
	if len(quotes) != 1 || quotes[0].ID != "west" || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "no prices in eastus") {
		t.Errorf("got %+v, %v; want west's price and a partial error that names the other region", quotes, err)
	}
}

func TestResourcesThatAreReadOneByOne(t *testing.T) {
	t.Parallel()
	const odd = "/subscriptions/" + someSubscription + "/resourceGroups/rg-Büro 1/providers/Microsoft.Compute/virtualMachines/web#2"
	ids := []string{someVM, odd, someVM + "-gone"}
	metrics := "/providers/Microsoft.Insights/metrics"
	good := func(v float64) func(*http.Request) (int, string) {
		return body(fmt.Sprintf(`{"interval":"PT1M","value":[{"name":{"value":"Percentage CPU"},"timeseries":[{"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":%v}]}]}]}`, v))
	}
	for name, tt := range map[string]struct {
		gone   func(*http.Request) (int, string)
		want   map[string]float64
		kind   cloud.Kind
		detail string
	}{
		"all are there":    {good(3), map[string]float64{ids[0]: 1, ids[1]: 2, ids[2]: 3}, "", ""},
		"one is not":       {problem(404, `{"error":{"code":"ResourceNotFound","message":"gone"}}`), map[string]float64{ids[0]: 1, ids[1]: 2}, cloud.KindPartial, "1 of 3 resources have no metrics"},
		"one is forbidden": {problem(403, forbidden), map[string]float64{ids[0]: 1, ids[1]: 2}, cloud.KindPartial, "AuthorizationFailed"},
		"one is odd":       {body(`{"value":[{"name":7}]}`), map[string]float64{ids[0]: 1, ids[1]: 2}, cloud.KindPartial, "value.name is a number"},
	} {
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){
			batchPath: problem(403, forbidden), wholePath: problem(403, forbidden),
			ids[0] + metrics: good(1), ids[1] + metrics: good(2), ids[2] + metrics: tt.gone,
		})
		var refs []cloud.Ref
		for _, id := range ids {
			refs = append(refs, cloud.Ref{Provider: "azure", Account: someSubscription, Region: "westeurope", Service: "vms", ID: id})
		}
		samples, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, window()))
		got := map[string]float64{}
		for _, s := range samples {
			got[s.ID] = s.Metric.Value
		}
		if !maps.Equal(got, tt.want) || cloud.KindOf(err) != tt.kind || err != nil && !strings.Contains(err.Error(), tt.detail) {
			t.Errorf("%s: got %v, %v; want %v and kind %q", name, got, err, tt.want, tt.kind)
		}
	}
}

func TestTheCallAtSubscriptionScopeIsMadeOncePerRegionAndType(t *testing.T) {
	t.Parallel()
	var query url.Values
	var series []string
	var refs []cloud.Ref
	for i := range 120 {
		id := fmt.Sprint(someVM, i)
		refs = append(refs, cloud.Ref{Provider: "azure", Account: someSubscription, Region: "westeurope", Service: "vms", ID: id})
		series = append(series, fmt.Sprintf(`{"metadatavalues":[{"name":{"value":"microsoft.resourceid"},"value":%q}],"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":%d}]}`, strings.ToLower(id), i))
	}
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){
		batchPath: problem(403, forbidden),
		wholePath: func(r *http.Request) (int, string) {
			query = r.URL.Query()
			return http.StatusOK, `{"interval":"PT1M","value":[{"name":{"value":"Percentage CPU"},"timeseries":[` + strings.Join(series, ",") + `]}]}`
		},
	})
	samples, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), refs, window()))
	if err != nil || len(samples) != 120 || asked.count(wholePath) != 1 {
		t.Errorf("got %d samples, %v, after %d calls; want 120 after one", len(samples), err, asked.count(wholePath))
	}
	for _, s := range samples {
		if want := fmt.Sprint(someVM, s.Metric.Value); s.ID != want {
			t.Errorf("got %v of %s, want it of %s", s.Metric.Value, s.ID, want)
		}
	}
	for key, want := range map[string]string{
		"region": "westeurope", "metricnamespace": "microsoft.compute/virtualmachines", "$filter": "Microsoft.ResourceId eq '*'", "top": "1000",
		"timespan": "2026-11-01T11:50:00Z/2026-11-01T12:00:00Z", "interval": "PT1M", "api-version": "2024-02-01", "aggregation": "average,total",
	} {
		if query.Get(key) != want {
			t.Errorf("%s: got %q, want %q", key, query.Get(key), want)
		}
	}
}

func TestTheQueryAsksForNoMoreThanIsListed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		services []string
		types    string
		has, not []string // columns
	}{
		{[]string{"vms"}, "'microsoft.compute/virtualmachines'", []string{"power=", "size="}, []string{"pools=", "dbStatus=", "containers="}},
		{[]string{"functions"}, "'microsoft.web/sites'", []string{"state=", "runtime="}, []string{"power="}},
		{[]string{"functions", "web_apps"}, "'microsoft.web/sites'", []string{"state="}, []string{"power="}},
		{[]string{"database"}, "'microsoft.sql/servers/databases','microsoft.dbforpostgresql/flexibleservers'", []string{"dbStatus=", "dbVersion="}, []string{"power="}},
		{[]string{"vmss"}, "'microsoft.compute/virtualmachinescalesets'", []string{"mode="}, []string{"power="}},
	} {
		var sent struct {
			Subscriptions []string
			Query         string
			Options       map[string]any
		}
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){graphPath: func(r *http.Request) (int, string) {
			if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
				t.Error(err)
			}
			return http.StatusOK, `{"data":[]}`
		}}, tt.services...)
		if _, err := conn.ListResources(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(sent.Query, "type in~ ("+tt.types+") |") || !strings.HasSuffix(sent.Query, " | order by id asc") || sent.Subscriptions != nil ||
			sent.Options["$top"] != 1000.0 || sent.Options["resultFormat"] != "objectArray" {
			t.Errorf("%v: got %+v", tt.services, sent)
		}
		for _, c := range tt.has {
			if strings.Count(sent.Query, ", "+c) != 1 {
				t.Errorf("%v: column %s is not there once in %s", tt.services, c, sent.Query)
			}
		}
		for _, c := range append(tt.not, "properties,", "secret", "password") {
			if strings.Contains(strings.ToLower(sent.Query), strings.ToLower(c)) {
				t.Errorf("%v: %s asks for %s", tt.services, sent.Query, c)
			}
		}
	}
}
