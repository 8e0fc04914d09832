package sdk

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oracle/oci-go-sdk/v65/common"
	"github.com/oracle/oci-go-sdk/v65/containerinstances"
	"github.com/oracle/oci-go-sdk/v65/core"
	"github.com/oracle/oci-go-sdk/v65/database"
	"github.com/oracle/oci-go-sdk/v65/identity"
	"github.com/oracle/oci-go-sdk/v65/limits"
	"github.com/oracle/oci-go-sdk/v65/monitoring"
	"github.com/oracle/oci-go-sdk/v65/resourcesearch"

	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/all"
	"github.com/adsops/cloudtop/internal/sim"
)

// ociDescription is what Oracle's SDK says of its services. Oracle publishes no machine-readable description.
type ociDescription struct {
	Services map[string]struct {
		BasePath   []string `json:"basePath"`
		Operations map[string]struct {
			Method   string     `json:"method"`
			Path     string     `json:"path"`
			Request  []ociField `json:"request"`
			Response []ociField `json:"response"`
		} `json:"operations"`
		Types map[string]struct {
			Fields []ociField `json:"fields"`
		} `json:"types"`
	} `json:"services"`
}

// ociField is a field of a type, a request or a response.
type ociField struct {
	Type          string `json:"type"`
	JSON          string `json:"json"`
	Mandatory     string `json:"mandatory"`
	Name          string `json:"name"`
	ContributesTo string `json:"contributesTo"`
	PresentIn     string `json:"presentIn"`
	Embed         string `json:"embed"`
	Tag           string `json:"tag"`
}

// ociContract is an http.RoundTripper that holds what passes through it against the description.
type ociContract struct {
	base http.RoundTripper
	d    *ociDescription

	mu       sync.Mutex
	checked  map[string]int
	breaches []string
}

func newOCIContract(t *testing.T, base http.RoundTripper) *ociContract {
	t.Helper()
	c := &ociContract{base: base, d: &ociDescription{}, checked: map[string]int{}}
	if err := json.Unmarshal(spec(t, "oci/oci-operations.json"), c.d); err != nil {
		t.Fatal(err)
	}
	return c
}

// services are the names of the services in the description, by the first label of their host names.
func (c *ociContract) service(host string) string {
	label, _, _ := strings.Cut(host, ".")
	return map[string]string{
		"iaas": "core", "identity": "identity", "telemetry": "monitoring", "compute-containers": "containerinstances",
		"containerengine": "containerengine", "database": "database", "query": "resourcesearch", "limits": "limits",
	}[label]
}

// RoundTrip implements http.RoundTripper.
func (c *ociContract) RoundTrip(r *http.Request) (*http.Response, error) {
	var sent []byte
	if r.GetBody != nil {
		body, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		sent, _ = io.ReadAll(body)
	}
	resp, err := c.base.RoundTrip(r)
	service := c.service(r.URL.Hostname())
	if err != nil || service == "" {
		return resp, err
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, breach := range c.check(service, r, sent, resp, body) {
		c.breaches = append(c.breaches, r.Method+" "+r.URL.Host+r.URL.Path+": "+breach)
	}
	return resp, nil
}

// check returns what is not as described.
func (c *ociContract) check(service string, r *http.Request, sent []byte, resp *http.Response, body []byte) []string {
	s := c.d.Services[service]
	name := ""
	for n, op := range s.Operations {
		base := "" // limits has it in its paths
		if len(s.BasePath) > 0 && s.BasePath[0] != "" {
			base = "/" + s.BasePath[0]
		}
		if op.Method == r.Method && samePath(base+op.Path, r.URL.Path) {
			name = n
		}
	}
	if name == "" {
		return []string{"no such operation is described"}
	}
	op := s.Operations[name]
	c.checked[name]++
	v := &ociCheck{c: c, service: service}
	v.request(op.Request, r.URL.Query(), sent)
	if resp.StatusCode == http.StatusTooManyRequests {
		return v.found // a busy machine bunches calls; they are made again
	}
	if resp.StatusCode != http.StatusOK {
		return append(v.found, fmt.Sprintf("status %d: %s", resp.StatusCode, body))
	}
	if resp.Header.Get("Opc-Request-Id") == "" {
		v.fault("", "no opc-request-id")
	}
	var answer any
	if err := json.Unmarshal(body, &answer); err != nil {
		return append(v.found, err.Error())
	}
	for _, f := range op.Response {
		switch {
		case f.PresentIn == "body":
			v.value(name, f.Type, answer)
		case f.Embed != "" && strings.Contains(f.Tag, "body"):
			v.value(name, f.Embed, answer)
		}
	}
	return v.found
}

// samePath compares a path with its template.
func samePath(template, path string) bool {
	a, b := strings.Split(template, "/"), strings.Split(path, "/")
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !strings.HasPrefix(a[i], "{") && a[i] != b[i] {
			return false
		}
	}
	return true
}

// ociCheck collects the breaches of one exchange.
type ociCheck struct {
	c       *ociContract
	service string
	found   []string
}

func (v *ociCheck) fault(where, what string) {
	if line := strings.TrimSpace(where + " " + what); !slices.Contains(v.found, line) && len(v.found) < 20 {
		v.found = append(v.found, line)
	}
}

// request checks the parameters and the body that were sent.
func (v *ociCheck) request(fields []ociField, query url.Values, sent []byte) {
	known := map[string]bool{}
	for _, f := range fields {
		switch {
		case f.ContributesTo == "query":
			known[f.Name] = true
			if f.Mandatory == "true" && query.Get(f.Name) == "" {
				v.fault(f.Name, "is missing in the query")
			}
		case f.Embed != "":
			var body any
			if err := json.Unmarshal(sent, &body); err != nil {
				v.fault("request", err.Error())
				continue
			}
			v.value("request", f.Embed, body)
		}
	}
	for name := range query {
		if !known[name] {
			v.fault(name, "is no parameter")
		}
	}
}

// value checks a JSON value against a Go type of the SDK.
func (v *ociCheck) value(where, kind string, got any) {
	kind = strings.TrimPrefix(kind, "*")
	if got == nil {
		return // nullable, or mandatory: that is checked where the field is
	}
	switch {
	case strings.HasPrefix(kind, "[]"):
		list, ok := got.([]any)
		if !ok {
			v.fault(where, fmt.Sprintf("is %T, want a list", got))
		}
		for _, e := range list {
			v.value(where+"[]", kind[2:], e)
		}
	case strings.HasPrefix(kind, "map[string]"):
		m, ok := got.(map[string]any)
		if !ok {
			v.fault(where, fmt.Sprintf("is %T, want an object", got))
		}
		for _, e := range m {
			v.value(where+"{}", strings.TrimPrefix(kind, "map[string]"), e)
		}
	case kind == "interface{}":
	case kind == "string", kind == "common.SDKTime", strings.HasSuffix(kind, "Enum"):
		if _, ok := got.(string); !ok {
			v.fault(where, fmt.Sprintf("is %T, want a string", got))
		}
	case kind == "bool":
		if _, ok := got.(bool); !ok {
			v.fault(where, fmt.Sprintf("is %T, want a boolean", got))
		}
	case strings.HasPrefix(kind, "int"):
		if n, ok := got.(float64); !ok || n != float64(int64(n)) {
			v.fault(where, fmt.Sprintf("is %v, want a whole number", got))
		}
	case strings.HasPrefix(kind, "float"):
		if _, ok := got.(float64); !ok {
			v.fault(where, fmt.Sprintf("is %T, want a number", got))
		}
	default:
		v.object(where, kind, got)
	}
}

// object checks the fields of an object: every one is described, and none that is mandatory is missing.
func (v *ociCheck) object(where, kind string, got any) {
	m, ok := got.(map[string]any)
	if !ok {
		v.fault(where, fmt.Sprintf("is %T, want an object of type %s", got, kind))
		return
	}
	t, ok := v.c.d.Services[v.service].Types[kind]
	if !ok || len(t.Fields) == 0 {
		return // one of several types that share fields: only its discriminator is known
	}
	fields := map[string]ociField{}
	for _, f := range t.Fields {
		name, _, _ := strings.Cut(f.JSON, ",")
		fields[name] = f
		if f.Mandatory == "true" && m[name] == nil {
			v.fault(where+"."+name, "is mandatory and missing")
		}
	}
	for name, e := range m {
		if f, ok := fields[name]; ok {
			v.value(where+"."+name, f.Type, e)
		} else {
			v.fault(where+"."+name, "is no field of "+kind)
		}
	}
}

// TestOracleTrafficIsAsPublished drives our client over our simulator: every request and every answer is held against
// the operations and types of Oracle's SDK.
func TestOracleTrafficIsAsPublished(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"oracle": 400}})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	check := newOCIContract(t, u.Transport())
	description, _ := all.Specs().Lookup("oracle")
	conn := provider.NewConn(description)
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "service_account", Source: "test", Values: u.Cloud("oracle").Credentials().Values},
		Transport:  check, Now: w.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	readAll(t, conn)
	for _, b := range check.breaches {
		t.Error(b)
	}
	for _, name := range []string{
		"ListInstances", "ListContainerInstances", "ListClusters", "ListNodePools", "ListVirtualNodePools", "ListAutonomousDatabases",
		"ListCompartments", "ListRegionSubscriptions", "GetTenancy", "SummarizeMetricsData",
	} {
		if check.checked[name] == 0 {
			t.Errorf("%s was not checked", name)
		}
	}
}

// Do lets the SDK use it as a client.
func (c *ociContract) Do(r *http.Request) (*http.Response, error) { return c.RoundTrip(r) }

// TestOracleSimulatorAnswersAsPublished asks with Oracle's own SDK for what our client does not ask for.
func TestOracleSimulatorAnswersAsPublished(t *testing.T) {
	t.Parallel()
	w := sim.NewWorld(sim.Options{Seed: 5, Counts: map[string]int{"oracle": 400}, Now: time.Now})
	u := sim.NewUniverse(w, all.Clouds(w)...)
	check := newOCIContract(t, u.Transport())
	values := u.Cloud("oracle").Credentials().Values
	config := common.NewRawConfigurationProvider(values["tenancy"], values["user"], "us-phoenix-1", values["fingerprint"], values["private_key"], nil)
	tenancy, ctx := values["tenancy"], t.Context()
	ids := must[identity.IdentityClient](t)(identity.NewIdentityClientWithConfigurationProvider(config))
	compute := must[core.ComputeClient](t)(core.NewComputeClientWithConfigurationProvider(config))
	containers := must[containerinstances.ContainerInstanceClient](t)(containerinstances.NewContainerInstanceClientWithConfigurationProvider(config))
	databases := must[database.DatabaseClient](t)(database.NewDatabaseClientWithConfigurationProvider(config))
	metrics := must[monitoring.MonitoringClient](t)(monitoring.NewMonitoringClientWithConfigurationProvider(config))
	quota := must[limits.LimitsClient](t)(limits.NewLimitsClientWithConfigurationProvider(config))
	search := must[resourcesearch.ResourceSearchClient](t)(resourcesearch.NewResourceSearchClientWithConfigurationProvider(config))
	for _, c := range []*common.BaseClient{
		&ids.BaseClient, &compute.BaseClient, &containers.BaseClient, &databases.BaseClient, &metrics.BaseClient, &search.BaseClient,
		&quota.BaseClient,
	} {
		c.HTTPClient = check
	}
	// the home region has databases and containers, the other one has GPUs
	containers.SetRegion("us-ashburn-1")
	databases.SetRegion("us-ashburn-1")
	ads := must[identity.ListAvailabilityDomainsResponse](t)(ids.ListAvailabilityDomains(ctx, identity.ListAvailabilityDomainsRequest{CompartmentId: &tenancy}))
	places := must[identity.ListCompartmentsResponse](t)(ids.ListCompartments(ctx, identity.ListCompartmentsRequest{CompartmentId: &tenancy}))
	must[identity.GetCompartmentResponse](t)(ids.GetCompartment(ctx, identity.GetCompartmentRequest{CompartmentId: places.Items[0].Id}))
	must[identity.ListRegionsResponse](t)(ids.ListRegions(ctx))
	machines := must[core.ListInstancesResponse](t)(compute.ListInstances(ctx, core.ListInstancesRequest{CompartmentId: &tenancy}))
	must[core.GetInstanceResponse](t)(compute.GetInstance(ctx, core.GetInstanceRequest{InstanceId: machines.Items[0].Id}))
	must[core.ListShapesResponse](t)(compute.ListShapes(ctx, core.ListShapesRequest{CompartmentId: &tenancy}))
	attached := must[core.ListVnicAttachmentsResponse](t)(compute.ListVnicAttachments(ctx, core.ListVnicAttachmentsRequest{CompartmentId: &tenancy}))
	must[core.ListComputeCapacityTopologiesResponse](t)(compute.ListComputeCapacityTopologies(ctx, core.ListComputeCapacityTopologiesRequest{CompartmentId: &tenancy}))
	report := must[core.CreateComputeCapacityReportResponse](t)(compute.CreateComputeCapacityReport(ctx, core.CreateComputeCapacityReportRequest{
		CreateComputeCapacityReportDetails: core.CreateComputeCapacityReportDetails{
			CompartmentId: &tenancy, AvailabilityDomain: ads.Items[0].Name,
			ShapeAvailabilities: []core.CreateCapacityReportShapeAvailabilityDetails{{InstanceShape: common.String("BM.GPU.H100.8")}},
		},
	}))
	running := must[containerinstances.ListContainerInstancesResponse](t)(containers.ListContainerInstances(ctx, containerinstances.ListContainerInstancesRequest{CompartmentId: &tenancy}))
	must[containerinstances.GetContainerInstanceResponse](t)(containers.GetContainerInstance(ctx, containerinstances.GetContainerInstanceRequest{ContainerInstanceId: running.Items[0].Id}))
	must[containerinstances.ListContainersResponse](t)(containers.ListContainers(ctx, containerinstances.ListContainersRequest{CompartmentId: &tenancy}))
	must[containerinstances.ListContainerInstanceShapesResponse](t)(containers.ListContainerInstanceShapes(ctx, containerinstances.ListContainerInstanceShapesRequest{CompartmentId: &tenancy}))
	stores := must[database.ListAutonomousDatabasesResponse](t)(databases.ListAutonomousDatabases(ctx, database.ListAutonomousDatabasesRequest{CompartmentId: &tenancy}))
	must[database.GetAutonomousDatabaseResponse](t)(databases.GetAutonomousDatabase(ctx, database.GetAutonomousDatabaseRequest{AutonomousDatabaseId: stores.Items[0].Id}))
	must[database.ListDbSystemsResponse](t)(databases.ListDbSystems(ctx, database.ListDbSystemsRequest{CompartmentId: &tenancy}))
	emitted := must[monitoring.ListMetricsResponse](t)(metrics.ListMetrics(ctx, monitoring.ListMetricsRequest{
		CompartmentId: &tenancy, CompartmentIdInSubtree: common.Bool(true), ListMetricsDetails: monitoring.ListMetricsDetails{GroupBy: []string{"namespace"}},
	}))
	found := must[resourcesearch.SearchResourcesResponse](t)(search.SearchResources(ctx, resourcesearch.SearchResourcesRequest{
		SearchDetails: resourcesearch.FreeTextSearchDetails{Text: common.String("web")},
	}))
	must[limits.ListServicesResponse](t)(quota.ListServices(ctx, limits.ListServicesRequest{CompartmentId: &tenancy}))
	must[limits.ListLimitValuesResponse](t)(quota.ListLimitValues(ctx, limits.ListLimitValuesRequest{CompartmentId: &tenancy, ServiceName: common.String("compute")}))
	must[limits.GetResourceAvailabilityResponse](t)(quota.GetResourceAvailability(ctx, limits.GetResourceAvailabilityRequest{
		CompartmentId: &tenancy, ServiceName: common.String("compute"), LimitName: common.String("gpu4-count"), AvailabilityDomain: ads.Items[0].Name,
	}))
	must[resourcesearch.ListResourceTypesResponse](t)(search.ListResourceTypes(ctx, resourcesearch.ListResourceTypesRequest{}))
	if len(attached.Items) == 0 || len(report.ShapeAvailabilities) != 1 || len(emitted.Items) < 3 || len(found.Items) == 0 {
		t.Errorf("%d cards, %d shapes, %d namespaces, %d found", len(attached.Items), len(report.ShapeAvailabilities), len(emitted.Items), len(found.Items))
	}
	for _, b := range check.breaches {
		t.Error(b)
	}
	if len(check.checked) != 23 {
		t.Errorf("%d operations were checked, want 23: %v", len(check.checked), check.checked)
	}
}

// TestOracleContractSeesABreach proves that the check can fail.
func TestOracleContractSeesABreach(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, path, answer string }{
		{"a wrong type", "/20160918/instances?compartmentId=c", `[{"availabilityDomain":"a","compartmentId":"c","id":7,"lifecycleState":"RUNNING","region":"r","shape":"s","timeCreated":"t"}]`},
		{"an unknown field", "/20160918/instances?compartmentId=c", `[{"availabilityDomain":"a","compartmentId":"c","id":"i","lifecycleState":"RUNNING","region":"r","shape":"s","timeCreated":"t","colour":"red"}]`},
		{"a missing field", "/20160918/instances?compartmentId=c", `[{"id":"i"}]`},
		{"a missing parameter", "/20160918/instances", `[]`},
		{"an unknown parameter", "/20160918/instances?compartmentId=c&colour=red", `[]`},
		{"an unknown operation", "/20160918/colours", `[]`},
	} {
		check := newOCIContract(t, roundTripper(func(r *http.Request) (*http.Response, error) {
			return &http.Response{
				StatusCode: http.StatusOK, Request: r, Header: http.Header{"Opc-Request-Id": {"1"}},
				Body: io.NopCloser(strings.NewReader(tt.answer)),
			}, nil
		}))
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://iaas.us-ashburn-1.oraclecloud.com"+tt.path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := check.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if len(check.breaches) != 1 && tt.name != "a missing field" || len(check.breaches) == 0 {
			t.Errorf("%s: breaches = %q, want one", tt.name, check.breaches)
		}
	}
}
