package azuresim

import (
	"encoding/json"
	"math/rand/v2"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/adsops/cloudtop/internal/sim"
)

func TestWorldsAreAsLargeAsAskedAndWithoutDoubles(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 1, 2, 8, 9, 50, 1000} {
		x := newTenant(t, sim.Options{Counts: map[string]int{"azure": n}})
		ids, own := map[string]bool{}, 0
		for _, r := range x.resources {
			if !r.system {
				own++
			}
			low := strings.ToLower(r.id)
			if ids[low] || x.byID[low] != r {
				t.Errorf("n = %d: %s is there twice or not found by its id", n, r.id)
			}
			ids[low] = true
		}
		if own != n {
			t.Errorf("n = %d: got %d resources", n, own)
		}
		if !slices.IsSortedFunc(x.resources, func(a, b *resource) int { return strings.Compare(a.id, b.id) }) {
			t.Errorf("n = %d: the resources are not in the order of their ids", n)
		}
	}
}

func TestResourcesAreWhereTheySayTheyAre(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 800}})
	for _, r := range x.resources {
		want := "/subscriptions/" + r.sub.id + "/resourceGroups/" + r.group + "/providers/" + r.kind.arm + "/" + r.parent + r.name
		switch {
		case r.id != want:
			t.Errorf("got id %s, want %s", r.id, want)
		case !slices.Contains(r.sub.groups, r.group) || !slices.Contains(r.sub.regions, r.region):
			t.Errorf("%s is in group %s and region %s, which %s does not have", r.name, r.group, r.region, r.sub.name)
		case regions()[r.region].title == "" || places()[r.region].name == "" || short(r.region) == "":
			t.Errorf("region %s has no name or price level", r.region)
		case !r.created.Before(sim.Epoch):
			t.Errorf("%s was made at %s, after the world", r.name, r.created)
		case r.system && (r.name != "master" || r.tags != nil || r.state != "Online"):
			t.Errorf("got system database %+v", r)
		}
	}
}

// TestWorldsHaveEveryNotableCase checks that a reader is shown each case that real tenants have.
func TestWorldsHaveEveryNotableCase(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 1500}, Incidents: true})
	cases := map[string]func(*resource) bool{
		"a deallocated machine":            func(r *resource) bool { return r.state == "deallocated" },
		"a stopped machine, which is paid": func(r *resource) bool { return r.kind.service == "vms" && r.state == "stopped" },
		"a machine without a power state":  func(r *resource) bool { return r.kind.service == "vms" && r.state == "" },
		"a failed machine that runs":       func(r *resource) bool { return r.state == "running" && r.provisioning == "Failed" },
		"a spot machine":                   func(r *resource) bool { return r.kind.service == "vms" && r.spot },
		"Windows with an own licence":      func(r *resource) bool { return r.windows && r.variant%4 == 0 },
		"Windows without one":              func(r *resource) bool { return r.windows && r.variant%4 != 0 },
		"an empty scale set":               func(r *resource) bool { return r.kind.service == "scale_sets" && r.count == 0 },
		"a cluster with a pool of GPUs":    func(r *resource) bool { return len(r.pools) > 1 && r.pools[len(r.pools)-1].name == "gpu" },
		"a part of a card":                 func(r *resource) bool { return r.size != nil && r.size.gpus > 0 && r.size.gpus < 1 },
		"a constrained size":               func(r *resource) bool { return r.size != nil && strings.Contains(r.size.name, "E4-2") },
		"no tags":                          func(r *resource) bool { return r.tags == nil },
		"tags beyond ASCII":                func(r *resource) bool { return r.tags["owner"] == "佐藤" },
		"a tag's key with a space":         func(r *resource) bool { return r.tags["Cost Center"] != "" },
		"a group beyond ASCII":             func(r *resource) bool { return r.group == "rg-Büro" },
		"a second region":                  func(r *resource) bool { return r.region == "northeurope" },
		"a serverless database":            func(r *resource) bool { return r.kind.service == "sql" && !r.system && r.variant%2 == 0 },
		"an app without a running status":  func(r *resource) bool { return r.kind.service == "container_apps" && r.state == "" },
		"a server that cannot be reached":  func(r *resource) bool { return r.kind.service == "postgresql" && r.state == "Inaccessible" },
		"a paused database":                func(r *resource) bool { return r.state == "Paused" },
		"the system's own database":        func(r *resource) bool { return r.system },
	}
	for name, is := range cases {
		if !slices.ContainsFunc(x.resources, is) {
			t.Errorf("the world has no %s", name)
		}
	}
	if last := x.subscriptions[len(x.subscriptions)-1]; !last.denied || len(x.subscriptions) != 4 {
		t.Errorf("got %d subscriptions, want a fourth one that may not be read", len(x.subscriptions))
	}
	if calm := newTenant(t, sim.Options{}); slices.ContainsFunc(calm.subscriptions, func(s *subscription) bool { return s.denied }) {
		t.Error("without incidents a subscription is denied")
	}
}

// TestEveryTypeHasTheFieldsOfItsModel checks what clients rely on: fields by the models of the official SDKs.
func TestEveryTypeHasTheFieldsOfItsModel(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 100}})
	fields := map[string][]string{
		"vms": {
			"vmId", "timeCreated", "provisioningState", "hardwareProfile.vmSize", "storageProfile.osDisk.osType", "storageProfile.osDisk.diskSizeGB",
			"storageProfile.imageReference.publisher", "networkProfile.networkInterfaces", "osProfile.computerName", "extended.instanceView.powerState.code",
		},
		"scale_sets": {
			"provisioningState", "orchestrationMode", "timeCreated", "virtualMachineProfile.storageProfile.osDisk.osType", "upgradePolicy.mode", "uniqueId",
		},
		"aks": {
			"provisioningState", "powerState.code", "kubernetesVersion", "currentKubernetesVersion", "agentPoolProfiles", "fqdn", "nodeResourceGroup", "dnsPrefix",
			"networkProfile.networkPlugin",
		},
		"functions":      {"state", "defaultHostName", "hostNames", "httpsOnly", "serverFarmId", "lastModifiedTimeUtc", "functionAppConfig.runtime.name", "siteConfig.linuxFxVersion"},
		"web_apps":       {"state", "defaultHostName", "hostNames", "httpsOnly", "serverFarmId", "lastModifiedTimeUtc", "availabilityState"},
		"container_apps": {"provisioningState", "environmentId", "latestRevisionName", "configuration.ingress.fqdn", "template.containers", "template.scale.maxReplicas"},
		"sql":            {"status", "databaseId", "creationDate", "currentServiceObjectiveName", "maxSizeBytes", "collation", "zoneRedundant"},
		"postgresql":     {"state", "version", "fullyQualifiedDomainName", "storage.storageSizeGB", "highAvailability.mode", "backup.backupRetentionDays"},
	}
	for service, paths := range fields {
		r := x.some(t, service, 1)[0]
		row := &record{resource: r, tenant: x.tenant}
		data, err := json.Marshal(row.column("properties"))
		var body map[string]any
		if err != nil || json.Unmarshal(data, &body) != nil {
			t.Fatalf("%s: %v", service, err)
		}
		for _, p := range paths {
			steps := []any{}
			for s := range strings.SplitSeq(p, ".") {
				steps = append(steps, s)
			}
			if at(body, steps...) == nil {
				t.Errorf("%s has no properties.%s", service, p)
			}
		}
		if row.column("type") != strings.ToLower(r.kind.armType()) || row.column("resourceGroup") != strings.ToLower(r.group) || row.column("tenantId") != x.tenant {
			t.Errorf("%s: got type %v and group %v, want both in lower case as Resource Graph stores them", service, row.column("type"), row.column("resourceGroup"))
		}
	}
}

func TestStatesInAzuresWordsAndInOurs(t *testing.T) {
	t.Parallel()
	byService := map[string]*kind{}
	for _, k := range kinds() {
		byService[k.service] = k
	}
	for _, tt := range []struct {
		service, state, provisioning string
		count                        int
		native, status               string
	}{
		{"vms", "running", "Succeeded", 0, "running", "running"}, {"vms", "deallocated", "Succeeded", 0, "deallocated", "stopped"},
		{"vms", "stopped", "Succeeded", 0, "stopped", "stopped"}, {"vms", "starting", "Updating", 0, "starting", "starting"},
		{"vms", "deallocating", "Updating", 0, "deallocating", "stopping"}, {"vms", "stopping", "Succeeded", 0, "stopping", "stopping"},
		{"vms", "unknown", "Succeeded", 0, "unknown", "unknown"}, {"vms", "", "Creating", 0, "Creating", "starting"},
		{"vms", "", "Failed", 0, "Failed", "failed"}, {"vms", "running", "Failed", 0, "running", "running"},
		{"scale_sets", "", "Succeeded", 2, "Succeeded", "running"}, {"scale_sets", "", "Succeeded", 0, "Succeeded", "stopped"},
		{"scale_sets", "", "Creating", 2, "Creating", "starting"}, {"scale_sets", "", "Failed", 2, "Failed", "failed"},
		{"aks", "Running", "Creating", 0, "Creating", "starting"}, {"aks", "Stopped", "Succeeded", 0, "Stopped", "stopped"},
		{"aks", "Running", "Failed", 0, "Running", "running"}, {"functions", "Running", "Succeeded", 0, "Running", "running"},
		{"web_apps", "Stopped", "Succeeded", 0, "Stopped", "stopped"}, {"container_apps", "", "Failed", 0, "Failed", "failed"},
		{"container_apps", "Progressing", "Succeeded", 0, "Progressing", "starting"}, {"container_apps", "Suspended", "Succeeded", 0, "Suspended", "stopped"},
		{"sql", "Online", "Succeeded", 0, "Online", "running"}, {"sql", "Resuming", "Succeeded", 0, "Resuming", "starting"},
		{"sql", "Inaccessible", "Succeeded", 0, "Inaccessible", "failed"}, {"postgresql", "Dropping", "Succeeded", 0, "Dropping", "stopping"},
		{"postgresql", "Updating", "Succeeded", 0, "Updating", "running"},
	} {
		r := &resource{kind: byService[tt.service], state: tt.state, provisioning: tt.provisioning, count: tt.count}
		if native, status := r.words(); native != tt.native || status != tt.status {
			t.Errorf("%s %q %s: got %q and %q, want %q and %q", tt.service, tt.state, tt.provisioning, native, status, tt.native, tt.status)
		}
	}
}

func TestCostsOfMachines(t *testing.T) {
	t.Parallel()
	byService := map[string]*kind{}
	for _, k := range kinds() {
		byService[k.service] = k
	}
	catalog := &subscription{catalog: sizes()}
	for _, tt := range []struct {
		name string
		r    resource
		want float64 // USD per hour; 0 = none
	}{
		{"on Linux", resource{kind: byService["vms"], region: "westeurope", state: "running"}, 0.23},
		{"cheaper elsewhere", resource{kind: byService["vms"], region: "eastus", state: "running"}, 0.1932},
		{"on Windows", resource{kind: byService["vms"], region: "westeurope", state: "running", windows: true, variant: 1}, 0.414},
		{"with an own licence", resource{kind: byService["vms"], region: "westeurope", state: "running", windows: true, variant: 4}, 0.23},
		{"Spot", resource{kind: byService["vms"], region: "westeurope", state: "running", spot: true}, 0.0506},
		{"stopped is paid for", resource{kind: byService["vms"], region: "westeurope", state: "stopped"}, 0.23},
		{"deallocated is not", resource{kind: byService["vms"], region: "westeurope", state: "deallocated"}, 0},
		{"three of a set", resource{kind: byService["scale_sets"], region: "westeurope", count: 3}, 0.69},
		{"an empty set", resource{kind: byService["scale_sets"], region: "westeurope"}, 0},
	} {
		tt.r.size = catalog.size("Standard_D4s_v5")
		got := 0.0
		if c := tt.r.cost(); c != nil {
			got = *c
		}
		if diff := got - tt.want; diff > 1e-9 || diff < -1e-9 {
			t.Errorf("%s: got %v, want %v", tt.name, got, tt.want)
		}
	}
	if c := (&resource{kind: byService["sql"]}).cost(); c != nil {
		t.Errorf("a database costs %v by the list of machines", *c)
	}
}

func TestSizesAreToldAsComputeTellsThem(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	skus := map[string]map[string]string{}
	restricted := map[string]bool{}
	for _, v := range x.list(t, "/subscriptions/"+x.subscriptions[0].id+"/providers/Microsoft.Compute/skus", "$filter", "location eq 'westeurope'") {
		if v["resourceType"] != "virtualMachines" {
			continue
		}
		name := v["name"].(string)
		skus[name] = map[string]string{}
		for _, c := range v["capabilities"].([]any) {
			skus[name][at(c, "name").(string)] = at(c, "value").(string)
		}
		restricted[name] = len(v["restrictions"].([]any)) > 0
	}
	for _, s := range sizes() {
		got := skus[s.name]
		if got["vCPUsAvailable"] == "" || got["MemoryGB"] == "" || (got["GPUs"] != "") != (s.gpus > 0) || restricted[s.name] != (s.gpus >= 8) {
			t.Errorf("%s: got %v, restricted: %v", s.name, got, restricted[s.name])
		}
	}
	if c := skus["Standard_E4-2as_v5"]; c["vCPUs"] != "4" || c["vCPUsAvailable"] != "2" {
		t.Errorf("a constrained size: got %v, want room for 4 vCPUs and 2 of them", c)
	}
	if c := skus["Standard_NV6ads_A10_v5"]; c["GPUs"] != "1" {
		t.Errorf("a sixth of a card: got %v, want it told as one", c)
	}
	all := x.list(t, "/subscriptions/"+x.subscriptions[0].id+"/providers/Microsoft.Compute/skus")
	if want := 4 * (len(sizes()) + 1); len(all) != want {
		t.Errorf("all regions: got %d, want %d", len(all), want)
	}
	for filter, want := range map[string]int{"location eq 'nowhere'": 200, "name eq 'x'": 400, "location eq westeurope": 400, "location eq 'a' and b": 400} {
		if status, _ := x.get(t, "/subscriptions/"+x.subscriptions[0].id+"/providers/Microsoft.Compute/skus", "$filter", filter); status != want {
			t.Errorf("%s: got HTTP %d, want %d", filter, status, want)
		}
	}
}

func TestQuotasCountWhatIsThere(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 300}})
	s := x.subscriptions[0]
	want := 0
	for _, r := range x.resources {
		if r.sub == s && r.region == "westeurope" && r.size != nil {
			want += r.size.vcpus * max(r.count, 1)
		}
	}
	sum := 0.0
	for i, u := range x.list(t, "/subscriptions/"+s.id+"/providers/Microsoft.Compute/locations/westeurope/usages") {
		current, limit := u["currentValue"].(float64), u["limit"].(float64)
		switch {
		case i == 0 && current != float64(want):
			t.Errorf("got %v vCPUs in all, want %d", current, want)
		case current > limit || u["unit"] != "Count" || at(u, "name", "localizedValue") == "":
			t.Errorf("got %v", u)
		case i > 0:
			sum += current
		}
	}
	if sum != float64(want) {
		t.Errorf("the families have %v vCPUs together, want %d", sum, want)
	}
}

// TestEntriesOfThePriceList checks the relations that a reader must know: what is cheaper, what is old, what is another unit.
func TestEntriesOfThePriceList(t *testing.T) {
	t.Parallel()
	type key struct{ region, size, os, way string }
	prices := map[key]float64{}
	for _, it := range priceList() {
		if it.ServiceName != "Virtual Machines" {
			continue
		}
		way := it.Type
		for _, s := range []string{"Spot", "Low Priority"} {
			if strings.HasSuffix(it.SKUName, " "+s) {
				way = s
			}
		}
		if !it.IsPrimaryMeterRegion {
			way = "old"
		}
		os := map[bool]string{true: "Windows", false: "Linux"}[strings.HasSuffix(it.ProductName, " Windows")]
		k := key{it.ArmRegionName, it.ArmSKUName, os, way}
		if prices[k] != 0 || it.RetailPrice <= 0 || it.RetailPrice != it.UnitPrice || it.CurrencyCode != "USD" || it.UnitOfMeasure != "1 Hour" ||
			(it.ReservationTerm != "") != (it.Type == "Reservation") {
			t.Errorf("got %+v for %v", it, k)
		}
		prices[k] = it.RetailPrice
	}
	for _, s := range sizes() {
		for region := range regions() {
			p := func(os, way string) float64 { return prices[key{region, s.name, os, way}] }
			if !(p("Linux", "Consumption") < p("Windows", "Consumption") && p("Linux", "Spot") < p("Linux", "Consumption") &&
				p("Windows", "Spot") < p("Windows", "Consumption") && p("Linux", "old") > p("Linux", "Consumption") &&
				p("Linux", "Reservation") > 1000*p("Linux", "Consumption") && p("Linux", "Low Priority") > 0) {
				t.Errorf("%s in %s: the prices do not relate as they should", s.name, region)
			}
		}
	}
}

func TestEveryEntryCanBeFoundByItsFields(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	r := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // reproducible on purpose
	all := priceList()
	for range 30 {
		it := all[r.IntN(len(all))]
		filter := "armRegionName eq '" + it.ArmRegionName + "' and skuName eq '" + it.SKUName + "' and productName eq '" + it.ProductName +
			"' and priceType eq '" + it.Type + "' and meterName eq '" + it.MeterName + "'"
		_, _, body := x.send(t, http.MethodGet, "https://"+pricesHost+"/api/retail/prices?$filter="+url.QueryEscape(filter), "", "")
		found := false
		for _, v := range body["Items"].([]any) {
			found = found || at(v, "retailPrice") == it.RetailPrice && at(v, "armSkuName") == it.ArmSKUName && at(v, "location") == it.Location
		}
		if !found || body["BillingCurrency"] != "USD" || body["Count"] != float64(len(body["Items"].([]any))) {
			t.Errorf("%s: got %v", filter, body)
		}
	}
}
