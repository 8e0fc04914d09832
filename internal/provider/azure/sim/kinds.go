package azuresim

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// kind is a resource type.
type kind struct {
	arm     string // as Azure Resource Manager writes it
	lower   string // as Resource Graph writes it
	service string // in the words of Truth
	noun    string
	weight  int // percent
	names   []string
	draw    func(*rand.Rand, *resource)
	row     func(*resource, map[string]any) // adds kind, sku, zones ...
	body    func(*resource) map[string]any  // "properties"
	metrics []metric
}

func kinds() []*kind {
	all := []*kind{
		{
			arm: "Microsoft.Compute/virtualMachines", service: "vms", noun: "instance", weight: 55,
			names: []string{"web", "api", "batch", "jump", "build"}, draw: drawVM, body: vmBody, metrics: machineMetrics(),
			row: func(r *resource, m map[string]any) { m["zones"] = []any{fmt.Sprint(1 + r.variant%3)} },
		},
		{
			arm: "Microsoft.Compute/virtualMachineScaleSets", service: "scale_sets", noun: "scale_set", weight: 5,
			names: []string{"pool", "workers"}, draw: drawScaleSet, body: scaleSetBody, metrics: machineMetrics(),
			row: func(r *resource, m map[string]any) {
				m["sku"] = map[string]any{"name": r.size.name, "tier": "Standard", "capacity": r.count}
			},
		},
		{
			arm: "Microsoft.ContainerService/managedClusters", service: "aks", noun: "cluster", weight: 4,
			names: []string{"aks-core", "aks-ml"}, draw: drawCluster, body: clusterBody, metrics: clusterMetrics(),
			row: func(r *resource, m map[string]any) {
				m["sku"] = map[string]any{"name": "Base", "tier": []string{"Free", "Standard"}[r.variant%2]}
			},
		},
		{
			arm: "Microsoft.Web/sites", service: "functions", noun: "function_app", weight: 10,
			names: []string{"fn-orders", "fn-mail", "fn-etl"}, draw: drawSite, body: siteBody, metrics: siteMetrics("functions"),
			row: func(_ *resource, m map[string]any) { m["kind"] = "functionapp,linux" },
		},
		{
			arm: "Microsoft.Web/sites", service: "web_apps", noun: "web_app", weight: 8,
			names: []string{"shop", "intranet"}, draw: drawSite, body: siteBody, metrics: siteMetrics("web_apps"),
			row: func(_ *resource, m map[string]any) { m["kind"] = "app,linux" },
		},
		{
			arm: "Microsoft.App/containerApps", service: "container_apps", noun: "container_app", weight: 7,
			names: []string{"ca-gateway", "ca-worker"}, draw: drawContainerApp, body: containerAppBody, metrics: containerAppMetrics(),
			row: func(*resource, map[string]any) {},
		},
		{
			arm: "Microsoft.Sql/servers", service: "sql", noun: "database", weight: 6,
			names: []string{"orders", "crm"}, draw: drawSQL, body: sqlBody, metrics: sqlMetrics(), row: sqlRow,
		},
		{
			arm: "Microsoft.DBforPostgreSQL/flexibleServers", service: "postgresql", noun: "server", weight: 5,
			names: []string{"pg-core", "pg-report"}, draw: drawPostgres, body: postgresBody, metrics: postgresMetrics(),
			row: func(_ *resource, m map[string]any) {
				m["sku"] = map[string]any{"name": "Standard_D2ds_v5", "tier": "GeneralPurpose"}
			},
		},
	}
	for _, k := range all {
		k.lower = strings.ToLower(k.arm)
		if k.service == "sql" {
			k.lower += "/databases"
		}
	}
	return all
}

// lazy is a part of "properties" that is only made when it is asked for.
type lazy func() any

// MarshalJSON implements json.Marshaler.
func (l lazy) MarshalJSON() ([]byte, error) { return json.Marshal(l()) }

// AppendJSON implements sim.Appender.
func (l lazy) AppendJSON(out []byte) []byte { return sim.AppendJSON(out, l()) }

func (r *resource) at() string { return r.created.UTC().Format("2006-01-02T15:04:05.0000000Z") }

func vmBody(r *resource) map[string]any {
	os, image := "Linux", map[string]any{
		"publisher": "Canonical", "offer": "ubuntu-24_04-lts", "sku": "server", "version": "latest", "exactVersion": "24.04.202610010",
	}
	if r.windows {
		os, image = "Windows", map[string]any{
			"publisher": "MicrosoftWindowsServer", "offer": "WindowsServer", "sku": "2025-datacenter-azure-edition", "version": "latest",
		}
	}
	body := map[string]any{
		"vmId": r.uuid(1), "timeCreated": r.at(), "provisioningState": r.provisioning,
		"hardwareProfile": map[string]any{"vmSize": r.size.name},
		"storageProfile": map[string]any{
			"osDisk": map[string]any{
				"osType": os, "name": r.name + "_OsDisk", "createOption": "FromImage", "caching": "ReadWrite", "diskSizeGB": 30 + r.variant,
				"managedDisk": map[string]any{"id": r.id + "_OsDisk", "storageAccountType": "Premium_LRS"}, "deleteOption": "Delete",
			},
			"imageReference": image, "dataDisks": []any{}, "diskControllerType": "SCSI",
		},
		"userData": marker,
		"osProfile": lazy(func() any {
			return map[string]any{
				"computerName": r.name, "adminUsername": "azureuser", "adminPassword": marker, "secrets": []any{},
				"customData":               base64.StdEncoding.EncodeToString([]byte("#cloud-config")) + marker,
				"allowExtensionOperations": true,
			}
		}),
		"networkProfile": lazy(func() any {
			return map[string]any{"networkInterfaces": []any{map[string]any{"id": r.cardID(), "properties": map[string]any{"primary": true}}}}
		}),
		"diagnosticsProfile": lazy(func() any {
			return map[string]any{"bootDiagnostics": map[string]any{
				"enabled": true, "storageUri": "https://diag.blob.core.windows.net/?sig=" + marker,
			}}
		}),
	}
	if r.spot {
		body["priority"], body["evictionPolicy"] = "Spot", "Deallocate"
		body["billingProfile"] = map[string]any{"maxPrice": -1}
	}
	if r.windows && r.variant%4 == 0 {
		body["licenseType"] = "Windows_Server"
	}
	if r.state != "" {
		body["extended"] = map[string]any{"instanceView": map[string]any{
			"computerName": r.name, "hyperVGeneration": "V2", "osName": os,
			"powerState": map[string]any{
				"code": "PowerState/" + r.state, "displayStatus": "VM " + r.state, "level": "Info",
			},
		}}
	}
	return body
}

func scaleSetBody(r *resource) map[string]any {
	profile := map[string]any{
		"osProfile": map[string]any{"computerNamePrefix": "vm", "adminUsername": "azureuser", "customData": marker},
		"storageProfile": map[string]any{
			"osDisk": map[string]any{"osType": "Linux", "createOption": "FromImage", "diskSizeGB": 64},
		},
		"extensionProfile": map[string]any{"extensions": []any{map[string]any{
			"name": "setup", "properties": map[string]any{"settings": map[string]any{"token": marker}},
		}}},
	}
	if r.spot {
		profile["priority"], profile["evictionPolicy"] = "Spot", "Delete"
	}
	return map[string]any{
		"provisioningState": r.provisioning, "uniqueId": r.uuid(1), "timeCreated": r.at(), "overprovision": false,
		"orchestrationMode": []string{"Uniform", "Flexible"}[r.variant%2], "singlePlacementGroup": false,
		"upgradePolicy": map[string]any{"mode": "Manual"}, "virtualMachineProfile": profile,
	}
}

func clusterPools(r *resource) []any {
	pools := []any{}
	for _, p := range r.pools {
		pools = append(pools, map[string]any{
			"name": p.name, "count": p.count, "vmSize": p.size.name, "osType": "Linux", "osSKU": "AzureLinux", "mode": "System",
			"type": "VirtualMachineScaleSets", "maxPods": 110, "osDiskSizeGB": 128, "provisioningState": "Succeeded",
			"powerState": map[string]any{"code": r.state}, "orchestratorVersion": "1.33", "currentOrchestratorVersion": "1.33.4",
		})
	}
	return pools
}

func clusterBody(r *resource) map[string]any {
	return map[string]any{
		"provisioningState": r.provisioning, "powerState": map[string]any{"code": r.state},
		"kubernetesVersion": "1.33", "currentKubernetesVersion": "1.33.4", "dnsPrefix": r.name,
		"fqdn":              r.name + ".hcp." + r.region + ".azmk8s.io",
		"nodeResourceGroup": "MC_" + r.group + "_" + r.name + "_" + r.region, "enableRBAC": true,
		"agentPoolProfiles":       clusterPools(r),
		"servicePrincipalProfile": map[string]any{"clientId": "msi", "secret": marker},
		"windowsProfile":          map[string]any{"adminUsername": "azureuser", "adminPassword": marker},
		"linuxProfile":            map[string]any{"adminUsername": "azureuser", "ssh": map[string]any{"publicKeys": []any{}}},
		"networkProfile":          map[string]any{"networkPlugin": "azure", "loadBalancerSku": "standard"},
	}
}

func siteBody(r *resource) map[string]any {
	host := strings.ToLower(r.name) + ".azurewebsites.net"
	body := map[string]any{
		"name": r.name, "state": r.state, "hostNames": []any{host}, "defaultHostName": host, "enabled": true, "reserved": true,
		"availabilityState": "Normal", "usageState": "Normal", "httpsOnly": true,
		"lastModifiedTimeUtc": r.created.Add(time.Hour).UTC().Format("2006-01-02T15:04:05.9966667"),
		"serverFarmId":        "/subscriptions/" + r.sub.id + "/resourceGroups/" + r.group + "/providers/Microsoft.Web/serverfarms/plan-" + short(r.region),
		"siteConfig": map[string]any{
			"numberOfWorkers": 1, "linuxFxVersion": "PYTHON|3.13", "publishingPassword": marker,
			"appSettings":       []any{map[string]any{"name": "AzureWebJobsStorage", "value": "AccountKey=" + marker}},
			"connectionStrings": []any{map[string]any{"name": "db", "connectionString": "Password=" + marker, "type": "SQLAzure"}},
		},
		"customDomainVerificationId": marker,
	}
	if r.kind.service == "functions" {
		body["functionAppConfig"] = map[string]any{
			"runtime":             map[string]any{"name": "python", "version": "3.13"},
			"scaleAndConcurrency": map[string]any{"maximumInstanceCount": 100, "instanceMemoryMB": 2048},
			"deployment":          map[string]any{"storage": map[string]any{"value": "https://x.blob.core.windows.net/?sig=" + marker}},
		}
	}
	return body
}

func containerAppBody(r *resource) map[string]any {
	body := map[string]any{
		"provisioningState": r.provisioning, "environmentId": "/subscriptions/" + r.sub.id + "/resourceGroups/" + r.group + "/providers/Microsoft.App/managedEnvironments/env",
		"workloadProfileName": "Consumption", "latestRevisionName": r.name + "--8f3kq", "latestRevisionFqdn": r.name + "--8f3kq.example.azurecontainerapps.io",
		"configuration": map[string]any{
			"ingress": map[string]any{"fqdn": r.name + ".example.azurecontainerapps.io", "external": true, "targetPort": 8080},
			"secrets": []any{map[string]any{"name": "db", "value": marker}}, "activeRevisionsMode": "Single",
			"registries": []any{map[string]any{"server": "contoso.azurecr.io", "passwordSecretRef": marker}},
		},
		"template": map[string]any{
			"containers": []any{map[string]any{
				"name": r.name, "image": "contoso.azurecr.io/app:1.4", "resources": map[string]any{"cpu": 0.5, "memory": "1Gi"},
				"env": []any{map[string]any{"name": "API_KEY", "value": marker}}, "args": []any{"--token=" + marker},
			}},
			"scale": map[string]any{"minReplicas": r.variant % 2, "maxReplicas": 10},
		},
	}
	if r.state != "" {
		body["runningStatus"] = r.state
	}
	return body
}

func sqlRow(r *resource, m map[string]any) {
	m["kind"] = "v12.0,user,vcore"
	m["sku"] = map[string]any{"name": "GP_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 2}
	if r.variant%2 == 0 {
		m["kind"] = "v12.0,user,vcore,serverless"
		m["sku"] = map[string]any{"name": "GP_S_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 4}
	}
	if r.system {
		m["kind"], m["sku"] = "v12.0,system", map[string]any{"name": "System", "tier": "System", "capacity": 0}
	}
}

func sqlBody(r *resource) map[string]any {
	body := map[string]any{
		"status": r.state, "databaseId": r.uuid(1), "collation": "SQL_Latin1_General_CP1_CI_AS", "creationDate": r.created.UTC().Format("2006-01-02T15:04:05.000Z"),
		"currentServiceObjectiveName": "GP_Gen5_2", "requestedServiceObjectiveName": "GP_Gen5_2", "maxSizeBytes": int64(32+r.variant) << 30,
		"zoneRedundant": r.variant%3 == 0, "defaultSecondaryLocation": "northeurope", "currentBackupStorageRedundancy": "Geo",
		"administratorLoginPassword": marker,
	}
	if r.variant%2 == 0 {
		body["autoPauseDelay"], body["minCapacity"], body["currentServiceObjectiveName"] = 60, 0.5, "GP_S_Gen5_4"
	}
	return body
}

func postgresBody(r *resource) map[string]any {
	return map[string]any{
		"state": r.state, "version": []string{"15", "16", "17"}[r.variant%3], "administratorLogin": "pgadmin",
		"administratorLoginPassword": marker, "fullyQualifiedDomainName": r.name + ".postgres.database.azure.com",
		"storage":          map[string]any{"storageSizeGB": 32 << (r.variant % 4), "autoGrow": "Enabled", "tier": "P10"},
		"highAvailability": map[string]any{"mode": []string{"Disabled", "ZoneRedundant"}[r.variant%2], "state": "NotEnabled"},
		"backup":           map[string]any{"backupRetentionDays": 7, "geoRedundantBackup": "Disabled"},
		"network":          map[string]any{"publicNetworkAccess": "Enabled"}, "availabilityZone": "1",
	}
}

// uuid is an identifier that belongs to the resource.
func (r *resource) uuid(n uint64) string { return guid(rand.New(rand.NewPCG(r.seed, n))) } //nolint:gosec // reproducible on purpose
