package azuresim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// TestTheTruthIsWhatAQueryTells reads every resource as a client would and compares what both say of it.
func TestTheTruthIsWhatAQueryTells(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 500}, Incidents: true})
	wire := map[string]map[string]any{}
	options := map[string]any{}
	for {
		_, rows, answer := x.ask(t, "Resources | where name != 'master' | project id, name, type, location, tags, kind, properties, subscriptionId | order by id asc", options)
		for _, r := range rows {
			row := r.(map[string]any)
			wire[row["id"].(string)] = row
		}
		token, more := answer["$skipToken"]
		if !more {
			break
		}
		options["$skipToken"] = token
	}
	truth := x.Truth()
	if len(wire) != len(truth.Resources) || len(wire) != 500 {
		t.Fatalf("a query tells of %d resources, the truth of %d", len(wire), len(truth.Resources))
	}
	for _, r := range truth.Resources {
		row := wire[r.ID]
		tags := map[string]string{}
		if all, ok := row["tags"].(map[string]any); ok {
			for k, v := range all {
				tags[k] = v.(string)
			}
		}
		if row == nil || row["name"] != r.Name || row["location"] != r.Region || row["subscriptionId"] != r.Account || !maps.Equal(tags, r.Tags) {
			t.Errorf("%s: a query tells %v with tags %v, the truth %+v", r.ID, row["name"], tags, r)
			continue
		}
		var native any
		for _, path := range [][]any{{"extended", "instanceView", "powerState", "code"}, {"powerState", "code"}, {"state"}, {"status"}, {"runningStatus"}, {"provisioningState"}} {
			if native = at(row["properties"], path...); native != nil {
				break
			}
		}
		provisioning := at(row["properties"], "provisioningState")
		if word := strings.TrimPrefix(fmt.Sprint(native), "PowerState/"); word != r.NativeStatus && provisioning != r.NativeStatus {
			t.Errorf("%s: a query tells state %v and %v, the truth %q", r.ID, native, provisioning, r.NativeStatus)
		}
		for _, field := range []string{"timeCreated", "creationDate"} {
			if text, ok := at(row["properties"], field).(string); ok && !r.CreatedAt.IsZero() {
				if made, err := time.Parse(time.RFC3339, text); err != nil || !made.Equal(r.CreatedAt) {
					t.Errorf("%s: made at %s, truly at %s", r.ID, text, r.CreatedAt)
				}
			}
		}
	}
	for _, k := range x.kinds {
		if !slices.Contains(truth.Denied, "//"+k.service) {
			t.Errorf("%s is not among what is denied: %v", k.service, truth.Denied)
		}
	}
	if len(truth.Accounts) != 3 || slices.Contains(truth.Accounts, x.subscriptions[3].id) {
		t.Errorf("got accounts %v", truth.Accounts)
	}
}

// TestTheTruthsCardsAreThoseOfTheSizes counts GPUs by the list of sizes, in which a part of a card is told as one.
func TestTheTruthsCardsAreThoseOfTheSizes(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 500}})
	cards := map[string]float64{}
	for _, v := range x.list(t, "/subscriptions/"+x.subscriptions[0].id+"/providers/Microsoft.Compute/skus", "$filter", "location eq 'eastus'") {
		for _, c := range v["capabilities"].([]any) {
			if at(c, "name") == "GPUs" {
				n, err := strconv.ParseFloat(at(c, "value").(string), 64)
				if err != nil {
					t.Fatal(err)
				}
				cards[v["name"].(string)] = n
			}
		}
	}
	checked := map[string]int{}
	for _, r := range x.Truth().Resources {
		of := x.byID[strings.ToLower(r.ID)]
		want := 0.0
		switch r.Service {
		case "vms":
			want = cards[of.size.name]
		case "scale_sets":
			want = cards[of.size.name] * float64(of.count)
		case "aks":
			for _, p := range of.pools {
				want += cards[p.size.name] * float64(p.count)
			}
		}
		if part := of.size != nil && of.size.gpus > 0 && of.size.gpus < 1; part {
			want *= of.size.gpus
		}
		if r.GPUCount != want || (r.GPUCount > 0) != (r.GPUType != "") && r.Service == "vms" {
			t.Errorf("%s of %s: has %v cards (%s), want %v", r.Service, r.ID, r.GPUCount, r.GPUType, want)
		}
		if want > 0 {
			checked[r.Service]++
		}
	}
	if checked["vms"] == 0 || checked["scale_sets"] == 0 || checked["aks"] == 0 {
		t.Errorf("cards are in %v alone", checked)
	}
}

// TestPartsOfPathsThatAreNoResources has what stands between a subscription and its resources, right and wrong.
func TestPartsOfPathsThatAreNoResources(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 100}})
	s := x.subscriptions[0]
	base, group := "/subscriptions/"+s.id, s.groups[0]
	sql := x.find(t, func(r *resource) bool { return r.kind.service == "sql" && r.sub == s && !r.system })
	server := sql.id[:strings.LastIndex(sql.id, "/databases/")]
	for _, tt := range []struct {
		path   string
		status int
		code   string
	}{
		{base + "/resourceGroups/" + group, 200, ""}, {base + "/resourceGroups/nobody", 404, "ResourceGroupNotFound"},
		{base + "/resourceGroups/" + group + "/resources", 200, ""}, {base + "/resourceGroups/nobody/resources", 404, "ResourceGroupNotFound"},
		{base + "/resourceGroups/" + group + "/providers/Microsoft.Compute/virtualMachines", 200, ""},
		{base + "/resourceGroups/nobody/providers/Microsoft.Compute/virtualMachines", 404, "ResourceGroupNotFound"},
		{base + "/resourceGroups/" + group + "/providers/Microsoft.Compute/virtualMachines/nobody", 404, "ResourceNotFound"},
		{base + "/resourceGroups/" + group + "/providers/Microsoft.Compute/virtualMachines/nobody/instanceView", 404, "ResourceNotFound"},
		{base + "/resourceGroups/" + group + "/providers/Microsoft.Compute", 404, "InvalidResourceType"},
		{base + "/resourceGroups/" + group + "/providers", 404, "InvalidResourceType"},
		{base + "/providers/Microsoft.Nothing", 404, "InvalidResourceNamespace"}, {base + "/providers/Microsoft.Nothing/things", 404, "InvalidResourceType"},
		{base + "/providers/Microsoft.Compute/virtualMachines/without-a-group", 404, "InvalidResourceType"},
		{base + "/providers/Microsoft.Sql/servers/databases", 404, "InvalidResourceType"},
		{server, 200, ""}, {server + "x", 404, "ResourceNotFound"}, {server + "/databases", 200, ""}, {server + "x/databases", 404, "ResourceNotFound"},
		{server + "/databases/master", 200, ""}, {server + "/databases/nobody", 404, "ResourceNotFound"}, {server + "/firewallRules", 404, "InvalidResourceType"},
		{"/providers/Microsoft.Nothing", 404, "InvalidResourceNamespace"}, {"/providers/Microsoft.Nothing/operations", 404, "InvalidResourceNamespace"},
		{"/providers/Microsoft.Compute/nothing/at/all", 404, "InvalidResourceType"}, {"/tenants/" + x.tenant, 404, "InvalidResourceType"},
		{sql.id + "/providers/Microsoft.Insights/metricDefinitions", 200, ""}, {sql.id + "x/providers/Microsoft.Insights/metricDefinitions", 404, "ResourceNotFound"},
		{sql.id + "/providers/Microsoft.Insights/nothing", 404, "InvalidResourceType"}, {base + "/providers/Microsoft.Insights/metricDefinitions", 404, "InvalidResourceType"},
	} {
		if status, body := x.get(t, tt.path); status != tt.status || code(body) != tt.code {
			t.Errorf("%s: got HTTP %d %q, want %d %q", tt.path, status, code(body), tt.status, tt.code)
		}
	}
}

// TestListsAndQueriesTellTheSame compares the two ways to read a machine: only Resource Graph has "extended".
func TestListsAndQueriesTellTheSame(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 120}})
	for _, kind := range []string{"Microsoft.Compute/virtualMachines", "Microsoft.ContainerService/managedClusters", "Microsoft.App/containerApps", "Microsoft.DBforPostgreSQL/flexibleServers"} {
		_, rows, _ := x.ask(t, "Resources | where type =~ '"+kind+"'", nil)
		if len(rows) == 0 {
			t.Errorf("there are no %s", kind)
		}
		for _, r := range rows {
			row := r.(map[string]any)
			status, one := x.get(t, row["id"].(string))
			told, _ := row["properties"].(map[string]any)
			delete(told, "extended")
			a, _ := json.Marshal(told)
			b, _ := json.Marshal(one["properties"])
			if status != http.StatusOK || string(a) != string(b) || row["type"] != strings.ToLower(kind) || one["type"] != kind || row["name"] != one["name"] {
				t.Errorf("%v: the query tells %s, the resource provider HTTP %d %s", row["id"], a, status, b)
			}
		}
	}
}

// TestTopsOfListsAreAnUpperBound asks for pages of a list that are too large, too small and none.
func TestTopsOfListsAreAnUpperBound(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 1500}})
	path := "/subscriptions/" + x.subscriptions[0].id + "/resources"
	all := len(x.list(t, path))
	for top, want := range map[string]int{"1": 1, "3": 3, "500": armPage, "501": armPage, "100000": armPage, "0": armPage, "-4": armPage, "x": armPage, "": armPage} {
		status, body := x.get(t, path, "$top", top)
		page, _ := body["value"].([]any)
		next, _ := body["nextLink"].(string)
		link, err := url.Parse(next)
		if status != 200 || len(page) != min(want, all) || err != nil || next != "" && (link.Query().Get("$top") != top || link.Query().Get("api-version") == "") {
			t.Errorf("$top=%s: got HTTP %d with %d of %d, next %s", top, status, len(page), all, next)
		}
	}
	for top := range 4 {
		if got := len(x.list(t, "/subscriptions/"+x.subscriptions[1].id+"/resourceGroups", "$top", fmt.Sprint(top))); got != len(x.subscriptions[1].groups) {
			t.Errorf("groups by %d: got %d, want %d", top, got, len(x.subscriptions[1].groups))
		}
	}
}
