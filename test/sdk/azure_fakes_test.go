package sdk

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	azfake "github.com/Azure/azure-sdk-for-go/sdk/azcore/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/runtime"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/monitor/query/azmetrics"
	metricsfake "github.com/Azure/azure-sdk-for-go/sdk/monitor/query/azmetrics/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v8"
	computefake "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v8/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/monitor/armmonitor"
	monitorfake "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/monitor/armmonitor/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resourcegraph/armresourcegraph"
	graphfake "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resourcegraph/armresourcegraph/fake"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"
	subscriptionsfake "github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions/fake"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

const (
	azureSubscription = "0b1f6471-1bf0-4dda-aec3-cb9272f09590"
	azureMachine      = "/subscriptions/" + azureSubscription + "/resourceGroups/Prod/providers/Microsoft.Compute/virtualMachines/gpu-1"
)

// doer is what every fake of the SDK has.
type doer interface {
	Do(*http.Request) (*http.Response, error)
}

// azureFakes sends each call of our client to the SDK's own fake of that operation. The fakes read method, path, query
// and body as the service's model has them, and refuse what does not fit.
type azureFakes struct {
	graph, subscriptions, batch, metrics, skus doer
	asked                                      []string
}

// RoundTrip implements http.RoundTripper.
func (f *azureFakes) RoundTrip(r *http.Request) (*http.Response, error) {
	path := r.URL.Path
	fake, operation := doer(nil), ""
	switch {
	case strings.HasSuffix(path, "/oauth2/v2.0/token"):
		return azureAnswer(r, http.StatusOK, `{"token_type":"Bearer","expires_in":3599,"access_token":"opaque"}`), nil
	case r.Header.Get("Authorization") != "Bearer opaque":
		return azureAnswer(r, http.StatusUnauthorized, `{"error":{"code":"AuthenticationFailed","message":"no token"}}`), nil
	case r.Method == http.MethodPost && path == "/providers/Microsoft.ResourceGraph/resources":
		fake, operation = f.graph, "Client.Resources"
	case r.Method == http.MethodPost && strings.HasSuffix(path, "/metrics:getBatch"):
		fake, operation = f.batch, "Client.QueryResources"
	case r.Method == http.MethodGet && (path == "/subscriptions" || strings.HasPrefix(path, "/subscriptions/fake_page_")):
		fake, operation = f.subscriptions, "Client.NewListPager"
	case r.Method == http.MethodGet && strings.HasSuffix(path, "/providers/Microsoft.Compute/skus"):
		fake, operation = f.skus, "ResourceSKUsClient.NewListPager"
	case r.Method == http.MethodGet && path == "/subscriptions/"+azureSubscription+"/providers/Microsoft.Insights/metrics":
		fake, operation = f.metrics, "MetricsClient.ListAtSubscriptionScope"
	case r.Method == http.MethodGet && strings.HasSuffix(path, "/providers/Microsoft.Insights/metrics"):
		fake, operation = f.metrics, "MetricsClient.List"
	}
	if fake == nil {
		return nil, fmt.Errorf("no operation of the SDK is %s %s", r.Method, r.URL)
	}
	f.asked = append(f.asked, operation)
	resp, err := fake.Do(r.WithContext(context.WithValue(r.Context(), runtime.CtxAPINameKey{}, operation)))
	if refused, ok := errors.AsType[*azcore.ResponseError](err); ok {
		return azureAnswer(r, refused.StatusCode, fmt.Sprintf(`{"error":{"code":%q,"message":"refused"}}`, refused.ErrorCode)), nil
	}
	return resp, err
}

func azureAnswer(r *http.Request, status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Status: http.StatusText(status), Request: r, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(bytes.NewBufferString(body)),
	}
}

func connectAzure(t *testing.T, f *azureFakes) *provider.Conn {
	t.Helper()
	spec, ok := all.Specs().Lookup("azure")
	if !ok {
		t.Fatal("no provider azure")
	}
	conn := provider.NewConn(spec)
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "oauth", Values: map[string]string{
			"tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47", "client_id": "reader", "client_secret": "not a secret",
		}},
		Services: []string{"vms"}, Transport: f, Now: func() time.Time { return sim.Epoch },
	})
	if err != nil {
		t.Fatal(err)
	}
	return conn
}

func twoPagesOfSubscriptions(*armsubscriptions.ClientListOptions) (p azfake.PagerResponder[armsubscriptions.ClientListResponse]) {
	for _, s := range []string{azureSubscription, "11111111-2222-4333-8444-555555555555"} {
		p.AddPage(http.StatusOK, armsubscriptions.ClientListResponse{SubscriptionListResult: armsubscriptions.SubscriptionListResult{
			Value: []*armsubscriptions.Subscription{{
				SubscriptionID: &s, DisplayName: to.Ptr("name of " + s), State: to.Ptr(armsubscriptions.SubscriptionStateEnabled),
			}},
		}}, nil)
	}
	return p
}

// twoPagesOfMachines answers the inventory: the subscription's own row first, then a machine.
func twoPagesOfMachines(t *testing.T) func(context.Context, armresourcegraph.QueryRequest, *armresourcegraph.ClientResourcesOptions) (azfake.Responder[armresourcegraph.ClientResourcesResponse], azfake.ErrorResponder) {
	return func(_ context.Context, q armresourcegraph.QueryRequest, _ *armresourcegraph.ClientResourcesOptions) (resp azfake.Responder[armresourcegraph.ClientResourcesResponse], bad azfake.ErrorResponder) {
		if q.Query == nil || !strings.Contains(*q.Query, "microsoft.compute/virtualmachines") || !strings.HasSuffix(*q.Query, "order by id asc") ||
			*q.Options.Top != 1000 || *q.Options.ResultFormat != armresourcegraph.ResultFormatObjectArray {
			t.Errorf("got query %+v", q)
		}
		page := armresourcegraph.QueryResponse{
			Count: to.Ptr[int64](1), TotalRecords: to.Ptr[int64](2), ResultTruncated: to.Ptr(armresourcegraph.ResultTruncatedFalse),
		}
		if q.Options.SkipToken == nil {
			page.SkipToken = to.Ptr("second")
			page.Data = []any{map[string]any{
				"id": "/subscriptions/" + azureSubscription, "type": "microsoft.resources/subscriptions", "subscriptionId": azureSubscription,
			}}
		} else {
			page.Data = []any{map[string]any{
				"id": azureMachine, "name": "gpu-1", "type": "microsoft.compute/virtualmachines", "location": "eastus",
				"subscriptionId": azureSubscription, "resourceGroup": "prod", "power": "PowerState/running", "size": "Standard_NC48ads_A100_v4",
				"tags": map[string]string{"team": "ml"}, "zones": nil, "sku": nil,
			}}
		}
		resp.SetResponse(http.StatusOK, armresourcegraph.ClientResourcesResponse{QueryResponse: page}, nil)
		return resp, bad
	}
}

func oneSize(o *armcompute.ResourceSKUsClientListOptions) (p azfake.PagerResponder[armcompute.ResourceSKUsClientListResponse]) {
	if o == nil || o.Filter == nil || *o.Filter != "location eq 'eastus'" {
		p.AddResponseError(http.StatusBadRequest, "InvalidFilter")
		return p
	}
	p.AddPage(http.StatusOK, armcompute.ResourceSKUsClientListResponse{ResourceSKUsResult: armcompute.ResourceSKUsResult{
		Value: []*armcompute.ResourceSKU{{
			ResourceType: to.Ptr("virtualMachines"), Name: to.Ptr("Standard_NC48ads_A100_v4"), Capabilities: []*armcompute.ResourceSKUCapabilities{
				{Name: to.Ptr("GPUs"), Value: to.Ptr("2")}, {Name: to.Ptr("vCPUs"), Value: to.Ptr("48")}, {Name: to.Ptr("MemoryGB"), Value: to.Ptr("440")},
			},
		}},
	}}, nil)
	return p
}

func azureListing(t *testing.T) *azureFakes {
	return &azureFakes{
		graph:         graphfake.NewServerTransport(&graphfake.Server{Resources: twoPagesOfMachines(t)}),
		subscriptions: subscriptionsfake.NewServerTransport(&subscriptionsfake.Server{NewListPager: twoPagesOfSubscriptions}),
		skus:          computefake.NewResourceSKUsServerTransport(&computefake.ResourceSKUsServer{NewListPager: oneSize}),
	}
}

func TestAzuresFakesAnswerOurListing(t *testing.T) {
	t.Parallel()
	conn := connectAzure(t, azureListing(t))
	scopes, err := provider.Gather(conn.Scopes(t.Context()))
	if err != nil || len(scopes) != 2 || scopes[0].AccountName != "name of "+azureSubscription {
		t.Fatalf("got scopes %+v, %v; want two from two pages", scopes, err)
	}
	found, err := conn.ListResources(t.Context(), nil)
	if len(found) != 1 || found[0].ID != azureMachine || found[0].Status != cloud.StatusRunning || found[0].GPU == nil ||
		found[0].GPU.Count != 2 || found[0].GPU.Type != "A100 PCIe" || found[0].Attr("memory_gb") != 440.0 {
		t.Errorf("got %+v", found)
	}
	if cloud.KindOf(err) != cloud.KindDenied {
		t.Errorf("got %v, want denied: the second subscription has no row of its own", err)
	}
}

func TestAzuresFakesAnswerOurMetrics(t *testing.T) {
	t.Parallel()
	at := sim.Epoch.Add(-2 * time.Minute)
	data := []*armmonitor.MetricValue{{TimeStamp: &at, Average: to.Ptr(42.0)}}
	cpu := func(metadata []*armmonitor.MetadataValue) armmonitor.Response {
		return armmonitor.Response{Timespan: to.Ptr("x"), Value: []*armmonitor.Metric{{
			ID: to.Ptr("m"), Type: to.Ptr("t"), Unit: to.Ptr(armmonitor.MetricUnitPercent), Name: &armmonitor.LocalizableString{Value: to.Ptr("Percentage CPU")},
			Timeseries: []*armmonitor.TimeSeriesElement{{Metadatavalues: metadata, Data: data}},
		}}}
	}
	batch := &metricsfake.Server{QueryResources: func(_ context.Context, sub, namespace string, names []string, ids azmetrics.ResourceIDList, o *azmetrics.QueryResourcesOptions) (resp azfake.Responder[azmetrics.QueryResourcesResponse], bad azfake.ErrorResponder) {
		if sub != azureSubscription || namespace != "microsoft.compute/virtualmachines" || len(names) == 0 || len(ids.ResourceIDs) != 1 ||
			ids.ResourceIDs[0] != azureMachine || *o.Interval != "PT1M" || o.StartTime == nil || o.EndTime == nil {
			t.Errorf("got batch of %s: %s %q %+v %+v", sub, namespace, names, ids, o)
		}
		resp.SetResponse(http.StatusOK, azmetrics.QueryResourcesResponse{MetricResults: azmetrics.MetricResults{Values: []azmetrics.MetricData{{
			StartTime: o.StartTime, EndTime: o.EndTime, ResourceID: to.Ptr(strings.ToLower(azureMachine)), Values: []azmetrics.Metric{{
				ID: to.Ptr("m"), Type: to.Ptr("t"), Unit: to.Ptr(azmetrics.MetricUnitPercent), Name: &azmetrics.LocalizableString{Value: to.Ptr("Percentage CPU")},
				TimeSeries: []azmetrics.TimeSeriesElement{{Data: []azmetrics.MetricValue{{TimeStamp: &at, Average: to.Ptr(42.0)}}}},
			}},
		}}}}, nil)
		return resp, bad
	}}
	denied := &metricsfake.Server{QueryResources: func(context.Context, string, string, []string, azmetrics.ResourceIDList, *azmetrics.QueryResourcesOptions) (resp azfake.Responder[azmetrics.QueryResourcesResponse], bad azfake.ErrorResponder) {
		bad.SetResponseError(http.StatusForbidden, "AuthorizationFailed")
		return resp, bad
	}}
	whole := func(_ context.Context, region string, o *armmonitor.MetricsClientListAtSubscriptionScopeOptions) (resp azfake.Responder[armmonitor.MetricsClientListAtSubscriptionScopeResponse], bad azfake.ErrorResponder) {
		if region != "eastus" || *o.Filter != "Microsoft.ResourceId eq '*'" || *o.Top < 1000 || *o.Metricnamespace != "microsoft.compute/virtualmachines" {
			t.Errorf("got subscription scope of %s: %+v", region, o)
		}
		resp.SetResponse(http.StatusOK, armmonitor.MetricsClientListAtSubscriptionScopeResponse{Response: cpu([]*armmonitor.MetadataValue{{
			Name: &armmonitor.LocalizableString{Value: to.Ptr("Microsoft.ResourceId")}, Value: to.Ptr(azureMachine),
		}})}, nil)
		return resp, bad
	}
	noWhole := func(context.Context, string, *armmonitor.MetricsClientListAtSubscriptionScopeOptions) (resp azfake.Responder[armmonitor.MetricsClientListAtSubscriptionScopeResponse], bad azfake.ErrorResponder) {
		bad.SetResponseError(http.StatusForbidden, "AuthorizationFailed")
		return resp, bad
	}
	one := func(_ context.Context, id string, o *armmonitor.MetricsClientListOptions) (resp azfake.Responder[armmonitor.MetricsClientListResponse], bad azfake.ErrorResponder) {
		if "/"+strings.TrimPrefix(id, "/") != azureMachine || *o.Interval != "PT1M" {
			t.Errorf("got metrics of %s: %+v", id, o)
		}
		resp.SetResponse(http.StatusOK, armmonitor.MetricsClientListResponse{Response: cpu(nil)}, nil)
		return resp, bad
	}
	for name, tt := range map[string]struct {
		fakes *azureFakes
		want  string
	}{
		"by batch":        {&azureFakes{batch: metricsfake.NewServerTransport(batch)}, "Client.QueryResources"},
		"by subscription": {&azureFakes{batch: metricsfake.NewServerTransport(denied), metrics: monitorfake.NewMetricsServerTransport(&monitorfake.MetricsServer{ListAtSubscriptionScope: whole})}, "Client.QueryResources MetricsClient.ListAtSubscriptionScope"},
		"by resource":     {&azureFakes{batch: metricsfake.NewServerTransport(denied), metrics: monitorfake.NewMetricsServerTransport(&monitorfake.MetricsServer{ListAtSubscriptionScope: noWhole, List: one})}, "Client.QueryResources MetricsClient.ListAtSubscriptionScope MetricsClient.List"},
	} {
		conn := connectAzure(t, tt.fakes)
		ref := cloud.Ref{Provider: "azure", Account: azureSubscription, Region: "eastus", Service: "vms", ID: azureMachine}
		samples, err := provider.Gather(conn.Driver().(provider.MetricsReader).Metrics(t.Context(), []cloud.Ref{ref},
			cloud.Window{From: sim.Epoch.Add(-5 * time.Minute), To: sim.Epoch}))
		if err != nil || len(samples) != 1 || samples[0].ID != azureMachine || samples[0].Metric.Value != 42 || samples[0].Metric.Name != cloud.CPUUsagePercent {
			text, _ := json.Marshal(samples)
			t.Errorf("%s: got %s, %v", name, text, err)
		}
		if got := strings.Join(tt.fakes.asked, " "); got != tt.want {
			t.Errorf("%s: asked %s, want %s", name, got, tt.want)
		}
	}
}
