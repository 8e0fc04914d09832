package azure

import (
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

func sqlKind() kind {
	return kind{
		service: "sql", kind: "database", arm: "microsoft.sql/servers/databases",
		columns: []string{
			"dbStatus=properties.status", "objective=properties.currentServiceObjectiveName",
			"elasticPool=properties.elasticPoolId", "maxBytes=properties.maxSizeBytes",
			"minCapacity=properties.minCapacity", "autoPause=properties.autoPauseDelay",
			"zoneRedundant=properties.zoneRedundant", "dbCreated=properties.creationDate",
		},
		// Every server has a database "master" of kind "v12.0,system", which is not billed.
		keeps:    func(r *row) bool { return !strings.Contains(r.Kind, "system") },
		resource: database,
		// microsoft-sql-servers-databases-metrics; none of them are of data warehouses.
		metrics: []metric{
			{azure: "cpu_percent", name: cloud.CPUUsagePercent},
			{azure: "sql_instance_memory_percent", name: cloud.MemoryUsagePercent},
			{azure: "storage_percent", name: cloud.DiskUsagePercent},
			{azure: "storage", name: cloud.StorageBytes},
		},
	}
}

func database(r *row) cloud.Resource {
	out := r.base()
	out.NativeStatus = r.DBStatus
	out.Status = databaseStatus(r.DBStatus)
	a := r.attrs()
	a.text("server", serverOf(r.ID))
	a.text("tier", r.SKU.Tier)
	a.text("sku", r.SKU.Name)
	a.number("capacity", r.SKU.Capacity)
	a.text("service_objective", r.Objective)
	a.text("elastic_pool", lastOf(r.ElasticPool))
	a.known("max_size_gb", r.MaxBytes.value/(1<<30))
	a.number("vcores_min", r.MinCapacity)
	a.known("auto_pause_minutes", max(0, r.AutoPause.value)) // -1 = it never pauses
	a.flag("zone_redundant", r.ZoneRedundant)
	out.Attrs = a
	return out
}

// databaseStatus maps DatabaseStatus of Microsoft.Sql.
func databaseStatus(s string) cloud.Status {
	switch strings.ToLower(s) {
	case "online", "scaling", "autoclosed", "onlinechangingdwperformancetiers":
		return cloud.StatusRunning
	case "paused", "stopped", "offline", "offlinesecondary", "shutdown", "standby", "disabled",
		"offlinechangingdwperformancetiers":
		return cloud.StatusStopped
	case "creating", "copying", "restoring", "recovering", "resuming", "starting":
		return cloud.StatusStarting
	case "pausing", "stopping":
		return cloud.StatusStopping
	case "suspect", "emergencymode", "inaccessible", "recoverypending":
		return cloud.StatusFailed
	}
	return cloud.StatusUnknown
}

// serverOf returns the server's name: .../servers/{server}/databases/{database}.
func serverOf(id string) string {
	parts := strings.Split(id, "/")
	if len(parts) < 3 {
		return ""
	}
	return parts[len(parts)-3]
}
