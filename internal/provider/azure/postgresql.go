package azure

import (
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

func postgresKind() kind {
	return kind{
		service: "postgresql", kind: "server", arm: "microsoft.dbforpostgresql/flexibleservers",
		columns: []string{
			"state=properties.state", "dbVersion=properties.version", "storageGB=properties.storage.storageSizeGB",
			"ha=properties.highAvailability.mode", "dbHost=properties.fullyQualifiedDomainName",
		},
		resource: server,
		// microsoft-dbforpostgresql-flexibleservers-metrics
		metrics: []metric{
			{azure: "cpu_percent", name: cloud.CPUUsagePercent},
			{azure: "memory_percent", name: cloud.MemoryUsagePercent},
			{azure: "storage_percent", name: cloud.DiskUsagePercent},
			{azure: "storage_used", name: cloud.StorageBytes},
			{azure: "active_connections", name: cloud.ConnectionsCount},
			{azure: "network_bytes_ingress", name: cloud.NetworkRxBytesPerSec, total: true},
			{azure: "network_bytes_egress", name: cloud.NetworkTxBytesPerSec, total: true},
		},
	}
}

func server(r *row) cloud.Resource {
	out := r.base()
	out.NativeStatus = r.State
	switch strings.ToLower(r.State) { // ServerState of Microsoft.DBforPostgreSQL
	case "ready", "updating":
		out.Status = cloud.StatusRunning
	case "stopped", "disabled":
		out.Status = cloud.StatusStopped
	case "starting", "provisioning", "restarting":
		out.Status = cloud.StatusStarting
	case "stopping", "dropping":
		out.Status = cloud.StatusStopping
	case "inaccessible":
		out.Status = cloud.StatusFailed
	}
	a := r.attrs()
	a.text("engine_version", r.DBVersion)
	a.text("tier", r.SKU.Tier)
	a.text("sku", r.SKU.Name)
	a.number("storage_gb", r.StorageGB)
	a.text("high_availability", r.HA)
	a.text("host", r.DBHost)
	out.Attrs = a
	return out
}
