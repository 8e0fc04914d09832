package azuresim

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// fuzzed is a tenant whose clock moves on with every call, so that no limit is met.
func fuzzed(f *testing.F) func() *cloud {
	f.Helper()
	var mu sync.Mutex
	now := sim.Epoch
	c := New(sim.NewWorld(sim.Options{Counts: map[string]int{"azure": 24}, Incidents: true, Now: func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}})).(*cloud)
	c.Fill()
	return func() *cloud {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(time.Minute)
		return c
	}
}

// answer serves one request. Whatever is asked, Azure answers JSON and never fails by itself.
func answer(t *testing.T, c *cloud, r *http.Request) (int, map[string]any) {
	t.Helper()
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if w.Code >= http.StatusInternalServerError {
		t.Errorf("%s %s: HTTP %d %s", r.Method, r.URL, w.Code, w.Body)
	}
	var body map[string]any
	if strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
		if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
			t.Errorf("%s %s: %v in %.200s", r.Method, r.URL, err, w.Body)
		}
	}
	return w.Code, body
}

// request makes a request as a server would see it; nil where no server would.
func request(method, host, path, query, body string) *http.Request {
	r := &http.Request{
		Method: method, Host: host, URL: &url.URL{Scheme: "https", Host: host, Path: path, RawQuery: query}, Header: http.Header{},
		Body: http.NoBody,
	}
	if body != "" {
		r.Body = struct {
			*strings.Reader
			closer
		}{strings.NewReader(body), closer{}}
	}
	if !strings.HasPrefix(path, "/") {
		return nil
	}
	return r
}

type closer struct{}

func (closer) Close() error { return nil }

func FuzzPaths(f *testing.F) {
	tenant := fuzzed(f)
	c := tenant()
	s := "/subscriptions/" + c.subscriptions[0].id
	for _, path := range []string{
		"/", "/tenants", "/subscriptions", s, s + "/resources", s + "/resourceGroups/rg-Shop-Prod/resources", s + "/locations", s + "/providers/Microsoft.Web",
		s + "/providers/Microsoft.Compute/virtualMachines", c.resources[0].id, c.resources[0].id + "/instanceView", s + "/providers/Microsoft.Insights/metrics",
		c.resources[0].id + "/providers/Microsoft.Insights/metrics", s + "/providers/Microsoft.Sql/servers", s + "//providers//", "/providers/Microsoft.ResourceGraph/operations",
		"/subscriptions/" + c.subscriptions[3].id + "/resources", s + "/resourceGroups/x/providers/Microsoft.Sql/servers/y/databases",
	} {
		f.Add("GET", path, "api-version=2024-11-01&$filter=name eq 'x'&$top=2&metricnames=Percentage CPU")
		f.Add("DELETE", path, "API-VERSION=2024-11-01&$skiptoken=x")
	}
	f.Fuzz(func(t *testing.T, method, path, query string) {
		r := request(method, managementHost, path, query, "")
		if r == nil || len(path)+len(query) > 1000 {
			return
		}
		c := tenant()
		if status, _ := answer(t, c, r); status != http.StatusUnauthorized {
			t.Errorf("%s %s without a token: HTTP %d", method, path, status)
		}
		r.Header.Set("Authorization", "Bearer "+c.mint(armAudience))
		status, body := answer(t, c, r)
		if text, _ := json.Marshal(body); status == http.StatusOK && strings.Contains(string(text), c.secret) {
			t.Errorf("%s shows the secret", path)
		}
		if status == http.StatusOK && strings.Contains(strings.ToLower(path), c.subscriptions[3].id) {
			t.Errorf("%s is of a subscription that may not be read", path)
		}
		if status >= http.StatusBadRequest && code(body) == "" {
			t.Errorf("%s %s?%s: HTTP %d without a code: %v", method, path, query, status, body)
		}
	})
}

func FuzzSignIns(f *testing.F) {
	tenant := fuzzed(f)
	c := tenant()
	good := url.Values{"grant_type": {"client_credentials"}, "client_id": {c.client}, "client_secret": {c.secret}, "scope": {armAudience + "/.default"}}
	f.Add("/"+c.tenant+"/oauth2/v2.0/token", good.Encode())
	good.Set("client_secret", "x")
	f.Add("/"+c.tenant+"/oauth2/token", good.Encode()+"&resource=https://management.azure.com/")
	f.Add("/common/discovery/instance", "grant_type=%zz")
	f.Add("/"+c.tenant+"/v2.0/.well-known/openid-configuration", "")
	f.Fuzz(func(t *testing.T, path, form string) {
		r := request(http.MethodPost, loginHost, path, "", form)
		if r == nil || len(form) > 2000 {
			return
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		c := tenant()
		_, body := answer(t, c, r)
		if v, _ := url.ParseQuery(form); body["access_token"] != nil && v.Get("client_secret") != c.secret {
			t.Errorf("a token for %q", form)
		}
	})
}

func FuzzBatches(f *testing.F) {
	tenant := fuzzed(f)
	c := tenant()
	r := c.resources[0]
	f.Add(r.region, r.sub.id, "api-version=2024-02-01&metricnames="+url.QueryEscape(r.kind.metrics[0].name)+"&interval=PT5M&starttime=2026-11-01T10:00:00Z&endtime=2026-11-01T11:00:00Z", `{"resourceids":["`+r.id+`"]}`)
	f.Add("westeurope", c.subscriptions[3].id, "api-version=2024-02-01&metricnames=x&interval=FULL&top=-1", `{"resourceids":[]}`)
	f.Add("", "x", "api-version=2024-02-01&starttime=2026-11-01&endtime=%", `{"resourceids":{}}`)
	f.Fuzz(func(t *testing.T, region, subscription, query, body string) {
		r := request(http.MethodPost, region+metricsDomain, "/subscriptions/"+subscription+"/metrics:getBatch", query, body)
		if r == nil || len(query)+len(body) > 2000 {
			return
		}
		c := tenant()
		r.Header.Set("Authorization", "Bearer "+c.mint(metricsAudience))
		status, got := answer(t, c, r)
		if status == http.StatusOK && strings.EqualFold(subscription, c.subscriptions[3].id) {
			t.Errorf("metrics of a subscription that may not be read: %v", got)
		}
	})
}

func FuzzFiltersOfPrices(f *testing.F) {
	tenant := fuzzed(f)
	for _, text := range []string{
		"serviceName eq 'Virtual Machines' and priceType eq 'Consumption'", "contains(skuName, 'Spot') or not(armRegionName ne 'eastus')", "startswith(meterName", "armSkuName eq",
	} {
		f.Add(text, "0")
	}
	total := len(priceList())
	f.Fuzz(func(t *testing.T, filter, skip string) {
		if len(filter) > 500 {
			return
		}
		q := url.Values{"$filter": {filter}, "$skip": {skip}}
		status, body := answer(t, tenant(), request(http.MethodGet, pricesHost, "/api/retail/prices", q.Encode(), ""))
		items, _ := body["Items"].([]any)
		if status == http.StatusOK && (len(items) > retailPage || len(items) > total || body["Count"] != float64(len(items))) {
			t.Errorf("%q: got %d items, count %v", filter, len(items), body["Count"])
		}
	})
}

func TestManyClientsAtOnce(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 120}})
	vm := x.some(t, "vms", 1)[0]
	arm, metrics := x.mint(armAudience), x.mint(metricsAudience)
	calls := map[string]func() *http.Request{
		"a query": func() *http.Request {
			return httptest.NewRequest("POST", graphURL, strings.NewReader(`{"query":"Resources | project id, name, tags, properties.provisioningState | order by id asc"}`))
		},
		"a list": func() *http.Request {
			return httptest.NewRequest("GET", "https://"+managementHost+"/subscriptions/"+vm.sub.id+"/providers/Microsoft.Compute/virtualMachines?api-version=2024-11-01", nil)
		},
		"prices": func() *http.Request {
			return httptest.NewRequest("GET", "https://"+pricesHost+"/api/retail/prices?$filter=armSkuName%20eq%20%27Standard_B2s%27", nil)
		},
		"metrics": func() *http.Request {
			return httptest.NewRequest("POST", "https://"+vm.region+metricsDomain+"/subscriptions/"+vm.sub.id+"/metrics:getBatch?api-version=2024-02-01&metricnames=Percentage%20CPU", strings.NewReader(`{"resourceids":["`+vm.id+`"]}`))
		},
	}
	first := map[string]string{}
	serve := func(name string) string {
		r := calls[name]()
		token := arm
		if name == "metrics" {
			token = metrics
		}
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		if x.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Errorf("%s: HTTP %d %s", name, w.Code, w.Body)
		}
		return w.Body.String()
	}
	for name := range calls {
		first[name] = serve(name)
	}
	var all sync.WaitGroup
	for name := range calls {
		for range 8 {
			all.Go(func() {
				if got := serve(name); got != first[name] {
					t.Errorf("%s: the answer is another one among many calls", name)
				}
			})
		}
	}
	all.Wait()
}
