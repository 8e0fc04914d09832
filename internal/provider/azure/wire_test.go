package azure_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/azure"
	"github.com/adsops/cloudtop/internal/sim"
)

const (
	someSubscription = "0b1f6471-1bf0-4dda-aec3-cb9272f09590"
	someVM           = "/subscriptions/" + someSubscription + "/resourceGroups/Prod/providers/Microsoft.Compute/virtualMachines/web-1"
)

// answers lets functions answer by path, and gives every sign-in a token. It remembers what was asked.
type answers struct {
	paths map[string]func(*http.Request) (int, string)

	mu     sync.Mutex
	asked  []string
	header http.Header // of Resource Graph's answers
}

// RoundTrip implements http.RoundTripper.
func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	a.asked = append(a.asked, r.URL.Host+r.URL.Path)
	a.mu.Unlock()
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == graphPath {
		maps.Copy(w.Header(), a.header)
	}
	answer := a.paths[r.URL.Path]
	switch {
	case strings.HasSuffix(r.URL.Path, "/oauth2/v2.0/token") && answer == nil:
		_, _ = io.WriteString(w, `{"token_type":"Bearer","expires_in":3599,"ext_expires_in":3599,"access_token":"opaque"}`)
	case answer == nil:
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"error":{"code":"InvalidResourceType","message":"The resource type could not be found."}}`)
	default:
		status, body := answer(r)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
	return w.Result(), nil
}

// count counts the calls to a path.
func (a *answers) count(path string) (n int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, s := range a.asked {
		if strings.HasSuffix(s, path) {
			n++
		}
	}
	return n
}

// file answers with a file of testdata.
func file(t *testing.T, name string) func(*http.Request) (int, string) {
	t.Helper()
	if !strings.HasPrefix(name, "/") {
		name = "testdata/" + name
	}
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return body(string(data))
}

func body(text string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return http.StatusOK, text }
}

func problem(status int, text string) func(*http.Request) (int, string) {
	return func(*http.Request) (int, string) { return status, text }
}

const (
	graphPath    = "/providers/Microsoft.ResourceGraph/resources"
	wholePath    = "/subscriptions/" + someSubscription + "/providers/Microsoft.Insights/metrics"
	batchPath    = "/subscriptions/" + someSubscription + "/metrics:getBatch"
	forbidden    = `{"error":{"code":"AuthorizationFailed","message":"no role"}}`
	subscription = `{"value":[{"subscriptionId":"` + someSubscription + `","displayName":"Prod","state":"Enabled"}]}`
)

func connect(t *testing.T, paths map[string]func(*http.Request) (int, string), services ...string) (*provider.Conn, *answers) {
	t.Helper()
	a := &answers{paths: paths}
	if a.paths["/subscriptions"] == nil {
		a.paths["/subscriptions"] = body(subscription)
	}
	conn := provider.NewConn(azure.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "oauth", Values: map[string]string{
			"tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47", "client_id": "reader", "client_secret": "hunter2-hunter2",
		}},
		Transport: a, Now: func() time.Time { return sim.Epoch }, Services: services,
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn, a
}

func TestMachinesOfThePublishedForm(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){
		graphPath: file(t, "vm_page.json"),
		"/subscriptions/" + someSubscription + "/providers/Microsoft.Compute/skus": body(
			`{"value":[{"resourceType":"virtualMachines","name":"Standard_NV6ads_A10_v5","capabilities":[{"name":"GPUs","value":"1"},{"name":"vCPUs","value":"6"},{"name":"MemoryGB","value":"55"}]}]}`),
	}, "vms")
	all, err := conn.ListResources(t.Context(), nil)
	if err != nil || len(all) != 4 {
		t.Fatalf("got %d machines, %v; want 4", len(all), err)
	}
	web, bare, off, broken := all[0], all[1], all[2], all[3]
	if web.Account != someSubscription || web.Region != "westeurope" || web.Status != cloud.StatusRunning || web.NativeStatus != "running" ||
		!web.CreatedAt.Equal(time.Date(2025, 3, 14, 9, 26, 53, 589793200, time.UTC)) || web.GPU != nil || web.Attr("vcpus") != 4.0 ||
		web.Attr("image") != "Canonical:ubuntu-24_04-lts:server" || web.Attr("memory_gb") != nil || len(web.Tags) != 2 {
		t.Errorf("a machine that runs: got %+v", web)
	}
	if bare.Status != cloud.StatusUnknown || bare.NativeStatus != "" || len(bare.Attrs) != 0 || bare.Tags != nil || !bare.CreatedAt.IsZero() {
		t.Errorf("a machine of nothing but nulls: got %+v", bare)
	}
	if off.Status != cloud.StatusStopped || off.Attr("vcpus") != nil || off.CreatedAt.IsZero() {
		t.Errorf("a deallocated DS3_v2, whose name does not count vCPUs: got %+v", off)
	}
	if broken.Status != cloud.StatusRunning || broken.Attr("provisioning_state") != "Failed" || broken.Attr("scale_set") != "pool" ||
		broken.GPU == nil || broken.GPU.Type != "A10" || broken.GPU.Count != 1.0/6 || broken.Attr("memory_gb") != 55.0 {
		t.Errorf("a machine with a failed extension and a sixth of a card: got %+v, GPU %+v", broken, broken.GPU)
	}
}

func TestGPUsAreListedWithoutTheirNumberWhereSizesAreDenied(t *testing.T) {
	t.Parallel()
	page := `{"totalRecords":1,"count":1,"resultTruncated":"false","data":[{"id":"` + someVM + `","name":"web-1",
		"type":"microsoft.compute/virtualmachines","location":"eastus","subscriptionId":"` + someSubscription + `","size":"Standard_ND96isr_H100_v5"}]}`
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){
		graphPath: body(page),
		"/subscriptions/" + someSubscription + "/providers/Microsoft.Compute/skus": problem(http.StatusForbidden, forbidden),
	}, "vms")
	all, err := conn.ListResources(t.Context(), nil)
	if len(all) != 1 || all[0].GPU == nil || all[0].GPU.Type != "H100 SXM" || all[0].GPU.Count != 0 {
		t.Errorf("got %+v, want an H100 SXM of unknown number", all)
	}
	if cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "GPUs in eastus are not counted") {
		t.Errorf("got %v, want a partial error that names the region", err)
	}
}

// metricsOf reads the metrics of one machine at a minute to noon.
func metricsOf(t *testing.T, conn *provider.Conn) (map[string]float64, error) {
	t.Helper()
	ref := cloud.Ref{Provider: "azure", Account: someSubscription, Region: "westeurope", Service: "vms", Type: "instance", ID: someVM}
	samples, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), []cloud.Ref{ref},
		cloud.Window{From: sim.Epoch.Add(-5 * time.Minute), To: sim.Epoch.Add(10 * time.Second)}))
	got := map[string]float64{}
	for _, s := range samples {
		if s.ID != someVM {
			t.Errorf("a sample of %s, which was not asked for in this spelling", s.ID)
		}
		got[s.Metric.Name] = s.Metric.Value
	}
	return got, err
}

func TestUnitsOfMetrics(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){batchPath: file(t, "batch.json")})
	got, err := metricsOf(t, conn)
	want := map[string]float64{
		cloud.CPUUsagePercent: 12.25, cloud.MemoryUsagePercent: 70, cloud.NetworkRxBytesPerSec: 10, cloud.NetworkTxBytesPerSec: 0,
	}
	if !maps.Equal(got, want) {
		t.Errorf("got %v, want %v: free memory is not used memory, a total is per minute, what is missing is absent", got, want)
	}
	if cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "Disk Read Bytes: InternalServerError") {
		t.Errorf("got %v, want a partial error that names the metric", err)
	}
}

func TestBatchIsAskedAsItWantsToBe(t *testing.T) {
	t.Parallel()
	var query map[string][]string
	var sent map[string][]string
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){batchPath: func(r *http.Request) (int, string) {
		query = r.URL.Query()
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		return http.StatusOK, `{"values":[]}`
	}})
	got, err := metricsOf(t, conn)
	if len(got) != 0 || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %v, %v; want a partial error: the machine is not in the answer", got, err)
	}
	if !maps.EqualFunc(sent, map[string][]string{"resourceids": {someVM}}, slices.Equal) {
		t.Errorf("the body is %v, want the lower-case key resourceids", sent)
	}
	if query["starttime"][0] != "2026-11-01T11:55:00Z" || query["endtime"][0] != "2026-11-01T12:00:00Z" || query["timespan"] != nil ||
		query["aggregation"][0] != "average,total" || query["metricnamespace"][0] != "microsoft.compute/virtualmachines" {
		t.Errorf("got %v", query)
	}
	if last := asked.asked[len(asked.asked)-1]; last != "westeurope.metrics.monitor.azure.com"+batchPath {
		t.Errorf("asked %s, want the region's own endpoint", last)
	}
}

// single is an answer of the calls to Azure Resource Manager; id is the series' resource, or empty.
func single(id string) string {
	metadata := "[]"
	if id != "" {
		metadata = fmt.Sprintf(`[{"name":{"value":"microsoft.resourceid"},"value":%q}]`, strings.ToLower(id))
	}
	return `{"cost":1,"timespan":"x","interval":"PT1M","namespace":"microsoft.compute/virtualmachines","resourceregion":"westeurope",
		"value":[{"name":{"value":"Percentage CPU"},"errorCode":"Success","timeseries":[{"metadatavalues":` + metadata +
		`,"data":[{"timeStamp":"2026-11-01T11:58:00Z","average":42}]}]}]}`
}

func TestMetricsFallBackToWhatTheRoleAllows(t *testing.T) {
	t.Parallel()
	noAudience := problem(http.StatusBadRequest, `{"error":"invalid_resource","error_description":"AADSTS500011: The resource principal named https://metrics.monitor.azure.com was not found. Trace ID: x"}`)
	tests := []struct {
		name  string
		paths map[string]func(*http.Request) (int, string)
		calls map[string]int // of two readings
		value float64
		kind  cloud.Kind
	}{
		{
			name:  "a role at subscription scope is missing for the batch",
			paths: map[string]func(*http.Request) (int, string){batchPath: problem(403, forbidden), wholePath: body(single(someVM))},
			calls: map[string]int{batchPath: 1, wholePath: 2}, value: 42,
		},
		{
			name: "only the resource may be read",
			paths: map[string]func(*http.Request) (int, string){
				batchPath: problem(403, forbidden), wholePath: problem(403, forbidden),
				someVM + "/providers/Microsoft.Insights/metrics": body(single("")),
			},
			calls: map[string]int{batchPath: 1, wholePath: 1, someVM + "/providers/Microsoft.Insights/metrics": 2}, value: 42,
		},
		{
			name: "the call at subscription scope does not know the type",
			paths: map[string]func(*http.Request) (int, string){
				batchPath: problem(404, forbidden), wholePath: problem(400, `{"error":{"code":"BadRequest","message":"not supported"}}`),
				someVM + "/providers/Microsoft.Insights/metrics": body(single("")),
			},
			calls: map[string]int{batchPath: 1, wholePath: 1, someVM + "/providers/Microsoft.Insights/metrics": 2}, value: 42,
		},
		{
			name: "the tenant does not know the audience",
			paths: map[string]func(*http.Request) (int, string){
				"/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token": func(r *http.Request) (int, string) {
					if _ = r.ParseForm(); strings.Contains(r.PostForm.Get("scope"), "metrics.monitor") {
						return noAudience(r)
					}
					return http.StatusOK, `{"token_type":"Bearer","expires_in":3599,"access_token":"opaque"}`
				},
				wholePath: body(single(someVM)),
			},
			calls: map[string]int{batchPath: 0, wholePath: 2}, value: 42,
		},
		{
			name: "nothing may be read",
			paths: map[string]func(*http.Request) (int, string){
				batchPath: problem(403, forbidden), wholePath: problem(403, forbidden),
				someVM + "/providers/Microsoft.Insights/metrics": problem(403, forbidden),
			},
			calls: map[string]int{batchPath: 1, wholePath: 1, someVM + "/providers/Microsoft.Insights/metrics": 2}, kind: cloud.KindDenied,
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			conn, asked := connect(t, tt.paths)
			for range 2 { // what will fail again is not tried again
				got, err := metricsOf(t, conn)
				if got[cloud.CPUUsagePercent] != tt.value || cloud.KindOf(err) != tt.kind {
					t.Errorf("got %v, %v; want %v and kind %q", got, err, tt.value, tt.kind)
				}
			}
			for path, want := range tt.calls {
				if n := asked.count(path); n != want {
					t.Errorf("%s was called %d times in two readings, want %d", path, n, want)
				}
			}
		})
	}
}

func TestTransientTroubleOfTheBatchIsNotHidden(t *testing.T) {
	t.Parallel()
	for status, kind := range map[int]cloud.Kind{529: cloud.KindThrottled, 503: cloud.KindUnavailable, 401: cloud.KindAuth} {
		u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 8}, Faults: []sim.Fault{
			{Host: "*.metrics.monitor.azure.com", Action: "status", Status: status, RetryAfter: "0.001"},
		}})
		all, err := u.conn.ListResources(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := u.conn.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: all}); cloud.KindOf(err) != kind {
			t.Errorf("HTTP %d: got %v of kind %q, want %q", status, err, cloud.KindOf(err), kind)
		}
	}
}

func TestLongAnswersAreSaidToBeCut(t *testing.T) {
	t.Parallel()
	var series []string
	for i := range 1000 {
		series = append(series, fmt.Sprintf(`{"metadatavalues":[{"name":{"value":"Microsoft.ResourceId"},"value":"/other/%d"}],"data":[]}`, i))
	}
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){
		batchPath: problem(403, forbidden),
		wholePath: body(`{"value":[{"name":{"value":"Percentage CPU"},"timeseries":[` + strings.Join(series, ",") + `]}]}`),
	})
	if got, err := metricsOf(t, conn); len(got) != 0 || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %v, %v; want a partial error", got, err)
	}
	page := `{"totalRecords":9,"count":1,"resultTruncated":"true","data":[{"id":"` + someVM + `","type":"microsoft.compute/virtualmachines","subscriptionId":"` + someSubscription + `"}]}`
	conn, _ = connect(t, map[string]func(*http.Request) (int, string){graphPath: body(page)}, "vms")
	if all, err := conn.ListResources(t.Context(), nil); len(all) != 1 || cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %d machines, %v; want one and a partial error", len(all), err)
	}
}

func TestRepeatedTokenEndsTheQuery(t *testing.T) {
	t.Parallel()
	page := `{"totalRecords":9,"count":1,"resultTruncated":"true","$skipToken":"again","data":[{"id":"` + someVM + `","type":"microsoft.compute/virtualmachines","subscriptionId":"` + someSubscription + `"}]}`
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){graphPath: body(page)}, "vms")
	_, err := conn.ListResources(t.Context(), nil)
	if cloud.KindOf(err) != cloud.KindResponse || len(asked.asked) > 5 {
		t.Errorf("got %v after %d calls, want an error of kind response at the second page", err, len(asked.asked))
	}
}

func TestErrorsNeverShowTheSecret(t *testing.T) {
	t.Parallel()
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){
		"/72f988bf-86f1-41af-91ab-2d7cd011db47/oauth2/v2.0/token": problem(401,
			`{"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret hunter2-hunter2 provided. Trace ID: 1"}`),
	})
	err := conn.HealthCheck(t.Context())
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok || e.Kind != cloud.KindAuth || e.Hint == "" || strings.Contains(fmt.Sprintf("%+v %v", e, err), "hunter2") ||
		strings.Contains(e.Detail, "Trace ID") {
		t.Errorf("got %+v, want an error of kind auth with a hint, without the secret and trace ids", e)
	}
}

func TestSizesFollowTheNextPage(t *testing.T) {
	t.Parallel()
	page := `{"totalRecords":1,"count":1,"resultTruncated":"false","data":[{"id":"` + someVM + `","name":"web-1",
		"type":"microsoft.compute/virtualmachines","location":"eastus","subscriptionId":"` + someSubscription + `","size":"Standard_NC6s_v3"}]}`
	skus := "/subscriptions/" + someSubscription + "/providers/Microsoft.Compute/skus"
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){graphPath: body(page), skus: func(r *http.Request) (int, string) {
		if r.URL.Query().Get("$skiptoken") == "" {
			return http.StatusOK, `{"value":[],"nextLink":"https://management.azure.com` + skus + `?$skiptoken=2"}`
		}
		return http.StatusOK, `{"value":[{"resourceType":"virtualMachines","name":"Standard_NC6s_v3","capabilities":[{"name":"GPUs","value":"1"}]}]}`
	}}, "vms")
	all, err := conn.ListResources(t.Context(), nil)
	if err != nil || len(all) != 1 || all[0].GPU == nil || all[0].GPU.Count != 1 || all[0].GPU.Type != "V100" {
		t.Errorf("got %+v, %v; want one V100", all, err)
	}
}

func TestTenantWithTooManySubscriptionsIsPartial(t *testing.T) {
	t.Parallel()
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){graphPath: file(t, "vm_page.json")}, "vms")
	asked.header = http.Header{"X-Ms-Tenant-Subscription-Limit-Hit": {"true"}}
	all, err := conn.ListResources(t.Context(), nil)
	if len(all) != 4 || cloud.KindOf(err) != cloud.KindPartial || !strings.Contains(err.Error(), "subscription_ids") {
		t.Errorf("got %d machines, %v; want 4 and a partial error that says what to do", len(all), err)
	}
}

func TestQuotaOfResourceGraphIsObeyed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		conn, asked := connect(t, map[string]func(*http.Request) (int, string){graphPath: file(t, "vm_page.json")}, "vms")
		asked.header = http.Header{"X-Ms-User-Quota-Remaining": {"0"}, "X-Ms-User-Quota-Resets-After": {"00:00:04"}}
		started := time.Now()
		for range 2 {
			_, _ = conn.ListResources(t.Context(), nil) // the sizes are not there
		}
		if took := time.Since(started); took < 4*time.Second || took > 5*time.Second {
			t.Errorf("two queries took %s, want the second one to wait the 4 s that the first was told", took)
		}
	})
}

func TestTokensAreRenewedBeforeTheyExpire(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		u := open(t, sim.Options{Seed: 5, Counts: map[string]int{"azure": 8}, Now: time.Now})
		for range 3 {
			if err := u.conn.HealthCheck(t.Context()); err != nil {
				t.Fatal(err)
			}
			time.Sleep(50 * time.Minute)
		}
		if n := u.calls("/oauth2/"); n != 2 {
			t.Errorf("%d sign-ins in 100 minutes of tokens that live for 60, want 2", n)
		}
	})
}
