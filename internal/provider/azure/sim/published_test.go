package azuresim

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
	"github.com/adsops/cloudtop/internal/sim/shape"
)

// one makes of the description of a list that of one of its elements.
func one(list string) string {
	var b strings.Builder
	for line := range strings.Lines(list) {
		if line, ok := strings.CutPrefix(strings.TrimSpace(line), "value[]."); ok {
			b.WriteString(line + "\n")
		}
	}
	return b.String()
}

// answers compares the answer to a call with its description.
func (x *tenant) answers(t *testing.T, method, target, token, body, published string) {
	t.Helper()
	x.now = x.now.Add(time.Second) // below the limits
	r := httptest.NewRequest(method, escape(target), strings.NewReader(body))
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	w := httptest.NewRecorder()
	x.ServeHTTP(w, r)
	if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json; charset=utf-8" {
		t.Errorf("%s: got HTTP %d as %q", target, w.Code, w.Header().Get("Content-Type"))
	}
	for _, difference := range shape.Diff(published, w.Body.Bytes()) {
		t.Errorf("%s: %s", target, difference)
	}
}

const lists = "nextLink text absent\nvalue array\n"

// TestListsHaveThePublishedFields compares every field with the models of the official SDKs (armcompute 8.3,
// armcontainerservice 6.6, armappservice 5.1, armsql 1.2, armpostgresqlflexibleservers 5.0, armsubscriptions 1.3).
func TestListsHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 40, 400} {
		x := newTenant(t, sim.Options{Counts: map[string]int{"azure": n}, Incidents: n > 40})
		for path, published := range map[string]string{
			"/subscriptions": "nextLink string\n" + publishedSubscriptions, "/tenants": "nextLink string\n" + publishedTenants,
		} {
			x.answers(t, "GET", "https://"+managementHost+path+"?api-version=2022-12-01", x.mint(armAudience), "", published)
		}
		for _, s := range x.subscriptions {
			if s.denied {
				continue
			}
			for path, published := range map[string]string{
				"": one(publishedSubscriptions), "/locations": publishedLocations,
				"/providers/Microsoft.Compute/virtualMachines":                 lists + publishedMachines,
				"/providers/Microsoft.Compute/virtualMachines?statusOnly=true": lists + publishedStatuses,
				"/providers/Microsoft.Compute/virtualMachineScaleSets":         lists + publishedScaleSets,
				"/providers/Microsoft.ContainerService/managedClusters":        lists + publishedClusters,
				"/providers/Microsoft.Web/sites":                               lists + publishedSites,
				"/providers/Microsoft.Sql/servers":                             lists + publishedServers,
				"/providers/Microsoft.DBforPostgreSQL/flexibleServers":         lists + publishedPostgres,
				"/providers/Microsoft.Compute/skus":                            lists + publishedSKUs,
				"/providers/Microsoft.Compute/locations/westeurope/usages":     lists + publishedUsages,
				"/providers/Microsoft.Compute/virtualMachines?$top=1":          lists + publishedMachines,
			} {
				path, query, _ := strings.Cut(path, "?")
				x.answers(t, "GET", "https://"+managementHost+"/subscriptions/"+s.id+path+"?api-version=2024-11-01&"+query, x.mint(armAudience), "", published)
			}
		}
	}
}

// TestSingleResourcesHaveThePublishedFields reads some of each type by their ids, and their parts.
func TestSingleResourcesHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 200}})
	read := map[string]int{}
	for _, r := range x.resources {
		if read[r.kind.service]++; read[r.kind.service] > 12 {
			continue
		}
		get := func(rest, query, published string) {
			x.answers(t, "GET", "https://"+managementHost+r.id+rest+"?api-version=2024-11-01"+query, x.mint(armAudience), "", published)
		}
		switch r.kind.service {
		case "vms":
			view := strings.ReplaceAll("\n"+publishedView, "\n\t", "\n\tproperties.instanceView.")
			get("", "", one(publishedMachines))
			get("", "&$expand=instanceView", one(publishedMachines)+"properties.instanceView object"+view)
			get("/instanceView", "", publishedView)
		case "scale_sets":
			get("", "", one(publishedScaleSets))
			get("/virtualMachines", "", lists+publishedInstances)
		case "aks":
			get("", "", one(publishedClusters))
			get("/agentPools", "", lists+publishedPools)
		case "functions", "web_apps":
			get("", "", one(publishedSites))
		case "sql":
			get("", "", one(publishedDatabases))
			server := r.id[:strings.LastIndex(r.id, "/databases/")]
			x.answers(t, "GET", "https://"+managementHost+server+"/databases?api-version=2024-11-01", x.mint(armAudience), "", lists+publishedDatabases)
			x.answers(t, "GET", "https://"+managementHost+server+"?api-version=2024-11-01", x.mint(armAudience), "", one(publishedServers))
		case "postgresql":
			get("", "", one(publishedPostgres))
		}
		get("/providers/Microsoft.Insights/metricDefinitions", "", publishedDefinitions)
		get("/providers/Microsoft.Insights/metricNamespaces", "", publishedNamespaces)
	}
}

// TestMetricsHaveThePublishedFields has the three calls: armmonitor 0.13 and azmetrics 1.3, whose keys are lower case.
func TestMetricsHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{Counts: map[string]int{"azure": 200}})
	for _, k := range x.kinds {
		r := x.some(t, k.service, 1)[0]
		const all = "&aggregation=Average,Total,Maximum,Minimum,Count"
		names := "&metricnames=" + url.QueryEscape(k.metrics[0].name+","+k.metrics[1].name)
		const span = "&timespan=2026-11-01T11:50:00Z/2026-11-01T12:00:00Z"
		x.answers(t, "GET", "https://"+managementHost+r.id+"/providers/Microsoft.Insights/metrics?api-version=2024-02-01"+names+all+span, x.mint(armAudience), "", publishedMetrics)
		x.answers(t, "GET", "https://"+managementHost+"/subscriptions/"+r.sub.id+"/providers/Microsoft.Insights/metrics?api-version=2024-02-01"+names+all+span+
			"&region="+r.region+"&metricnamespace="+k.lower+"&$filter="+url.QueryEscape("Microsoft.ResourceId eq '*'"), x.mint(armAudience), "", publishedMetrics)
		x.answers(t, "POST", "https://"+r.region+metricsDomain+"/subscriptions/"+r.sub.id+"/metrics:getBatch?"+metricSpan+names+all, x.mint(metricsAudience),
			`{"resourceids":["`+r.id+`"]}`, publishedBatch)
	}
}

// TestQueriesAndPricesHaveThePublishedFields has armresourcegraph's QueryResponse in both formats, and the list of
// learn.microsoft.com: rest/api/cost-management/retail-prices.
func TestQueriesAndPricesHaveThePublishedFields(t *testing.T) {
	t.Parallel()
	x := newTenant(t, sim.Options{})
	const objects = "data array\ndata[].id text\ndata[].tags object null\ndata[].properties object\n"
	const table = "data object\ndata.columns array\ndata.columns[].name text\ndata.columns[].type =string =integer =boolean =object\ndata.rows array\ndata.rows[] array\n"
	for body, published := range map[string]string{
		`{"query":"Resources | project id, tags, properties"}`:                                                     publishedGraph + objects,
		`{"query":"Resources | project id, tags, properties","options":{"$top":3}}`:                                publishedGraph + objects,
		`{"query":"Resources | project id, tags, properties","options":{"resultFormat":"table","$top":3}}`:         publishedGraph + table,
		`{"query":"Resources | where id == 'x' | project id, tags, properties"}`:                                   publishedGraph + objects,
		`{"query":"Resources | project id, tags, properties","facets":[{"expression":"tags"},{"expression":"x"}]}`: publishedGraph + objects + publishedFacets,
	} {
		x.answers(t, "POST", graphURL, x.mint(armAudience), body, published)
	}
	for _, query := range []string{"", "?$skip=200", "?$skip=100000", "?$filter=" + url.QueryEscape("priceType eq 'Reservation'"), "?$filter=" + url.QueryEscape("skuName eq 'x'")} {
		x.answers(t, "GET", "https://"+pricesHost+"/api/retail/prices"+query, "", "", publishedPrices)
	}
}

// publishedSubscriptions are the subscriptions, with the count of a newer version.
const publishedSubscriptions = `
	value[].authorizationSource                      string
	value[].displayName                              string
	value[].id                                       string
	value[].managedByTenants                         array
	value[].state                                    =Deleted =Disabled =Enabled =PastDue =Warned
	value[].subscriptionId                           string
	value[].subscriptionPolicies                     object
	value[].subscriptionPolicies.locationPlacementId string
	value[].subscriptionPolicies.quotaId             string
	value[].subscriptionPolicies.spendingLimit       =CurrentPeriodOff =Off =On
	value[].tenantId                                 string
	value                                            array
	count.type                                       =Total
	count.value                                      int
	count                                            object
`

// publishedTenants are the tenants.
const publishedTenants = `
	value[].countryCode    string
	value[].defaultDomain  string
	value[].displayName    string
	value[].domains        array
	value[].domains[]      string
	value[].id             string
	value[].tenantCategory =Home =ManagedBy =ProjectedBy
	value[].tenantId       string
	value[].tenantType     string
	value                  array
`

// publishedLocations are the locations of a subscription.
const publishedLocations = `
	value[].displayName             string
	value[].id                      string
	value[].metadata                object
	value[].metadata.geographyGroup string
	value[].metadata.regionCategory =Extended =Other =Recommended
	value[].metadata.regionType     =Logical =Physical
	value[].name                    string
	value[].regionalDisplayName     string
	value[].type                    =EdgeZone =Region
	value                           array
`

// publishedMachines are virtual machines.
const publishedMachines = `
	value[].id                                                               string
	value[].location                                                         string
	value[].name                                                             string
	value[].properties                                                       object
	value[].properties.diagnosticsProfile                                    object
	value[].properties.diagnosticsProfile.bootDiagnostics                    object
	value[].properties.diagnosticsProfile.bootDiagnostics.enabled            bool
	value[].properties.diagnosticsProfile.bootDiagnostics.storageUri         string
	value[].properties.hardwareProfile                                       object
	value[].properties.hardwareProfile.vmSize                                string
	value[].properties.networkProfile                                        object
	value[].properties.networkProfile.networkInterfaces                      array
	value[].properties.networkProfile.networkInterfaces[].id                 string
	value[].properties.networkProfile.networkInterfaces[].properties         object
	value[].properties.networkProfile.networkInterfaces[].properties.primary bool
	value[].properties.osProfile                                             object
	value[].properties.osProfile.adminPassword                               string
	value[].properties.osProfile.adminUsername                               string
	value[].properties.osProfile.allowExtensionOperations                    bool
	value[].properties.osProfile.computerName                                string
	value[].properties.osProfile.customData                                  string
	value[].properties.osProfile.secrets                                     array
	value[].properties.provisioningState                                     string
	value[].properties.storageProfile                                        object
	value[].properties.storageProfile.dataDisks                              array
	value[].properties.storageProfile.diskControllerType                     =NVMe =SCSI
	value[].properties.storageProfile.imageReference                         object
	value[].properties.storageProfile.imageReference.exactVersion            string absent
	value[].properties.storageProfile.imageReference.offer                   string
	value[].properties.storageProfile.imageReference.publisher               string
	value[].properties.storageProfile.imageReference.sku                     string
	value[].properties.storageProfile.imageReference.version                 string
	value[].properties.storageProfile.osDisk                                 object
	value[].properties.storageProfile.osDisk.caching                         =None =ReadOnly =ReadWrite
	value[].properties.storageProfile.osDisk.createOption                    =Attach =Copy =Empty =FromImage =Restore
	value[].properties.storageProfile.osDisk.deleteOption                    =Delete =Detach
	value[].properties.storageProfile.osDisk.diskSizeGB                      int
	value[].properties.storageProfile.osDisk.managedDisk                     object
	value[].properties.storageProfile.osDisk.managedDisk.id                  string
	value[].properties.storageProfile.osDisk.managedDisk.storageAccountType  =Premium_LRS =PremiumV2_LRS =Premium_ZRS =Standard_LRS =StandardSSD_LRS =StandardSSD_ZRS =UltraSSD_LRS
	value[].properties.storageProfile.osDisk.name                            string
	value[].properties.storageProfile.osDisk.osType                          =Linux =Windows
	value[].properties.timeCreated                                           time
	value[].properties.userData                                              string
	value[].properties.vmId                                                  string
	value[].tags                                                             object absent
	value[].tags.*                                                           string
	value[].type                                                             string
	value[].zones                                                            array
	value[].zones[]                                                          string
	value[].properties.billingProfile                                        object absent
	value[].properties.billingProfile.maxPrice                               number
	value[].properties.evictionPolicy                                        =Deallocate =Delete absent
	value[].properties.priority                                              =Low =Regular =Spot =SpotPlus absent
	value[].properties.licenseType                                           string absent
`

// publishedView is what a virtual machine does.
const publishedView = `
	computerName             string
	hyperVGeneration         =V1 =V2
	osName                   string
	statuses                 array
	statuses[].code          string
	statuses[].displayStatus string
	statuses[].level         =Error =Info =Warning
	statuses[].time          time
`

// publishedStatuses are virtual machines with their states alone.
const publishedStatuses = `
	value[].id                                               string
	value[].location                                         string
	value[].name                                             string
	value[].properties                                       object
	value[].properties.hardwareProfile                       object
	value[].properties.hardwareProfile.vmSize                string
	value[].properties.instanceView                          object
	value[].properties.instanceView.computerName             string
	value[].properties.instanceView.hyperVGeneration         =V1 =V2
	value[].properties.instanceView.osName                   string
	value[].properties.instanceView.statuses                 array
	value[].properties.instanceView.statuses[].code          string
	value[].properties.instanceView.statuses[].displayStatus string
	value[].properties.instanceView.statuses[].level         =Error =Info =Warning
	value[].properties.instanceView.statuses[].time          time
	value[].properties.provisioningState                     string
	value[].properties.vmId                                  string
	value[].tags                                             object absent
	value[].tags.*                                           string
	value[].type                                             string
	value[].zones                                            array
	value[].zones[]                                          string
`

// publishedScaleSets are scale sets; the settings of an extension are its own.
const publishedScaleSets = `
	value[].id                                                                                       string
	value[].location                                                                                 string
	value[].name                                                                                     string
	value[].properties                                                                               object
	value[].properties.orchestrationMode                                                             =Flexible =Uniform
	value[].properties.overprovision                                                                 bool
	value[].properties.provisioningState                                                             string
	value[].properties.singlePlacementGroup                                                          bool
	value[].properties.timeCreated                                                                   time
	value[].properties.uniqueId                                                                      string
	value[].properties.upgradePolicy                                                                 object
	value[].properties.upgradePolicy.mode                                                            =Automatic =Manual =Rolling
	value[].properties.virtualMachineProfile                                                         object
	value[].properties.virtualMachineProfile.extensionProfile                                        object
	value[].properties.virtualMachineProfile.extensionProfile.extensions                             array
	value[].properties.virtualMachineProfile.extensionProfile.extensions[].name                      string
	value[].properties.virtualMachineProfile.extensionProfile.extensions[].properties                object
	value[].properties.virtualMachineProfile.extensionProfile.extensions[].properties.settings       any
	value[].properties.virtualMachineProfile.osProfile                                               object
	value[].properties.virtualMachineProfile.osProfile.adminUsername                                 string
	value[].properties.virtualMachineProfile.osProfile.computerNamePrefix                            string
	value[].properties.virtualMachineProfile.osProfile.customData                                    string
	value[].properties.virtualMachineProfile.storageProfile                                          object
	value[].properties.virtualMachineProfile.storageProfile.osDisk                                   object
	value[].properties.virtualMachineProfile.storageProfile.osDisk.createOption                      =Attach =Copy =Empty =FromImage =Restore
	value[].properties.virtualMachineProfile.storageProfile.osDisk.diskSizeGB                        int
	value[].properties.virtualMachineProfile.storageProfile.osDisk.osType                            =Linux =Windows
	value[].sku                                                                                      object
	value[].sku.capacity                                                                             int
	value[].sku.name                                                                                 string
	value[].sku.tier                                                                                 string
	value[].type                                                                                     string
	value[].properties.virtualMachineProfile.evictionPolicy                                          =Deallocate =Delete absent
	value[].properties.virtualMachineProfile.priority                                                =Low =Regular =Spot =SpotPlus absent
	value[].tags                                                                                     object absent
	value[].tags.*                                                                                   string
	value[].properties.virtualMachineProfile.extensionProfile.extensions[].properties.settings.token string
`

// publishedInstances are the machines of a scale set.
const publishedInstances = `
	value[].id                                               string
	value[].instanceId                                       string
	value[].location                                         string
	value[].name                                             string
	value[].properties                                       object
	value[].properties.hardwareProfile                       object
	value[].properties.hardwareProfile.vmSize                string
	value[].properties.instanceView                          object
	value[].properties.instanceView.statuses                 array
	value[].properties.instanceView.statuses[].code          string
	value[].properties.instanceView.statuses[].level         =Error =Info =Warning
	value[].properties.instanceView.statuses[].displayStatus string absent
	value[].properties.latestModelApplied                    bool
	value[].properties.provisioningState                     string
	value[].properties.vmId                                  string
	value[].sku                                              object
	value[].sku.name                                         string
	value[].sku.tier                                         string
	value[].type                                             string
`

// publishedClusters are Kubernetes clusters.
const publishedClusters = `
	value[].id                                                        string
	value[].location                                                  string
	value[].name                                                      string
	value[].properties                                                object
	value[].properties.agentPoolProfiles                              array
	value[].properties.agentPoolProfiles[].count                      int
	value[].properties.agentPoolProfiles[].currentOrchestratorVersion string
	value[].properties.agentPoolProfiles[].maxPods                    int
	value[].properties.agentPoolProfiles[].mode                       =System =User
	value[].properties.agentPoolProfiles[].name                       string
	value[].properties.agentPoolProfiles[].orchestratorVersion        string
	value[].properties.agentPoolProfiles[].osDiskSizeGB               int
	value[].properties.agentPoolProfiles[].osSKU                      =AzureLinux =CBLMariner =Ubuntu =Windows2019 =Windows2022
	value[].properties.agentPoolProfiles[].osType                     =Linux =Windows
	value[].properties.agentPoolProfiles[].powerState                 object
	value[].properties.agentPoolProfiles[].powerState.code            =Running =Stopped
	value[].properties.agentPoolProfiles[].provisioningState          string
	value[].properties.agentPoolProfiles[].type                       =AvailabilitySet =VirtualMachineScaleSets
	value[].properties.agentPoolProfiles[].vmSize                     string
	value[].properties.currentKubernetesVersion                       string
	value[].properties.dnsPrefix                                      string
	value[].properties.enableRBAC                                     bool
	value[].properties.fqdn                                           string
	value[].properties.kubernetesVersion                              string
	value[].properties.linuxProfile                                   object
	value[].properties.linuxProfile.adminUsername                     string
	value[].properties.linuxProfile.ssh                               object
	value[].properties.linuxProfile.ssh.publicKeys                    array
	value[].properties.networkProfile                                 object
	value[].properties.networkProfile.loadBalancerSku                 =basic =standard
	value[].properties.networkProfile.networkPlugin                   =azure =kubenet =none
	value[].properties.nodeResourceGroup                              string
	value[].properties.powerState                                     object
	value[].properties.powerState.code                                =Running =Stopped
	value[].properties.provisioningState                              string
	value[].properties.servicePrincipalProfile                        object
	value[].properties.servicePrincipalProfile.clientId               string
	value[].properties.servicePrincipalProfile.secret                 string
	value[].properties.windowsProfile                                 object
	value[].properties.windowsProfile.adminPassword                   string
	value[].properties.windowsProfile.adminUsername                   string
	value[].sku                                                       object
	value[].sku.name                                                  =Base
	value[].sku.tier                                                  =Free =Premium =Standard
	value[].systemData                                                object
	value[].systemData.createdAt                                      time
	value[].systemData.createdBy                                      string
	value[].systemData.createdByType                                  =Application =Key =ManagedIdentity =User
	value[].systemData.lastModifiedAt                                 time
	value[].systemData.lastModifiedBy                                 string
	value[].systemData.lastModifiedByType                             =Application =Key =ManagedIdentity =User
	value[].tags                                                      object
	value[].tags.*                                                    string
	value[].type                                                      string
`

// publishedPools are the node pools of a cluster.
const publishedPools = `
	value[].id                                    string
	value[].name                                  string
	value[].properties                            object
	value[].properties.count                      int
	value[].properties.currentOrchestratorVersion string
	value[].properties.maxPods                    int
	value[].properties.mode                       =System =User
	value[].properties.orchestratorVersion        string
	value[].properties.osDiskSizeGB               int
	value[].properties.osSKU                      =AzureLinux =CBLMariner =Ubuntu =Windows2019 =Windows2022
	value[].properties.osType                     =Linux =Windows
	value[].properties.powerState                 object
	value[].properties.powerState.code            =Running =Stopped
	value[].properties.provisioningState          string
	value[].properties.type                       =AvailabilitySet =VirtualMachineScaleSets
	value[].properties.vmSize                     string
	value[].type                                  string
`

// publishedSites are sites, whose time has no zone; the name among the properties and the password are not in the model.
const publishedSites = `
	value[].id                                                                    string
	value[].kind                                                                  string
	value[].location                                                              string
	value[].name                                                                  string
	value[].properties                                                            object
	value[].properties.availabilityState                                          =DisasterRecoveryMode =Limited =Normal
	value[].properties.customDomainVerificationId                                 string
	value[].properties.defaultHostName                                            string
	value[].properties.enabled                                                    bool
	value[].properties.functionAppConfig                                          object absent
	value[].properties.functionAppConfig.deployment                               object
	value[].properties.functionAppConfig.deployment.storage                       object
	value[].properties.functionAppConfig.deployment.storage.value                 string
	value[].properties.functionAppConfig.runtime                                  object
	value[].properties.functionAppConfig.runtime.name                             =custom =dotnet-isolated =java =node =powershell =python
	value[].properties.functionAppConfig.runtime.version                          string
	value[].properties.functionAppConfig.scaleAndConcurrency                      object
	value[].properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB     int
	value[].properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount int
	value[].properties.hostNames                                                  array
	value[].properties.hostNames[]                                                string
	value[].properties.httpsOnly                                                  bool
	value[].properties.lastModifiedTimeUtc                                        text
	value[].properties.reserved                                                   bool
	value[].properties.serverFarmId                                               string
	value[].properties.siteConfig                                                 object
	value[].properties.siteConfig.appSettings                                     array
	value[].properties.siteConfig.appSettings[].name                              string
	value[].properties.siteConfig.appSettings[].value                             string
	value[].properties.siteConfig.connectionStrings                               array
	value[].properties.siteConfig.connectionStrings[].connectionString            string
	value[].properties.siteConfig.connectionStrings[].name                        string
	value[].properties.siteConfig.connectionStrings[].type                        string
	value[].properties.siteConfig.linuxFxVersion                                  string
	value[].properties.siteConfig.numberOfWorkers                                 int
	value[].properties.state                                                      string
	value[].properties.usageState                                                 =Exceeded =Normal
	value[].tags                                                                  object absent
	value[].tags.*                                                                string
	value[].type                                                                  string
	value[].properties.name                                                       string
	value[].properties.siteConfig.publishingPassword                              string
`

// publishedServers are the logical servers of SQL.
const publishedServers = `
	value[].id                                  string
	value[].kind                                string
	value[].location                            string
	value[].name                                string
	value[].properties                          object
	value[].properties.administratorLogin       string
	value[].properties.fullyQualifiedDomainName string
	value[].properties.minimalTlsVersion        string
	value[].properties.publicNetworkAccess      =Disabled =Enabled
	value[].properties.state                    string
	value[].properties.version                  string
	value[].type                                string
`

// publishedDatabases are SQL databases; the password is not in the model.
const publishedDatabases = `
	value[].id                                        string
	value[].kind                                      string
	value[].location                                  string
	value[].name                                      string
	value[].properties                                object
	value[].properties.autoPauseDelay                 int absent
	value[].properties.collation                      string
	value[].properties.creationDate                   time
	value[].properties.currentBackupStorageRedundancy =Geo =GeoZone =Local =Zone
	value[].properties.currentServiceObjectiveName    string
	value[].properties.databaseId                     string
	value[].properties.defaultSecondaryLocation       string
	value[].properties.maxSizeBytes                   int
	value[].properties.minCapacity                    number absent
	value[].properties.requestedServiceObjectiveName  string
	value[].properties.status                         string
	value[].properties.zoneRedundant                  bool
	value[].sku                                       object
	value[].sku.capacity                              int
	value[].sku.family                                string absent
	value[].sku.name                                  string
	value[].sku.tier                                  string
	value[].tags                                      object absent
	value[].tags.*                                    string
	value[].type                                      string
	value[].properties.administratorLoginPassword     string
`

// publishedPostgres are flexible servers; one without high availability is Disabled, which is not in the model.
const publishedPostgres = `
	value[].id                                     string
	value[].location                               string
	value[].name                                   string
	value[].properties                             object
	value[].properties.administratorLogin          string
	value[].properties.administratorLoginPassword  string
	value[].properties.availabilityZone            string
	value[].properties.backup                      object
	value[].properties.backup.backupRetentionDays  int
	value[].properties.backup.geoRedundantBackup   =Disabled =Enabled
	value[].properties.fullyQualifiedDomainName    string
	value[].properties.highAvailability            object
	value[].properties.highAvailability.mode       =Disabled =SameZone =ZoneRedundant
	value[].properties.highAvailability.state      =CreatingStandby =FailingOver =Healthy =NotEnabled =RemovingStandby =ReplicatingData
	value[].properties.network                     object
	value[].properties.network.publicNetworkAccess =Disabled =Enabled
	value[].properties.state                       string
	value[].properties.storage                     object
	value[].properties.storage.autoGrow            =Disabled =Enabled
	value[].properties.storage.storageSizeGB       int
	value[].properties.storage.tier                string
	value[].properties.version                     =18 =11 =15 =14 =17 =16 =13 =12
	value[].sku                                    object
	value[].sku.name                               string
	value[].sku.tier                               =Burstable =GeneralPurpose =MemoryOptimized
	value[].systemData                             object
	value[].systemData.createdAt                   time
	value[].systemData.createdBy                   string
	value[].systemData.createdByType               =Application =Key =ManagedIdentity =User
	value[].systemData.lastModifiedAt              time
	value[].systemData.lastModifiedBy              string
	value[].systemData.lastModifiedByType          =Application =Key =ManagedIdentity =User
	value[].tags                                   object absent
	value[].tags.*                                 string
	value[].type                                   string
`

// publishedSKUs are what Compute sells.
const publishedSKUs = `
	value[].capabilities                               array
	value[].capabilities[].name                        string
	value[].capabilities[].value                       string
	value[].locationInfo                               array
	value[].locationInfo[].location                    string
	value[].locationInfo[].zoneDetails                 array
	value[].locationInfo[].zones                       array
	value[].locationInfo[].zones[]                     string
	value[].locations                                  array
	value[].locations[]                                string
	value[].name                                       string
	value[].resourceType                               string
	value[].restrictions                               array
	value[].size                                       string
	value[].tier                                       string
	value[].family                                     string absent
	value[].restrictions[].reasonCode                  =NotAvailableForSubscription =QuotaId
	value[].restrictions[].restrictionInfo             object
	value[].restrictions[].restrictionInfo.locations   array
	value[].restrictions[].restrictionInfo.locations[] string
	value[].restrictions[].type                        =Location =Zone
	value[].restrictions[].values                      array
	value[].restrictions[].values[]                    string
`

// publishedUsages are quotas of vCPUs.
const publishedUsages = `
	value[].currentValue        int
	value[].limit               int
	value[].name                object
	value[].name.localizedValue string
	value[].name.value          string
	value[].unit                string
`

// publishedMetrics are metrics of one resource or of many.
const publishedMetrics = `
	cost                                                      int
	timespan                                                  string
	interval                                                  string
	namespace                                                 string
	resourceregion                                            string
	value[].id                                                string
	value[].type                                              string
	value[].name                                              object
	value[].name.value                                        string
	value[].name.localizedValue                               string
	value[].displayDescription                                string
	value[].unit                                              string
	value[].timeseries                                        array
	value[].timeseries[].metadatavalues                       array
	value[].timeseries[].data                                 array
	value[].timeseries[].data[].timeStamp                     time
	value[].timeseries[].data[].average                       number absent
	value[].timeseries[].data[].total                         number absent
	value[].timeseries[].data[].maximum                       number absent
	value[].timeseries[].data[].minimum                       number absent
	value[].timeseries[].data[].count                         number absent
	value[].errorCode                                         string
	value                                                     array
	value[].timeseries[].metadatavalues[].name.value          string
	value[].timeseries[].metadatavalues[].name.localizedValue string
	value[].timeseries[].metadatavalues[].value               string
`

// publishedBatch are metrics of several resources; the cost is in the page and not in the model.
const publishedBatch = `
	values                                         array
	values[].starttime                             string
	values[].endtime                               string
	values[].interval                              string
	values[].value                                 array
	values[].value[].id                            string
	values[].value[].type                          string
	values[].value[].name                          object
	values[].value[].name.value                    string
	values[].value[].name.localizedValue           string
	values[].value[].displayDescription            string
	values[].value[].unit                          string
	values[].value[].timeseries                    array
	values[].value[].timeseries[].metadatavalues   array
	values[].value[].timeseries[].data             array
	values[].value[].timeseries[].data[].timeStamp time
	values[].value[].timeseries[].data[].average   number absent
	values[].value[].timeseries[].data[].total     number absent
	values[].value[].timeseries[].data[].maximum   number absent
	values[].value[].timeseries[].data[].minimum   number absent
	values[].value[].timeseries[].data[].count     number absent
	values[].value[].errorCode                     string
	values[].namespace                             string
	values[].resourceregion                        string
	values[].resourceid                            string
	values[].cost                                  int
`

// publishedDefinitions are the metrics that a resource has.
const publishedDefinitions = `
	value[].displayDescription               string
	value[].id                               string
	value[].isDimensionRequired              bool
	value[].metricAvailabilities             array
	value[].metricAvailabilities[].retention string
	value[].metricAvailabilities[].timeGrain string
	value[].name                             object
	value[].name.localizedValue              string
	value[].name.value                       string
	value[].namespace                        string
	value[].primaryAggregationType           =Average =Count =Maximum =Minimum =None =Total
	value[].resourceId                       string
	value[].supportedAggregationTypes        array
	value[].supportedAggregationTypes[]      =Average =Count =Maximum =Minimum =None =Total
	value[].unit                             string
	value                                    array
`

// publishedNamespaces are the namespaces of its metrics.
const publishedNamespaces = `
	value[].classification                 =Custom =Platform =Qos
	value[].id                             string
	value[].name                           string
	value[].properties                     object
	value[].properties.metricNamespaceName string
	value[].type                           string
	value                                  array
`

// publishedGraph is around the rows of a query.
const publishedGraph = `
	totalRecords    int
	count           int
	facets          array
	resultTruncated =true =false
	$skipToken      text absent
`

// publishedFacets are the two forms of a facet.
const publishedFacets = `
	facets[].expression       string
	facets[].resultType       =FacetResult =FacetError
	facets[].totalRecords     int absent
	facets[].count            int absent
	facets[].data             array absent
	facets[].errors           array absent
	facets[].errors[].code    text
	facets[].errors[].message text
`

// publishedPrices is the retail price list.
const publishedPrices = `
	BillingCurrency              =USD
	CustomerEntityId             =Default
	CustomerEntityType           =Retail
	NextPageLink                 text null
	Count                        int
	Items                        array
	Items[].currencyCode         =USD
	Items[].tierMinimumUnits     number
	Items[].retailPrice          number
	Items[].unitPrice            number
	Items[].armRegionName        string
	Items[].location             string
	Items[].effectiveStartDate   time
	Items[].meterId              string
	Items[].meterName            text
	Items[].productId            string
	Items[].skuId                string
	Items[].productName          text
	Items[].skuName              text
	Items[].serviceName          text
	Items[].serviceId            string
	Items[].serviceFamily        text
	Items[].unitOfMeasure        text
	Items[].type                 =Consumption =Reservation =DevTestConsumption
	Items[].isPrimaryMeterRegion bool
	Items[].armSkuName           string
	Items[].reservationTerm      text absent
`
