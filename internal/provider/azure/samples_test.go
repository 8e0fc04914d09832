package azure_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/internal/provider/azure"
)

// attrs are the attributes of a resource by name.
func attrs(r *cloud.Resource) map[string]any {
	out := map[string]any{}
	for _, a := range r.Attrs {
		out[a.Name] = a.Value
	}
	return out
}

// listed lists everything that an answer of Resource Graph holds, by name.
func listed(t *testing.T, name string, services ...string) (map[string]cloud.Resource, error) {
	t.Helper()
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){graphPath: file(t, name)}, services...)
	all, err := conn.ListResources(t.Context(), nil)
	out := map[string]cloud.Resource{}
	for _, r := range all {
		out[r.Name] = r
	}
	return out, err
}

func TestEveryFieldOfEveryService(t *testing.T) {
	t.Parallel()
	created := time.Date(2025, 3, 14, 9, 26, 53, 0, time.UTC)
	tests := map[string]struct {
		service, kind, native string
		status                cloud.Status
		created               time.Time // to the second; zero = not told
		tags                  int
		attrs                 map[string]any
	}{
		"vm-full": {"vms", "instance", "running", cloud.StatusRunning, created, 1, map[string]any{
			"resource_group": "prod", "zones": []string{"1"}, "vm_size": "Standard_D4s_v5", "os": "Windows", "os_disk_size_gb": 127.0,
			"image": "MicrosoftWindowsServer:WindowsServer:2025-datacenter-azure-edition", "priority": "Spot", "license": "Windows_Server",
			"scale_set": "flex", "vcpus": 4.0,
		}},
		"set-full": {"scale_sets", "scale_set", "Updating", cloud.StatusRunning, created, 0, map[string]any{
			"resource_group": "prod", "zones": []string{"1", "2", "3"}, "vm_size": "Standard_F8s_v2", "instances": 3.0, "os": "Linux",
			"orchestration": "Uniform", "priority": "Spot", "license": "RHEL_BYOS", "vcpus": 8.0,
		}},
		"aks-full": {"aks", "cluster", "Running", cloud.StatusRunning, time.Time{}, 0, map[string]any{
			"resource_group": "prod", "kubernetes_version": "1.33.4", "nodes": 5.0, "node_pools": []string{"system", "user"},
			"node_pool_sizes": []string{"Standard_D4s_v5", "Standard_E16s_v5"}, "tier": "Standard",
			"fqdn": "aks-1a2b.hcp.westeurope.azmk8s.io", "node_resource_group": "MC_prod_aks-full_westeurope", "provisioning_state": "Updating",
		}},
		"fn-full": {"functions", "function_app", "Running", cloud.StatusRunning, time.Time{}, 1, map[string]any{
			"resource_group": "prod", "kind": "functionapp,linux", "plan": "plan-flex", "runtime": "python 3.13", "https_only": true,
			"host": "fn-full.azurewebsites.net", "modified_at": time.Date(2025, 3, 14, 9, 26, 53, 96666700, time.UTC),
		}},
		"web-full": {"web_apps", "web_app", "Stopped", cloud.StatusStopped, time.Time{}, 0, map[string]any{
			"resource_group": "prod", "kind": "app,linux,container", "plan": "plan-b1", "https_only": false, "host": "web-full.azurewebsites.net",
		}},
		"ca-full": {"container_apps", "container_app", "Running", cloud.StatusRunning, time.Time{}, 0, map[string]any{
			"resource_group": "prod", "images": []string{"contoso.azurecr.io/app:1.4", "contoso.azurecr.io/log:2"}, "vcpus_per_replica": 0.75,
			"memory_per_replica_gb": 1.5, "replicas_min": 0.0, "replicas_max": 10.0, "revision": "ca-full--8f3kq",
			"workload_profile": "Consumption", "environment": "env-prod", "fqdn": "ca-full.example.azurecontainerapps.io",
		}},
		"orders": {"sql", "database", "Online", cloud.StatusRunning, created, 0, map[string]any{
			"resource_group": "prod", "server": "sql-prod", "tier": "GeneralPurpose", "sku": "GP_S_Gen5", "capacity": 4.0,
			"service_objective": "GP_S_Gen5_4", "elastic_pool": "pool-1", "max_size_gb": 32.0, "vcores_min": 0.5, "auto_pause_minutes": 60.0,
			"zone_redundant": true,
		}},
		"pg-full": {"postgresql", "server", "Ready", cloud.StatusRunning, time.Time{}, 0, map[string]any{
			"resource_group": "prod", "engine_version": "17", "tier": "GeneralPurpose", "sku": "Standard_D2ds_v5", "storage_gb": 128.0,
			"high_availability": "ZoneRedundant", "host": "pg-full.postgres.database.azure.com",
		}},
	}
	for form, name := range map[string]string{"whole rows": "graph_rows.json", "the columns that are asked for": projected(t, "graph_rows.json")} {
		all, err := listed(t, name)
		if err != nil || len(all) != len(tests) {
			t.Fatalf("%s: got %d resources, %v; want %d", form, len(all), err, len(tests))
		}
		for name, want := range tests {
			r := all[name]
			if r.Provider != "azure" || r.Account != someSubscription || r.Region != "westeurope" || r.Service != want.service || r.Type != want.kind ||
				r.NativeStatus != want.native || r.Status != want.status || !r.CreatedAt.Truncate(time.Second).Equal(want.created) || len(r.Tags) != want.tags {
				t.Errorf("%s: %s: got %+v, want %+v", form, name, r, want)
			}
			if got := attrs(&r); !reflect.DeepEqual(got, want.attrs) {
				t.Errorf("%s: %s:\n got %v\nwant %v", form, name, got, want.attrs)
			}
			if text := fmt.Sprintf("%+v", r); strings.Contains(text, "TOP-SECRET") {
				t.Errorf("%s: %s shows a secret: %s", form, name, text)
			}
		}
	}
}

// projected writes the rows of a file as the query's projection gives them, and returns the new file's name.
func projected(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var page map[string]any
	if err := json.Unmarshal(data, &page); err != nil {
		t.Fatal(err)
	}
	for _, v := range page["data"].([]any) {
		row := v.(map[string]any)
		for column, path := range columns(t) {
			if value := follow(row, strings.Split(path, ".")); column != path || row[column] == nil {
				row[column] = value
			}
		}
		delete(row, "properties")
	}
	out := t.TempDir() + "/projected.json"
	if data, err = json.Marshal(page); err == nil {
		err = os.WriteFile(out, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// columns reads the projection of the query that the client sends: column -> path.
func columns(t *testing.T) map[string]string {
	t.Helper()
	var sent struct{ Query string }
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){graphPath: func(r *http.Request) (int, string) {
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		return http.StatusOK, `{"data":[]}`
	}})
	if _, err := conn.ListResources(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(sent.Query, "| project ")
	list, _, _ = strings.Cut(list, " | order by")
	out := map[string]string{}
	for column := range strings.SplitSeq(list, ", ") {
		name, path, renamed := strings.Cut(column, "=")
		if !renamed {
			path = name
		}
		out[name] = path
	}
	return out
}

func follow(v any, path []string) any {
	for _, p := range path {
		m, _ := v.(map[string]any)
		v = m[p]
	}
	return v
}

func TestOddRowsCostOnlyWhatIsOdd(t *testing.T) {
	t.Parallel()
	all, err := listed(t, "graph_odd.json", "vms", "scale_sets")
	if cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %v, want a partial error: something could not be read", err)
	}
	tests := map[string]struct {
		region, native string
		status         cloud.Status
		attrs          map[string]any
	}{
		"minimal": {"", "", cloud.StatusUnknown, map[string]any{}},
		"words": {"eastus2", "hibernated", cloud.StatusUnknown, map[string]any{
			"vm_size": "Quantum_Q1", "os_disk_size_gb": 128.0, "provisioning_state": "Migrating",
		}},
		"odd":     {"eastus", "running", cloud.StatusRunning, map[string]any{"vm_size": "Standard_D4s_v5", "vcpus": 4.0}},
		"text":    {"", "Succeeded", cloud.StatusRunning, map[string]any{"vm_size": "Standard_D4s_v5", "vcpus": 4.0, "instances": 3.0}},
		"unknown": {"", "Succeeded", cloud.StatusUnknown, map[string]any{"vm_size": "Standard_D4s_v5", "vcpus": 4.0}},
		"last":    {"", "stopped", cloud.StatusStopped, map[string]any{}},
	}
	if len(all) != len(tests) {
		t.Errorf("got %d resources, %v; want %d", len(all), err, len(tests))
	}
	for name, want := range tests {
		r := all[name]
		if r.Account != someSubscription || r.Region != want.region || r.NativeStatus != want.native || r.Status != want.status ||
			!r.CreatedAt.IsZero() || r.Tags != nil || !reflect.DeepEqual(attrs(&r), want.attrs) {
			t.Errorf("%s: got %+v, want %+v", name, r, want)
		}
	}
}

func TestAnswersThatCannotBeUnderstoodAreSaidToBe(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"a list":                 `[]`,
		"rows that are no list":  `{"data":{"columns":[],"rows":[]}}`,
		"a token that is none":   `{"data":[],"$skipToken":7}`,
		"not JSON":               `<html>`,
		"an answer that is text": `"hello"`,
	} {
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){graphPath: body(text)}, "vms")
		all, err := conn.ListResources(t.Context(), nil)
		if len(all) != 0 || cloud.KindOf(err) != cloud.KindResponse {
			t.Errorf("%s: got %d machines, %v of kind %q; want kind response", name, len(all), err, cloud.KindOf(err))
		}
	}
}

func TestSubscriptionsOfEveryForm(t *testing.T) {
	t.Parallel()
	list := `{"value":[
		{"id":"/subscriptions/a","subscriptionId":"AAAA","displayName":"Production","state":"Enabled","tenantId":"t","tags":{"x":"y"},"newField":1},
		{"subscriptionId":"bbbb","displayName":null,"state":"Warned"}, {"subscriptionId":"cccc","displayName":"Old","state":"Deleted"},
		{"subscriptionId":"dddd","displayName":"Late","state":"PastDue"}, {"subscriptionId":"eeee","displayName":"Off","state":"Disabled"},
		{"subscriptionId":"ffff","displayName":7,"state":"SomethingNew"}, null, {"displayName":"nobody"}],
		"count":{"type":"Total","value":8}}`
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){"/subscriptions": body(list)})
	scopes, err := provider.Gather(conn.Scopes(t.Context()))
	if cloud.KindOf(err) != cloud.KindPartial {
		t.Errorf("got %v, want a partial error: a name could not be read", err)
	}
	want := []cloud.Scope{
		{Account: "aaaa", AccountName: "Production"}, {Account: "bbbb"}, {Account: "dddd", AccountName: "Late"},
		{Account: "eeee", AccountName: "Off"}, {Account: "ffff"},
	}
	if !reflect.DeepEqual(scopes, want) {
		t.Errorf("got %+v, want %+v", scopes, want)
	}
}

func TestSubscriptionsComeInPages(t *testing.T) {
	t.Parallel()
	page := func(id, next string) string {
		return fmt.Sprintf(`{"value":[{"subscriptionId":%q,"displayName":"S %s","state":"Enabled"}],"nextLink":%q}`, id, id, next)
	}
	const base = "https://management.azure.com/subscriptions?api-version=2022-12-01&$skiptoken="
	conn, asked := connect(t, map[string]func(*http.Request) (int, string){"/subscriptions": func(r *http.Request) (int, string) {
		switch r.URL.Query().Get("$skiptoken") {
		case "":
			return http.StatusOK, page("1", base+"2")
		case "2":
			return http.StatusOK, page("2", base+"3")
		}
		return http.StatusOK, page("3", base+"3") // a link to itself ends the list
	}})
	scopes, err := provider.Gather(conn.Scopes(t.Context()))
	if err != nil || len(scopes) != 3 || scopes[2].AccountName != "S 3" {
		t.Errorf("got %+v, %v; want three subscriptions", scopes, err)
	}
	if err := conn.HealthCheck(t.Context()); err != nil || len(asked.asked) != 5 {
		t.Errorf("the check: %v after %q; want one more call, of the first page", err, asked.asked)
	}
}

func TestASecondPageThatFailsKeepsTheFirst(t *testing.T) {
	t.Parallel()
	row := `{"id":"` + someVM + `","name":"web-1","type":"microsoft.compute/virtualmachines","subscriptionId":"` + someSubscription + `"}`
	conn, _ := connect(t, map[string]func(*http.Request) (int, string){graphPath: func(r *http.Request) (int, string) {
		var sent struct {
			Options struct {
				SkipToken string `json:"$skipToken"`
			}
		}
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
			t.Error(err)
		}
		if sent.Options.SkipToken != "" {
			return http.StatusForbidden, forbidden
		}
		return http.StatusOK, `{"data":[` + row + `],"$skipToken":"two","resultTruncated":"true","totalRecords":2}`
	}}, "vms")
	all, err := conn.ListResources(t.Context(), nil)
	if len(all) != 1 || cloud.KindOf(err) != cloud.KindDenied {
		t.Errorf("got %d machines, %v; want the first page's and the second's error", len(all), err)
	}
}

func TestASubscriptionIsOnlyDeniedWhereTheAnswerShowsOthers(t *testing.T) {
	t.Parallel()
	vm := `{"id":"` + someVM + `","type":"microsoft.compute/virtualmachines","subscriptionId":"` + someSubscription + `"}`
	other := `{"id":"/subscriptions/other","type":"microsoft.resources/subscriptions","subscriptionId":"other"}`
	for name, tt := range map[string]struct {
		rows string
		kind cloud.Kind
	}{
		"nothing at all":                 {``, ""},
		"a resource of it, none of SQL":  {vm, ""},
		"only another subscription":      {other, cloud.KindDenied},
		"a resource of it and the other": {vm + "," + other, ""},
	} {
		conn, _ := connect(t, map[string]func(*http.Request) (int, string){graphPath: body(`{"data":[` + tt.rows + `]}`)}, "sql", "vms")
		_, err := conn.ListResources(t.Context(), &provider.ResourceFilter{Services: []string{"sql"}})
		if cloud.KindOf(err) != tt.kind {
			t.Errorf("%s: got %v, want kind %q", name, err, tt.kind)
		}
	}
}

func TestRegionsAreNamedAsPeopleNameThem(t *testing.T) {
	t.Parallel()
	var sent struct{ Query string }
	a := &answers{paths: map[string]func(*http.Request) (int, string){
		"/subscriptions": body(subscription), graphPath: func(r *http.Request) (int, string) {
			if err := json.NewDecoder(r.Body).Decode(&sent); err != nil {
				t.Error(err)
			}
			return http.StatusOK, `{"data":[]}`
		},
	}}
	conn := provider.NewConn(azure.Spec())
	err := conn.Initialize(t.Context(), &provider.ProviderConfig{
		Credential: provider.Credential{Method: "oauth", Values: map[string]string{"tenant_id": "72f988bf-86f1-41af-91ab-2d7cd011db47", "client_id": "r", "client_secret": "s"}},
		Transport:  a, Regions: []string{"West Europe", "eastus", `x' or 'a`},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ListResources(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if want := `location in~ ('westeurope','eastus','xora')`; !strings.Contains(sent.Query, want) {
		t.Errorf("got %s, want %s: a quote may not end a literal", sent.Query, want)
	}
}
