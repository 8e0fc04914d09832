package azure

import (
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

const siteType = "microsoft.web/sites"

// Metrics that only some services here have.
const (
	latencyAverage = "latency_average_seconds"
	replicas       = "replicas_count"
	coresPerCopy   = "cpu_used_per_replica_cores"
	memoryPerCopy  = "memory_used_per_replica_bytes"
)

func siteColumns() []string {
	return []string{
		"state=properties.state", "hostName=properties.defaultHostName", "sitePlan=properties.serverFarmId",
		"httpsOnly=properties.httpsOnly", "lastModified=properties.lastModifiedTimeUtc",
		"runtime=properties.functionAppConfig.runtime",
	}
}

// isFunctionApp tells function apps from web apps: kind is a comma-separated list such as "functionapp,linux".
func isFunctionApp(r *row) bool { return strings.Contains(strings.ToLower(r.Kind), "functionapp") }

// functionKind counts executions as requests: HTTP is but one way to start a function. FunctionExecutionUnits is left
// out, since its unit is not published.
func functionKind() kind {
	return kind{
		service: "functions", kind: "function_app", arm: siteType, columns: siteColumns(),
		keeps: isFunctionApp, resource: site,
		// microsoft-web-sites-metrics
		metrics: []metric{
			{azure: "FunctionExecutionCount", name: cloud.RequestsPerSec, total: true},
			{azure: "Http5xx", name: cloud.ErrorsPerSec, total: true},
			{azure: "HttpResponseTime", name: latencyAverage},
			{azure: "MemoryWorkingSet", name: cloud.MemoryUsedBytes},
		},
	}
}

func webAppKind() kind {
	return kind{
		service: "web_apps", kind: "web_app", arm: siteType, columns: siteColumns(),
		keeps: func(r *row) bool { return !isFunctionApp(r) }, resource: site,
		metrics: []metric{
			{azure: "Requests", name: cloud.RequestsPerSec, total: true},
			{azure: "Http5xx", name: cloud.ErrorsPerSec, total: true},
			{azure: "HttpResponseTime", name: latencyAverage},
			{azure: "MemoryWorkingSet", name: cloud.MemoryUsedBytes},
		},
	}
}

func site(r *row) cloud.Resource {
	out := r.base()
	out.NativeStatus = r.State
	switch strings.ToLower(r.State) {
	case "running":
		out.Status = cloud.StatusRunning
	case "stopped":
		out.Status = cloud.StatusStopped
	}
	a := r.attrs()
	a.text("kind", r.Kind)
	a.text("plan", lastOf(r.SitePlan))
	a.text("runtime", strings.TrimSpace(r.Runtime.Name+" "+r.Runtime.Version))
	a.text("host", r.HostName)
	a.flag("https_only", r.HTTPSOnly)
	a.time("modified_at", r.LastModified)
	out.Attrs = a
	return out
}
