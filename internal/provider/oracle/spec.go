package oracle

import (
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// The services' names.
const (
	compute    = "compute"
	containers = "containers"
	oke        = "oke"
	autonomous = "autonomous_db"
)

// The ways to prove who we are.
const (
	methodUser        = "service_account"
	methodEnvironment = "environment"
)

// Spec describes Oracle Cloud.
func Spec() *provider.Spec {
	summarize := httpx.Pattern{Method: "POST", Path: "/20180401/metrics/actions/summarizeMetricsData"}
	return &provider.Spec{
		Name: name, Title: "Oracle Cloud", Aliases: []string{"oci"}, Short: "o",
		Hosts:   hosts(),
		Queries: []httpx.Pattern{summarize, {Method: "POST", Host: "auth.*", Path: "/v1/x509"}},
		Limits: []httpx.Limit{{
			Name: "metrics", Match: summarize, Events: 10, Per: time.Second, Burst: 10, PerHost: true,
			Source: "docs.oracle.com/iaas/api/#/en/monitoring/20180401/MetricData/SummarizeMetricsData: 10 per second and tenancy",
		}},
		Services: services(),
		Asks:     asks(),
		Bill: &provider.Bill{
			Unit: "data point retrieved", USD: 0.0015 / 1e6, Free: 1e9,
			Source: "oracle.com/cloud/price-list: Monitoring, Retrieval",
		},
		Auth: methods(),
		Options: []provider.Option{
			{Name: "profile", Type: "string", Help: "profile of the configuration file (default: " + profileEnv + ", else DEFAULT)"},
			{Name: "compartment_id", Type: "string", Help: "list this compartment only: its OCID or its path, like prod/web"},
			{Name: "compartment_subtree", Type: "bool", Help: "with compartment_id: the compartments below it too (default true)"},
			{Name: "detailed_metrics", Type: "bool", Help: "also disk operations, load average and sessions: 3 more calls " +
				"per region for compute and 1 for databases; Oracle allows 10 per second and region (default false)"},
		},
		Permissions: permissions(),
		Docs: []string{
			"https://docs.oracle.com/iaas/api/", "https://docs.oracle.com/iaas/Content/API/Concepts/signingrequests.htm",
			"https://docs.oracle.com/iaas/Content/API/Concepts/sdkconfig.htm",
			"https://docs.oracle.com/iaas/Content/Compute/References/computemetrics.htm",
			"https://docs.oracle.com/iaas/Content/container-instances/container-instance-metrics.htm",
			"https://www.oracle.com/cloud/price-list/",
		},
		Classify: classify,
		Open:     open,
	}
}

func services() []provider.Service {
	return []provider.Service{
		{
			Name: compute, Title: "Compute instances", Aliases: []string{"instances"},
			Classes: []cloud.Class{cloud.Compute, cloud.GPUs}, Regional: true,
			Permission: "read instance-family", Metrics: computeMetrics(), Delay: 2 * time.Minute, Step: time.Minute,
		},
		{
			Name: containers, Title: "Container instances", Aliases: []string{"container_instances"},
			Classes: []cloud.Class{cloud.Containers}, Regional: true, Permission: "read compute-container-family",
			Metrics: []string{cloud.CPUUsagePercent, cloud.MemoryUsagePercent}, Delay: 2 * time.Minute, Step: time.Minute,
		},
		{
			Name: oke, Title: "Kubernetes clusters and node pools", Aliases: []string{"kubernetes"},
			Classes: []cloud.Class{cloud.Containers}, Regional: true, Permission: "read cluster-family",
		},
		{
			Name: autonomous, Title: "Autonomous databases", Aliases: []string{"autonomous_database"},
			Classes: []cloud.Class{cloud.Database}, Regional: true, Permission: "read autonomous-database-family",
			Metrics: []string{cloud.CPUUsagePercent, cloud.DiskUsagePercent},
			Delay:   2 * time.Minute, Step: time.Minute,
		},
	}
}

func computeMetrics() []string {
	return []string{
		cloud.CPUUsagePercent, cloud.MemoryUsagePercent, cloud.NetworkRxBytesPerSec, cloud.NetworkTxBytesPerSec,
		cloud.DiskReadBytesPerSec, cloud.DiskWriteBytesPerSec, cloud.GPUUsagePercent, cloud.GPUMemoryUsagePercent, cloud.GPUTemperatureCelsius,
		cloud.GPUPowerWatts,
	}
}

// permissions is the policy to paste into the console.
func permissions() string {
	lines := []string{
		"Allow group cloudtop to inspect tenancies in tenancy",
		"Allow group cloudtop to inspect compartments in tenancy",
		"Allow group cloudtop to read metrics in tenancy",
	}
	for _, s := range services() {
		lines = append(lines, "Allow group cloudtop to "+s.Permission+" in tenancy")
	}
	return strings.Join(lines, "\n")
}

// hosts are the addresses of every realm.
func hosts() []string {
	all := []string{"apexapps.oracle.com", metadataHost}
	seen := map[string]bool{}
	for _, realm := range realmNames() {
		domain := realms()[realm]
		if seen[domain] {
			continue
		}
		seen[domain] = true
		for _, service := range []string{
			"iaas.*.", "identity.*.oci.", "telemetry.*.", "compute-containers.*.oci.", "containerengine.*.oci.",
			"database.*.", "auth.*.",
		} {
			all = append(all, service+domain)
		}
	}
	return all
}

// methods are the ways to prove who we are: an API key or a session token, of a profile or of the environment; and, as
// "environment", what the machine is: its variables, else a resource principal, else the instance itself.
func methods() []provider.AuthMethod {
	user := []provider.AuthField{
		{Name: "tenancy", Env: []string{"OCI_CLI_TENANCY", "TF_VAR_tenancy_ocid"}},
		{Name: "fingerprint", Env: []string{"OCI_CLI_FINGERPRINT", "TF_VAR_fingerprint"}},
		{Name: "region", Env: []string{regionEnv, "OCI_REGION", "TF_VAR_region"}},
		{Name: "user", Env: []string{"OCI_CLI_USER", "TF_VAR_user_ocid"}, Optional: true},
		{Name: "private_key_file", Env: []string{"OCI_CLI_KEY_FILE", "TF_VAR_private_key_path"}, Optional: true},
		{Name: "private_key", Env: []string{"OCI_CLI_KEY_CONTENT", "TF_VAR_private_key"}, Secret: true, Optional: true},
		{Name: "pass_phrase", Env: []string{"OCI_CLI_PASSPHRASE", "TF_VAR_private_key_password"}, Secret: true, Optional: true},
		{Name: "security_token_file", Env: []string{"OCI_CLI_SECURITY_TOKEN_FILE"}, Optional: true},
		{Name: "profile", Env: []string{profileEnv}, Optional: true},
	}
	machine := []provider.AuthField{
		{Name: "rpst", Env: []string{"OCI_RESOURCE_PRINCIPAL_RPST"}, Secret: true, Optional: true},
		{Name: "private_pem", Env: []string{"OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM"}, Secret: true, Optional: true},
		{Name: "principal_region", Env: []string{"OCI_RESOURCE_PRINCIPAL_REGION"}, Optional: true},
	}
	for _, f := range user {
		f.Optional = true
		machine = append(machine, f)
	}
	return []provider.AuthMethod{
		{
			Name: methodUser, Fields: user, Parse: parseConfig,
			Files: []string{"$OCI_CLI_CONFIG_FILE", "$OCI_CONFIG_FILE", "~/.oci/config"},
			Help: "run: oci setup config (API key) or: oci session authenticate (session token); or make a key in the " +
				"console: your profile, API keys",
		},
		{
			Name: methodEnvironment, Ambient: true, Fields: machine,
			Help: "an API key in OCI_CLI_* or TF_VAR_* variables; else, in Oracle Functions or OKE, the resource principal; " +
				"else, on an Oracle Cloud instance, the instance principal of a dynamic group with the policy below",
		},
	}
}
