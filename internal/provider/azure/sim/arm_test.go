package azuresim

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

// get reads a path of Azure Resource Manager; query may add parameters.
func (x *tenant) get(t *testing.T, path string, query ...string) (int, map[string]any) {
	t.Helper()
	q := url.Values{"api-version": {"2024-11-01"}}
	for i := 0; i < len(query); i += 2 {
		q.Set(query[i], query[i+1])
	}
	status, _, body := x.send(t, http.MethodGet, "https://"+managementHost+(&url.URL{Path: path}).EscapedPath()+"?"+q.Encode(), x.mint(armAudience), "")
	return status, body
}

// list reads all pages of a list.
func (x *tenant) list(t *testing.T, path string, query ...string) (all []map[string]any) {
	t.Helper()
	status, body := x.get(t, path, query...)
	for status == http.StatusOK {
		for _, v := range body["value"].([]any) {
			all = append(all, v.(map[string]any))
		}
		next, more := body["nextLink"].(string)
		if !more {
			return all
		}
		status, _, body = x.send(t, http.MethodGet, next, x.mint(armAudience), "")
	}
	t.Fatalf("%s: HTTP %d %v", path, status, body)
	return nil
}

// at follows names and indices into an answer.
func at(v any, steps ...any) any {
	for _, s := range steps {
		switch in := v.(type) {
		case map[string]any:
			v = in[s.(string)]
		case []any:
			v = in[s.(int)]
		default:
			return nil
		}
	}
	return v
}

// find returns the first resource that is as wanted.
func (x *tenant) find(t *testing.T, want func(*resource) bool) *resource {
	t.Helper()
	i := slices.IndexFunc(x.resources, want)
	if i < 0 {
		t.Fatal("the world has no such resource")
	}
	return x.resources[i]
}

func TestEveryTypeListsWhatIsThere(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 300}})
	for _, s := range x.subscriptions {
		for _, k := range x.kinds {
			want := map[string]string{}
			for _, r := range x.resources {
				if r.sub == s && r.kind.lower == k.lower && k.service != "sql" {
					want[r.id] = r.name
				}
			}
			got := map[string]string{}
			path := "/subscriptions/" + s.id + "/providers/" + k.armType()
			if k.service == "sql" { // databases are listed below their servers
				for _, r := range x.resources {
					if r.sub == s && r.kind == k {
						want[r.id] = r.name
					}
				}
				for _, server := range x.list(t, "/subscriptions/"+s.id+"/providers/Microsoft.Sql/servers") {
					for _, db := range x.list(t, server["id"].(string)+"/databases") {
						got[db["id"].(string)] = db["name"].(string)
					}
				}
			} else {
				for _, r := range x.list(t, path) {
					got[r["id"].(string)] = r["name"].(string)
					if r["type"] != k.armType() || r["location"] == "" || at(r, "properties", "extended") != nil {
						t.Errorf("got %v, want type %s and nothing of Resource Graph's", r, k.armType())
					}
				}
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s in %s: got %d, want %d", k.service, s.name, len(got), len(want))
			}
		}
	}
}

func TestListsOfOneGroup(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 200}})
	n := 0
	for _, s := range x.subscriptions {
		for _, g := range s.groups {
			for _, r := range x.list(t, "/subscriptions/"+s.id+"/resourceGroups/"+strings.ToUpper(g)+"/providers/microsoft.compute/VIRTUALMACHINES") {
				if n++; !strings.Contains(r["id"].(string), "/resourceGroups/"+g+"/") {
					t.Errorf("group %s lists %v", g, r["id"])
				}
			}
		}
	}
	want := 0
	for _, r := range x.resources {
		if r.kind.service == "vms" {
			want++
		}
	}
	if n != want || n == 0 {
		t.Errorf("the groups list %d machines, the world has %d", n, want)
	}
}

func TestSingleResourcesAndTheirParts(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 300}})
	of := func(service string) func(*resource) bool {
		return func(r *resource) bool { return r.kind.service == service && !r.system }
	}
	vm := x.find(t, func(r *resource) bool { return of("vms")(r) && r.state == "running" && r.windows })
	bare := x.find(t, func(r *resource) bool { return of("vms")(r) && r.state == "" })
	set := x.find(t, func(r *resource) bool { return of("scale_sets")(r) && r.count > 1 })
	cluster := x.find(t, func(r *resource) bool { return of("aks")(r) && len(r.pools) > 1 })
	db, site, pg := x.find(t, of("sql")), x.find(t, of("web_apps")), x.find(t, of("postgresql"))
	server := db.id[:strings.LastIndex(db.id, "/databases/")]
	for _, tt := range []struct {
		path  string
		query []string
		steps []any
		want  any
	}{
		{vm.id, nil, []any{"properties", "hardwareProfile", "vmSize"}, vm.size.name},
		{vm.id, nil, []any{"properties", "instanceView"}, nil},
		{vm.id, []string{"$expand", "instanceView"}, []any{"properties", "instanceView", "statuses", 1, "code"}, "PowerState/running"},
		{vm.id, []string{"$EXPAND", "instanceview"}, []any{"properties", "instanceView", "osName"}, "Windows"},
		{strings.ToUpper(vm.id), nil, []any{"name"}, vm.name},
		{vm.id + "/instanceView", nil, []any{"statuses", 0, "code"}, "ProvisioningState/succeeded"},
		{vm.id + "/instanceView", nil, []any{"statuses", 1, "displayStatus"}, "VM running"},
		{vm.cardID(), nil, []any{"properties", "virtualMachine", "id"}, vm.id},
		{bare.id + "/instanceView", nil, []any{"statuses", 0, "code"}, "ProvisioningState/" + strings.ToLower(bare.provisioning)},
		{set.id, nil, []any{"sku", "capacity"}, float64(set.count)},
		{set.id + "/virtualMachines", nil, []any{"value", 1, "instanceId"}, "1"},
		{set.id + "/virtualMachines", nil, []any{"value", 0, "properties", "hardwareProfile", "vmSize"}, set.size.name},
		{cluster.id, nil, []any{"properties", "agentPoolProfiles", 1, "name"}, cluster.pools[1].name},
		{cluster.id + "/agentPools", nil, []any{"value", 0, "properties", "count"}, float64(cluster.pools[0].count)},
		{cluster.id + "/agentPools", nil, []any{"value", 1, "name"}, cluster.pools[1].name},
		{cluster.id, nil, []any{"systemData", "createdByType"}, "User"},
		{db.id, nil, []any{"type"}, "Microsoft.Sql/servers/databases"},
		{server, nil, []any{"properties", "state"}, "Ready"},
		{server + "/databases/master", nil, []any{"kind"}, "v12.0,system"},
		{site.id, nil, []any{"location"}, places()[site.region].name},
		{pg.id, nil, []any{"properties", "state"}, pg.state},
		{"/subscriptions/" + vm.sub.id + "/resourceGroups/" + vm.group, nil, []any{"properties", "provisioningState"}, "Succeeded"},
		{"/subscriptions/" + vm.sub.id, nil, []any{"displayName"}, vm.sub.name},
		{"/subscriptions/" + vm.sub.id + "/locations", nil, []any{"value", 3, "displayName"}, "West Europe"},
		{"/subscriptions/" + vm.sub.id + "/providers/microsoft.WEB", nil, []any{"registrationState"}, "Registered"},
		{"/subscriptions/" + vm.sub.id + "/providers", nil, []any{"value", 0, "resourceTypes", 1, "resourceType"}, "virtualMachineScaleSets"},
		{"/subscriptions/" + vm.sub.id + "/providers/Microsoft.Network/publicIPAddresses", nil, []any{"value"}, []any(nil)},
		{"/providers/Microsoft.Sql", nil, []any{"id"}, "/providers/Microsoft.Sql"},
		{"/tenants", nil, []any{"value", 0, "tenantId"}, x.tenant},
		{"/providers/Microsoft.ResourceGraph/operations", nil, []any{"value", 0, "name"}, "Microsoft.ResourceGraph/resources/read"},
		{"/subscriptions/" + vm.sub.id + "/resourceGroups", nil, []any{"value", 0, "type"}, "Microsoft.Resources/resourceGroups"},
		{vm.id + "/providers/Microsoft.Insights/metricNamespaces", nil, []any{"value", 0, "name"}, "Microsoft.Compute/virtualMachines"},
		{vm.id + "/providers/microsoft.insights/metricDefinitions", nil, []any{"value", 0, "name", "value"}, "Percentage CPU"},
		{vm.id + "/providers/microsoft.insights/metricDefinitions", nil, []any{"value", 3, "primaryAggregationType"}, "Total"},
	} {
		status, body := x.get(t, tt.path, tt.query...)
		got := at(body, tt.steps...)
		if list, ok := got.([]any); ok && len(list) == 0 {
			got = []any(nil)
		}
		if list, ok := tt.want.([]any); status != http.StatusOK || !ok && got != tt.want || ok && (got == nil || len(got.([]any)) != len(list)) {
			t.Errorf("%s %v: got HTTP %d, %v: %v; want %v", tt.path, tt.query, status, tt.steps, got, tt.want)
		}
	}
}

func TestWhatIsNotThereAndWhatMayNotBeDone(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Incidents: true, Counts: map[string]int{"azure": 100}})
	vm := x.find(t, func(r *resource) bool { return r.kind.service == "vms" })
	s := "/subscriptions/" + vm.sub.id
	group := s + "/resourceGroups/" + vm.group
	for _, tt := range []struct {
		method, path string
		status       int
		code         string
	}{
		{"GET", group + "/providers/Microsoft.Compute/virtualMachines/nobody", 404, "ResourceNotFound"},
		{"GET", group + "/providers/Microsoft.Compute/virtualMachines/nobody/instanceView", 404, "ResourceNotFound"},
		{"GET", group + "/providers/Microsoft.Sql/servers/nobody", 404, "ResourceNotFound"},
		{"GET", group + "/providers/Microsoft.Sql/servers/nobody/databases", 404, "ResourceNotFound"},
		{"GET", group + "/providers/Microsoft.Network/networkInterfaces/nobody", 404, "ResourceNotFound"},
		{"GET", s + "/resourceGroups/nowhere/providers/Microsoft.Compute/virtualMachines", 404, "ResourceGroupNotFound"},
		{"GET", s + "/resourceGroups/nowhere", 404, "ResourceGroupNotFound"},
		{"GET", s + "/resourceGroups/nowhere/resources", 404, "ResourceGroupNotFound"},
		{"GET", s + "/providers/Microsoft.Nothing", 404, "InvalidResourceNamespace"},
		{"GET", s + "/providers/Microsoft.Nothing/things", 404, "InvalidResourceType"},
		{"GET", s + "/providers/Microsoft.Compute/virtualMachines/" + vm.name, 404, "InvalidResourceType"},
		{"GET", vm.id + "/extensions/setup", 404, "ResourceNotFound"},
		{"GET", vm.id + "/extensions", 404, "InvalidResourceType"},
		{"GET", s + "/nothing", 404, "InvalidResourceType"},
		{"GET", "/providers/Microsoft.Nothing/operations", 404, "InvalidResourceNamespace"},
		{"GET", vm.id + "x/providers/Microsoft.Insights/metricDefinitions", 404, "ResourceNotFound"},
		{"GET", "/subscriptions/" + x.subscriptions[3].id + "/resources", 403, "AuthorizationFailed"},
		{"GET", "/subscriptions/" + x.subscriptions[3].id + "/providers/Microsoft.Compute/virtualMachines", 403, "AuthorizationFailed"},
		{"DELETE", vm.id, 403, "AuthorizationFailed"},
		{"PUT", vm.id, 403, "AuthorizationFailed"},
		{"PATCH", group + "/providers/Microsoft.Compute/virtualMachines/nobody", 403, "AuthorizationFailed"},
		{"POST", vm.id + "/start", 403, "AuthorizationFailed"},
		{"POST", s + "/resources", 405, "HttpMethodNotSupported"},
		{"DELETE", group, 405, "HttpMethodNotSupported"},
		{"PUT", "/tenants", 405, "HttpMethodNotSupported"},
	} {
		target := "https://" + managementHost + "/" + strings.TrimPrefix((&url.URL{Path: tt.path}).EscapedPath(), "/") + "?api-version=2024-11-01"
		status, _, body := x.send(t, tt.method, target, x.mint(armAudience), "")
		if status != tt.status || code(body) != tt.code {
			t.Errorf("%s %s: got HTTP %d %q, want %d %q", tt.method, tt.path, status, code(body), tt.status, tt.code)
		}
	}
}

func TestRefusalsNameTheAction(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	vm := x.find(t, func(r *resource) bool { return r.kind.service == "vms" })
	for method, want := range map[string]string{
		"DELETE": "'microsoft.compute/virtualmachines/delete'", "PUT": "'microsoft.compute/virtualmachines/write'",
		"PATCH": "'microsoft.compute/virtualmachines/write'",
	} {
		_, _, body := x.send(t, method, escape("https://"+managementHost+vm.id+"?api-version=2024-11-01"), x.mint(armAudience), "{}")
		if message, _ := at(body, "error", "message").(string); !strings.Contains(message, want) {
			t.Errorf("%s: got %q, want the action %s", method, message, want)
		}
	}
}

func TestListsComeInPages(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 2500}})
	s := "/subscriptions/" + x.subscriptions[0].id
	want := 0
	for _, r := range x.resources {
		if r.sub == x.subscriptions[0] {
			want++
		}
	}
	status, body := x.get(t, s+"/resources")
	if n := len(body["value"].([]any)); status != 200 || n != armPage || body["nextLink"] == nil {
		t.Fatalf("got HTTP %d, %d in the first page, want %d and a link to the next", status, n, armPage)
	}
	ids := map[any]bool{}
	for _, r := range x.list(t, s+"/resources") {
		ids[r["id"]] = true
		if r["properties"] != nil {
			t.Fatalf("the list of everything has properties: %v", r)
		}
	}
	if len(ids) != want {
		t.Errorf("the pages have %d resources, want %d", len(ids), want)
	}
	if got := x.list(t, s+"/providers/Microsoft.Compute/virtualMachines"); len(got) <= armPage {
		t.Errorf("got %d machines, want more than a page", len(got))
	}
	if got := x.list(t, s+"/resources", "$top", "300"); len(got) != want {
		t.Errorf("pages of 300 have %d resources, want %d", len(got), want)
	}
	next, _ := url.Parse(body["nextLink"].(string))
	if status, body := x.get(t, s+"/providers/Microsoft.Compute/virtualMachines", "$skiptoken", next.Query().Get("$skiptoken")); status != 400 || code(body) != "InvalidSkipToken" {
		t.Errorf("a token of another list: got HTTP %d %q", status, code(body))
	}
	for _, token := range []string{"", "x", writeToken(1<<40, fingerprint(s+"/resources", nil)), writeToken(-1, fingerprint(s+"/resources", nil))} {
		if status, _ := x.get(t, s+"/resources", "$skiptoken", token); (status == 200) != (token == "") {
			t.Errorf("token %q: got HTTP %d", token, status)
		}
	}
}

func TestFiltersOfTheListOfEverything(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 200}})
	s := x.subscriptions[0]
	count := func(keep func(*resource) bool) (n int) {
		for _, r := range x.resources {
			if r.sub == s && keep(r) {
				n++
			}
		}
		return n
	}
	vm := x.find(t, func(r *resource) bool { return r.sub == s && r.kind.service == "vms" })
	for filter, want := range map[string]int{
		"resourceType eq 'Microsoft.Compute/virtualMachines'": count(func(r *resource) bool { return r.kind.service == "vms" }),
		"resourceType ne 'Microsoft.Compute/virtualMachines'": count(func(r *resource) bool { return r.kind.service != "vms" }),
		"location eq 'northeurope' and resourceType eq 'Microsoft.Sql/servers/databases'": count(func(r *resource) bool {
			return r.region == "northeurope" && r.kind.service == "sql"
		}),
		"name eq '" + vm.name + "'":                   1,
		"substringof('aks', name)":                    count(func(r *resource) bool { return strings.Contains(r.name, "aks") }),
		"resourceGroup eq '" + s.groups[0] + "'":      count(func(r *resource) bool { return r.group == s.groups[0] }),
		"startswith(name, 'web') or name eq 'nobody'": count(func(r *resource) bool { return strings.HasPrefix(r.name, "web") }),
	} {
		if got := x.list(t, "/subscriptions/"+s.id+"/resources", "$filter", filter); len(got) != want {
			t.Errorf("%s: got %d, want %d", filter, len(got), want)
		}
	}
	if got, want := len(x.list(t, "/subscriptions/"+s.id+"/resourceGroups/"+s.groups[1]+"/resources")), count(func(r *resource) bool { return r.group == s.groups[1] }); got != want {
		t.Errorf("one group: got %d, want %d", got, want)
	}
	for _, filter := range []string{"size eq 1", "resourceType eq", "(name eq 'x'"} {
		if status, body := x.get(t, "/subscriptions/"+s.id+"/resources", "$filter", filter); status != 400 || code(body) != "InvalidFilterInQueryString" {
			t.Errorf("%s: got HTTP %d %q", filter, status, code(body))
		}
	}
}

func TestStatusOnlyTellsStatesAndLittleElse(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 200}})
	for _, r := range x.list(t, "/subscriptions/"+x.subscriptions[0].id+"/providers/Microsoft.Compute/virtualMachines", "statusOnly", "true") {
		if at(r, "properties", "instanceView", "statuses") == nil || at(r, "properties", "storageProfile") != nil || at(r, "properties", "hardwareProfile") == nil {
			t.Errorf("got %v, want the instance view without the profile of storage", r)
		}
	}
}
