package azure

import (
	"strconv"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
)

// container is a container of an app's template. Its env may hold secrets and is not decoded.
type container struct {
	Image     string
	Resources struct {
		CPU    number // cores
		Memory string // "2Gi"
	}
}

func containerAppKind() kind {
	return kind{
		service: "container_apps", kind: "container_app", arm: "microsoft.app/containerapps",
		columns: []string{
			"running=properties.runningStatus", "ingress=properties.configuration.ingress.fqdn",
			"revision=properties.latestRevisionName", "environment=properties.environmentId",
			"workload=properties.workloadProfileName", "containers=properties.template.containers",
			"minReplicas=properties.template.scale.minReplicas", "maxReplicas=properties.template.scale.maxReplicas",
		},
		resource: containerApp,
		// microsoft-app-containerapps-metrics: averages are over the replicas.
		metrics: []metric{
			{azure: "UsageNanoCores", name: coresPerCopy, convert: func(v float64) float64 { return v / 1e9 }},
			{azure: "WorkingSetBytes", name: memoryPerCopy},
			{azure: "Replicas", name: replicas, maximum: true},
			{azure: "Requests", name: cloud.RequestsPerSec, total: true},
			{azure: "RxBytes", name: cloud.NetworkRxBytesPerSec, total: true},
			{azure: "TxBytes", name: cloud.NetworkTxBytesPerSec, total: true},
		},
	}
}

// containerApp maps an app. runningStatus is not in every answer; without it a good provisioning says nothing.
func containerApp(r *row) cloud.Resource {
	out := r.base()
	out.NativeStatus, out.Status = r.Running, changing(r.Provisioning)
	switch strings.ToLower(r.Running) {
	case "running", "ready":
		out.Status = cloud.StatusRunning
	case "progressing":
		out.Status = cloud.StatusStarting
	case "stopped", "suspended":
		out.Status = cloud.StatusStopped
	}
	if out.NativeStatus == "" {
		out.NativeStatus = r.Provisioning
	}
	a := r.attrs()
	var images []string
	var cores, gigabytes float64
	for _, c := range r.Containers {
		images = append(images, c.Image)
		cores += c.Resources.CPU.value
		gigabytes += memoryGB(c.Resources.Memory)
	}
	a.texts("images", images)
	a.known("vcpus_per_replica", cores)
	a.known("memory_per_replica_gb", gigabytes)
	a.number("replicas_min", r.MinReplicas)
	a.number("replicas_max", r.MaxReplicas)
	a.text("revision", r.Revision)
	a.text("workload_profile", r.Workload)
	a.text("environment", lastOf(r.Environment))
	a.text("fqdn", r.Ingress)
	a.provisioning(r)
	out.Attrs = a
	return out
}

// memoryGB reads Kubernetes' notation: "0.5Gi", "512Mi"; 0 where it is another.
func memoryGB(s string) float64 {
	for suffix, unit := range map[string]float64{"Gi": 1, "Mi": 1.0 / 1024} {
		if digits, ok := strings.CutSuffix(s, suffix); ok {
			v, _ := strconv.ParseFloat(digits, 64)
			return v * unit
		}
	}
	return 0
}
