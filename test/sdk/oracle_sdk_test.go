package sdk

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/common/auth"
	"github.com/oracle/oci-go-sdk/v65/containerengine"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/database"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/monitoring"
	"github.com/oracle/oci-go-sdk/v65/resourcesearch"

	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// ociSite is the simulator behind its loopback proxy, and what Oracle's own SDK needs to use it.
type ociSite struct {
	cloud  sim.Cloud
	http   *http.Client
	config common.ConfigurationProvider
	key    string // the private key's file
}

// newOCISite serves a world whose clock stands still, so that readings can be compared.
func newOCISite(t *testing.T, resources int, incidents bool) *ociSite {
	t.Helper()
	now := time.Now()
	w := sim.NewWorld(sim.Options{
		Seed: 7, Counts: map[string]int{"oracle": resources}, Incidents: incidents, Now: func() time.Time { return now },
	})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	proxy, err := sim.NewProxy(t.Context(), u, "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- proxy.Serve(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(proxy.CA())
	at, err := url.Parse(proxy.URL())
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{
		Proxy: http.ProxyURL(at), TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, ForceAttemptHTTP2: true,
	}
	t.Cleanup(transport.CloseIdleConnections)
	s := &ociSite{cloud: u.Cloud("oracle"), http: &http.Client{Transport: transport}}
	home := t.TempDir()
	for name, text := range s.cloud.Credentials().Files {
		path := filepath.Join(home, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(strings.ReplaceAll(text, "{home}", home)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s.key = filepath.Join(home, ".oci", "key.pem")
	if s.config, err = common.ConfigurationProviderFromFile(filepath.Join(home, ".oci", "config"), ""); err != nil {
		t.Fatal(err)
	}
	return s
}

// must returns v, and ends the test with an error.
func must[T any](t *testing.T) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// in points a client of the SDK at the proxy and at a region.
func (s *ociSite) in(client *common.BaseClient, setRegion func(string), region string) {
	client.HTTPClient = s.http
	setRegion(region)
}

// TestOraclesOwnSDKFindsWhatThereIs lists everything with the unmodified SDK, in pages of seven.
func TestOraclesOwnSDKFindsWhatThereIs(t *testing.T) {
	t.Parallel()
	s := newOCISite(t, 250, false)
	tenancy := must[string](t)(s.config.TenancyOCID())
	compartments := []string{tenancy}
	ids := must[identity.IdentityClient](t)(identity.NewIdentityClientWithConfigurationProvider(s.config))
	ids.HTTPClient = s.http
	for page := (*string)(nil); ; {
		r, err := ids.ListCompartments(t.Context(), identity.ListCompartmentsRequest{
			CompartmentId: &tenancy, CompartmentIdInSubtree: common.Bool(true), Page: page, Limit: common.Int(2),
			AccessLevel: identity.ListCompartmentsAccessLevelAccessible, LifecycleState: identity.CompartmentLifecycleStateActive,
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range r.Items {
			compartments = append(compartments, *c.Id)
		}
		if page = r.OpcNextPage; page == nil {
			break
		}
	}
	subscribed := must[identity.ListRegionSubscriptionsResponse](t)(
		ids.ListRegionSubscriptions(t.Context(), identity.ListRegionSubscriptionsRequest{TenancyId: &tenancy}))
	found := map[string][]string{}
	for _, region := range subscribed.Items {
		if region.Status != identity.RegionSubscriptionStatusReady {
			continue
		}
		for _, c := range compartments {
			s.list(t, *region.RegionName, c, found)
		}
	}
	want := map[string][]string{}
	for _, r := range s.cloud.Truth().Resources {
		want[r.Type] = append(want[r.Type], r.ID)
	}
	for kind := range want {
		slices.Sort(want[kind])
		slices.Sort(found[kind])
		if !slices.Equal(found[kind], want[kind]) {
			t.Errorf("%s: the SDK finds %d, the truth is %d", kind, len(found[kind]), len(want[kind]))
		}
	}
	if len(want) != 6 {
		t.Errorf("the world has %d kinds of resources, want 6", len(want))
	}
}

// list adds what is in one compartment of one region, but for what is gone.
func (s *ociSite) list(t *testing.T, region, compartment string, found map[string][]string) {
	t.Helper()
	const pageSize = 7
	ctx := t.Context()
	keep := func(kind string, id *string, state string) {
		if state != "TERMINATED" && state != "DELETED" {
			found[kind] = append(found[kind], *id)
		}
	}
	compute := must[core.ComputeClient](t)(core.NewComputeClientWithConfigurationProvider(s.config))
	s.in(&compute.BaseClient, compute.SetRegion, region)
	every(t, func(page *string) (*string, error) {
		r, err := compute.ListInstances(ctx, core.ListInstancesRequest{CompartmentId: &compartment, Page: page, Limit: common.Int(pageSize)})
		for _, i := range r.Items {
			keep("instance", i.Id, string(i.LifecycleState))
		}
		return r.OpcNextPage, err
	})
	containers := must[containerinstances.ContainerInstanceClient](t)(
		containerinstances.NewContainerInstanceClientWithConfigurationProvider(s.config))
	s.in(&containers.BaseClient, containers.SetRegion, region)
	every(t, func(page *string) (*string, error) {
		r, err := containers.ListContainerInstances(ctx, containerinstances.ListContainerInstancesRequest{
			CompartmentId: &compartment, Page: page, Limit: common.Int(pageSize),
		})
		for _, i := range r.Items {
			keep("container_instance", i.Id, string(i.LifecycleState))
		}
		return r.OpcNextPage, err
	})
	oke := must[containerengine.ContainerEngineClient](t)(containerengine.NewContainerEngineClientWithConfigurationProvider(s.config))
	s.in(&oke.BaseClient, oke.SetRegion, region)
	every(t, func(page *string) (*string, error) {
		r, err := oke.ListClusters(ctx, containerengine.ListClustersRequest{CompartmentId: &compartment, Page: page, Limit: common.Int(pageSize)})
		for _, i := range r.Items {
			keep("cluster", i.Id, string(i.LifecycleState))
		}
		return r.OpcNextPage, err
	})
	every(t, func(page *string) (*string, error) {
		r, err := oke.ListVirtualNodePools(ctx, containerengine.ListVirtualNodePoolsRequest{
			CompartmentId: &compartment, Page: page, Limit: common.Int(pageSize),
		})
		for _, i := range r.Items {
			keep("virtual_node_pool", i.Id, string(i.LifecycleState))
		}
		return r.OpcNextPage, err
	})
	every(t, func(page *string) (*string, error) {
		r, err := oke.ListNodePools(ctx, containerengine.ListNodePoolsRequest{CompartmentId: &compartment, Page: page, Limit: common.Int(pageSize)})
		for _, i := range r.Items {
			keep("node_pool", i.Id, string(i.LifecycleState))
		}
		return r.OpcNextPage, err
	})
	databases := must[database.DatabaseClient](t)(database.NewDatabaseClientWithConfigurationProvider(s.config))
	s.in(&databases.BaseClient, databases.SetRegion, region)
	every(t, func(page *string) (*string, error) {
		r, err := databases.ListAutonomousDatabases(ctx, database.ListAutonomousDatabasesRequest{
			CompartmentId: &compartment, Page: page, Limit: common.Int(pageSize),
		})
		for _, i := range r.Items {
			keep("autonomous_database", i.Id, string(i.LifecycleState))
		}
		return r.OpcNextPage, err
	})
}

// every calls list with the token of each page.
func every(t *testing.T, list func(page *string) (*string, error)) {
	t.Helper()
	for page, err := list(nil); ; page, err = list(page) {
		if err != nil {
			t.Fatal(err)
		}
		if page == nil {
			return
		}
	}
}

// TestOraclesOwnSDKReadsTheMetricsThatThereAre asks for one metric of a whole tenancy in one region.
func TestOraclesOwnSDKReadsTheMetricsThatThereAre(t *testing.T) {
	t.Parallel()
	s := newOCISite(t, 120, false)
	client := must[monitoring.MonitoringClient](t)(monitoring.NewMonitoringClientWithConfigurationProvider(s.config))
	s.in(&client.BaseClient, client.SetRegion, "us-phoenix-1")
	tenancy := must[string](t)(s.config.TenancyOCID())
	to := time.Now()
	r := must[monitoring.SummarizeMetricsDataResponse](t)(client.SummarizeMetricsData(t.Context(), monitoring.SummarizeMetricsDataRequest{
		CompartmentId: &tenancy, CompartmentIdInSubtree: common.Bool(true),
		SummarizeMetricsDataDetails: monitoring.SummarizeMetricsDataDetails{
			Namespace: common.String("oci_computeagent"), Query: common.String("MemoryUtilization[1m].groupBy(resourceId).mean()"),
			StartTime: &common.SDKTime{Time: to.Add(-5 * time.Minute)}, EndTime: &common.SDKTime{Time: to}, Resolution: common.String("1m"),
		},
	}))
	got := map[string]float64{}
	for _, m := range r.Items {
		last := m.AggregatedDatapoints[len(m.AggregatedDatapoints)-1]
		got[m.Dimensions["resourceId"]] = *last.Value
	}
	measured := 0
	for _, v := range s.cloud.Truth().Resources {
		want, ok := v.Metrics["memory_usage_percent"]
		if v.Region != "us-phoenix-1" || v.Type != "instance" || !ok {
			continue
		}
		measured++
		if math.Abs(got[v.ID]-want) > 1e-6 {
			t.Errorf("memory of %s: the SDK reads %v, the truth is %v", v.Name, got[v.ID], want)
		}
	}
	if measured == 0 || len(got) != measured {
		t.Errorf("the SDK reads %d streams, the truth is %d", len(got), measured)
	}
}

// TestOraclesOwnSDKSeesOraclesErrors: a place that may not be read, a wrong key, and a search that is silent about both.
func TestOraclesOwnSDKSeesOraclesErrors(t *testing.T) {
	t.Parallel()
	s := newOCISite(t, 60, true)
	tenancy := must[string](t)(s.config.TenancyOCID())
	ids := must[identity.IdentityClient](t)(identity.NewIdentityClientWithConfigurationProvider(s.config))
	ids.HTTPClient = s.http
	all := must[identity.ListCompartmentsResponse](t)(ids.ListCompartments(t.Context(), identity.ListCompartmentsRequest{
		CompartmentId: &tenancy, Name: common.String("restricted"),
	}))
	if len(all.Items) != 1 {
		t.Fatalf("%d compartments are called restricted, want 1", len(all.Items))
	}
	compute := must[core.ComputeClient](t)(core.NewComputeClientWithConfigurationProvider(s.config))
	compute.HTTPClient = s.http
	_, err := compute.ListInstances(t.Context(), core.ListInstancesRequest{CompartmentId: all.Items[0].Id})
	wantService(t, err, 404, "NotAuthorizedOrNotFound")

	wrong := common.NewRawConfigurationProvider(tenancy, "ocid1.user.oc1..nobody", "us-ashburn-1", "00:11",
		string(must[[]byte](t)(os.ReadFile(s.key))), nil)
	stranger := must[core.ComputeClient](t)(core.NewComputeClientWithConfigurationProvider(wrong))
	stranger.HTTPClient = s.http
	_, err = stranger.ListInstances(t.Context(), core.ListInstancesRequest{CompartmentId: &tenancy})
	wantService(t, err, 401, "NotAuthenticated")

	search := must[resourcesearch.ResourceSearchClient](t)(resourcesearch.NewResourceSearchClientWithConfigurationProvider(s.config))
	search.HTTPClient = s.http
	found := must[resourcesearch.SearchResourcesResponse](t)(search.SearchResources(t.Context(), resourcesearch.SearchResourcesRequest{
		SearchDetails: resourcesearch.StructuredSearchDetails{
			Query: common.String("query instance resources where lifecycleState != 'TERMINATED'"),
		},
		Limit: common.Int(1000),
	}))
	want := 0
	for _, r := range s.cloud.Truth().Resources {
		if r.Type == "instance" && r.Region == "us-ashburn-1" {
			want++
		}
	}
	if len(found.Items) != want {
		t.Errorf("a search finds %d instances, the truth is %d without those of the restricted compartment", len(found.Items), want)
	}
}

func wantService(t *testing.T, err error, status int, code string) {
	t.Helper()
	var e common.ServiceError
	if !errors.As(err, &e) || e.GetHTTPStatusCode() != status || e.GetCode() != code || e.GetOpcRequestID() == "" {
		t.Errorf("got %v, want a service error %d %s with a request id", err, status, code)
	}
}

// TestOraclesOwnSDKLogsInAsAnInstance exchanges the instance's certificate for a token, and uses it.
func TestOraclesOwnSDKLogsInAsAnInstance(t *testing.T) {
	t.Parallel()
	s := newOCISite(t, 10, false)
	viaProxy := func(common.HTTPRequestDispatcher) (common.HTTPRequestDispatcher, error) { return s.http, nil }
	instance := must[common.ConfigurationProvider](t)(auth.InstancePrincipalConfigurationProviderWithCustomClient(viaProxy))
	compute := must[core.ComputeClient](t)(core.NewComputeClientWithConfigurationProvider(instance))
	compute.HTTPClient = s.http
	tenancy := must[string](t)(instance.TenancyOCID())
	if r, err := compute.ListInstances(t.Context(), core.ListInstancesRequest{CompartmentId: &tenancy}); err != nil {
		t.Errorf("%v after %d instances", err, len(r.Items))
	}
	if want := must[string](t)(s.config.TenancyOCID()); tenancy != want {
		t.Errorf("the tenancy is %s, want %s", tenancy, want)
	}
}
