package sdk

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/Azure/azure-sdk-for-go/sdk/azcore"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/arm"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/policy"
	"github.com/Azure/azure-sdk-for-go/sdk/azcore/to"
	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/monitor/query/azmetrics"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/compute/armcompute/v8"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/monitor/armmonitor"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resourcegraph/armresourcegraph"
	"github.com/Azure/azure-sdk-for-go/sdk/resourcemanager/resources/armsubscriptions"

	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// azureSDK is the official SDK at the simulator's real host names.
type azureSDK struct {
	truth   sim.Truth
	now     time.Time
	cred    *azidentity.ClientSecretCredential
	options azcore.ClientOptions
}

// arm returns the options of a client of Azure Resource Manager. By itself one would register resource providers.
func (a *azureSDK) arm() *arm.ClientOptions {
	return &arm.ClientOptions{ClientOptions: a.options, DisableRPRegistration: true}
}

func officialAzure(t *testing.T, resources int) *azureSDK {
	t.Helper()
	now := sim.Epoch.Add(30 * time.Second)
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"azure": resources}, Now: func() time.Time { return now }})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	c := u.Cloud("azure")
	a := &azureSDK{truth: c.Truth(), now: now, options: azcore.ClientOptions{
		Transport: &http.Client{Transport: u.Transport()}, Retry: policy.RetryOptions{MaxRetries: -1},
	}}
	v := c.Credentials().Values
	cred, err := azidentity.NewClientSecretCredential(v["tenant_id"], v["client_id"], v["client_secret"],
		&azidentity.ClientSecretCredentialOptions{ClientOptions: a.options}) // with instance discovery
	if err != nil {
		t.Fatal(err)
	}
	a.cred = cred
	return a
}

// count counts what the truth has.
func (a *azureSDK) count(keep func(*sim.Resource) bool) int {
	n := 0
	for i := range a.truth.Resources {
		if keep(&a.truth.Resources[i]) {
			n++
		}
	}
	return n
}

func TestAzuresOwnClientListsWhatThereIs(t *testing.T) {
	t.Parallel()
	a := officialAzure(t, 2600)
	subscriptions, err := armsubscriptions.NewClient(a.cred, a.arm())
	if err != nil {
		t.Fatal(err)
	}
	var seen []string
	for pager := subscriptions.NewListPager(nil); pager.More(); {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Value {
			seen = append(seen, *s.SubscriptionID)
			if *s.State != armsubscriptions.SubscriptionStateEnabled || *s.DisplayName == "" || *s.TenantID == "" {
				t.Errorf("got subscription %+v", s)
			}
		}
	}
	if !slices.Equal(seen, a.truth.Accounts) {
		t.Errorf("got subscriptions %q, want %q", seen, a.truth.Accounts)
	}
	graph, err := armresourcegraph.NewClient(a.cred, a.arm())
	if err != nil {
		t.Fatal(err)
	}
	services := map[string]func(kind string) string{
		"microsoft.compute/virtualmachines":          func(string) string { return "vms" },
		"microsoft.compute/virtualmachinescalesets":  func(string) string { return "scale_sets" },
		"microsoft.containerservice/managedclusters": func(string) string { return "aks" },
		"microsoft.web/sites": func(kind string) string {
			if strings.Contains(kind, "functionapp") {
				return "functions"
			}
			return "web_apps"
		},
		"microsoft.app/containerapps":               func(string) string { return "container_apps" },
		"microsoft.sql/servers/databases":           func(string) string { return "sql" },
		"microsoft.dbforpostgresql/flexibleservers": func(string) string { return "postgresql" },
	}
	got, ids := map[string]int{}, map[string]bool{}
	request := armresourcegraph.QueryRequest{
		Query:   to.Ptr("Resources | where not(kind endswith ',system') | project id, type, kind, location, properties | order by id asc"),
		Options: &armresourcegraph.QueryRequestOptions{ResultFormat: to.Ptr(armresourcegraph.ResultFormatObjectArray), Top: to.Ptr[int32](1000)},
	}
	for {
		page, err := graph.Resources(t.Context(), request, nil)
		if err != nil {
			t.Fatal(err)
		}
		if *page.ResultTruncated != armresourcegraph.ResultTruncatedFalse || *page.TotalRecords != 2600 {
			t.Fatalf("got %d records, truncated %s", *page.TotalRecords, *page.ResultTruncated)
		}
		for _, data := range page.Data.([]any) {
			row := data.(map[string]any)
			got[services[row["type"].(string)](row["kind"].(string))]++
			ids[row["id"].(string)] = true
		}
		if page.SkipToken == nil {
			break
		}
		request.Options.SkipToken = page.SkipToken
	}
	want := map[string]int{}
	for _, r := range a.truth.Resources {
		want[r.Service]++
	}
	if !maps.Equal(got, want) || len(ids) != 2600 {
		t.Errorf("got %v with %d ids, want %v", got, len(ids), want)
	}
}

// azureGroup returns running machines of the truth that are in one subscription and region, at most n.
func (a *azureSDK) group(service string, n int) (account, region string, ids []string) {
	for _, r := range a.truth.Resources {
		if r.Service != service || len(r.Metrics) == 0 || len(ids) > 0 && (r.Account != account || r.Region != region) || len(ids) == n {
			continue
		}
		account, region, ids = r.Account, r.Region, append(ids, r.ID)
	}
	return account, region, ids
}

func (a *azureSDK) metric(id, name string) (float64, bool) {
	i := slices.IndexFunc(a.truth.Resources, func(r sim.Resource) bool { return strings.EqualFold(r.ID, id) })
	if i < 0 {
		return 0, false
	}
	v, ok := a.truth.Resources[i].Metrics[name]
	return v, ok
}

func TestAzuresOwnClientsMeasureWhatIsTrue(t *testing.T) {
	t.Parallel()
	a := officialAzure(t, 400)
	account, region, ids := a.group("vms", 50)
	span := [2]string{a.now.Add(-5 * time.Minute).Format(time.RFC3339), a.now.Format(time.RFC3339)}
	batch, err := azmetrics.NewClient("https://"+region+".metrics.monitor.azure.com", a.cred, &azmetrics.ClientOptions{ClientOptions: a.options})
	if err != nil {
		t.Fatal(err)
	}
	answer, err := batch.QueryResources(t.Context(), account, "microsoft.compute/virtualmachines", []string{"Percentage CPU", "Available Memory Percentage"},
		azmetrics.ResourceIDList{ResourceIDs: ids}, &azmetrics.QueryResourcesOptions{
			StartTime: &span[0], EndTime: &span[1], Interval: to.Ptr("PT1M"), Aggregation: to.Ptr("average"),
		})
	if err != nil {
		t.Fatal(err)
	}
	if len(answer.Values) != len(ids) || len(ids) < 20 {
		t.Fatalf("got %d resources, want %d", len(answer.Values), len(ids))
	}
	for _, v := range answer.Values {
		for _, m := range v.Values {
			last := 0.0
			for _, p := range m.TimeSeries[0].Data {
				if p.Average != nil {
					last = *p.Average
				}
			}
			want, ok := a.metric(*v.ResourceID, map[string]string{"Percentage CPU": "cpu_usage_percent", "Available Memory Percentage": "memory_usage_percent"}[*m.Name.Value])
			if *m.Name.Value != "Percentage CPU" {
				want = 100 - want
			}
			if !ok || last-want > 1e-9 || want-last > 1e-9 || *m.Unit != azmetrics.MetricUnitPercent {
				t.Errorf("%s %s: got %v %s, want %v", *v.ResourceID, *m.Name.Value, last, *m.Unit, want)
			}
		}
	}
	a.otherWays(t, account, region, ids[0], span[0]+"/"+span[1])
}

// otherWays reads a machine's CPU at its own scope and at that of the subscription.
func (a *azureSDK) otherWays(t *testing.T, account, region, id, span string) {
	t.Helper()
	want, _ := a.metric(id, "cpu_usage_percent")
	metrics, err := armmonitor.NewMetricsClient(account, a.cred, a.arm())
	if err != nil {
		t.Fatal(err)
	}
	newest := func(all []*armmonitor.MetricValue) (v float64) {
		for _, p := range all {
			if p.Average != nil {
				v = *p.Average
			}
		}
		return v
	}
	one, err := metrics.List(t.Context(), id, &armmonitor.MetricsClientListOptions{
		Metricnames: to.Ptr("Percentage CPU"), Timespan: &span, Interval: to.Ptr("PT1M"), Aggregation: to.Ptr("Average"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := newest(one.Value[0].Timeseries[0].Data); got != want {
		t.Errorf("at the resource's scope: got %v, want %v", got, want)
	}
	whole, err := metrics.ListAtSubscriptionScope(t.Context(), region, &armmonitor.MetricsClientListAtSubscriptionScopeOptions{
		Metricnamespace: to.Ptr("microsoft.compute/virtualmachines"), Metricnames: to.Ptr("Percentage CPU"), Timespan: &span,
		Filter: to.Ptr("Microsoft.ResourceId eq '*'"), Top: to.Ptr[int32](1000), Interval: to.Ptr("PT1M"), Aggregation: to.Ptr("Average"),
	})
	if err != nil {
		t.Fatal(err)
	}
	all := a.count(func(r *sim.Resource) bool { return r.Service == "vms" && r.Account == account && r.Region == region })
	found := false
	for _, s := range whole.Value[0].Timeseries {
		if strings.EqualFold(*s.Metadatavalues[0].Value, id) {
			found = newest(s.Data) == want
		}
	}
	if n := len(whole.Value[0].Timeseries); !found || n != all {
		t.Errorf("at subscription scope: got %d of %d machines, the one with its value: %v", n, all, found)
	}
}

func TestAzuresOwnClientReadsSizesAndQuotas(t *testing.T) {
	t.Parallel()
	a := officialAzure(t, 100)
	skus, err := armcompute.NewResourceSKUsClient(a.truth.Accounts[0], a.cred, a.arm())
	if err != nil {
		t.Fatal(err)
	}
	gpus := map[string]string{}
	for pager := skus.NewListPager(&armcompute.ResourceSKUsClientListOptions{Filter: to.Ptr("location eq 'eastus'")}); pager.More(); {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range page.Value {
			for _, c := range s.Capabilities {
				if *c.Name == "GPUs" {
					gpus[*s.Name] = *c.Value
				}
			}
		}
	}
	if gpus["Standard_ND96isr_H100_v5"] != "8" || gpus["Standard_NC24ads_A100_v4"] != "1" || gpus["Standard_D4s_v5"] != "" {
		t.Errorf("got GPUs %v", gpus)
	}
	usage, err := armcompute.NewUsageClient(a.truth.Accounts[0], a.cred, a.arm())
	if err != nil {
		t.Fatal(err)
	}
	families := 0
	for pager := usage.NewListPager("westeurope", nil); pager.More(); {
		page, err := pager.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range page.Value {
			families++
			if *u.Limit < int64(*u.CurrentValue) || *u.Name.LocalizedValue == "" {
				t.Errorf("got usage %+v", u)
			}
		}
	}
	if families < 5 {
		t.Errorf("got %d families", families)
	}
}
