package gcp

import (
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	keyHelp = "make a key for a service account with roles/viewer, or the smaller roles of docs/providers/gcp.md, at " +
		"https://console.cloud.google.com/iam-admin/serviceaccounts and save it as ~/.gcp/service-account.json, " +
		"or run `gcloud auth application-default login`"
	permissions = "A service account (or user) with these roles on each project, or on their folder or organization:\n" +
		"roles/browser, roles/compute.viewer, roles/container.clusterViewer, roles/cloudfunctions.viewer, " +
		"roles/run.viewer, roles/cloudsql.viewer, roles/monitoring.viewer"
	delay = 240 * time.Second // how late readings are in Cloud Monitoring
	step  = time.Minute
)

// Spec describes Google Cloud.
func Spec() *provider.Spec {
	return &provider.Spec{
		Name: name, Title: "GCP", Aliases: []string{"google"}, Short: "g",
		Hosts: []string{
			"compute.googleapis.com", "container.googleapis.com", "cloudfunctions.googleapis.com", "run.googleapis.com",
			"sqladmin.googleapis.com", "monitoring.googleapis.com", "cloudresourcemanager.googleapis.com",
			"cloudbilling.googleapis.com", "oauth2.googleapis.com",
			"sts.googleapis.com", "iamcredentials.googleapis.com", // workload identity federation, impersonation
			"*.actions.githubusercontent.com", // where a workflow's own identity comes from
		},
		// /token of oauth2 and sts, and :generateAccessToken of iamcredentials: they make tokens and change nothing.
		Queries:  []httpx.Pattern{{Method: http.MethodPost, Host: "*.googleapis.com", Path: "*oken"}},
		Limits:   limits(),
		Services: services(),
		Asks:     asks(),
		Bill: &provider.Bill{
			Unit: "time series returned", USD: 0.50 / 1e6, Free: 1e6, Source: "cloud.google.com/stackdriver/pricing, since 2025-10-02",
		},
		Auth: []provider.AuthMethod{{
			Name: "service_account", Help: keyHelp, Parse: parseFile,
			Fields: []provider.AuthField{
				{Name: "credentials_json", Secret: true},
				{Name: "api_key", Env: []string{"GCP_BILLING_API_KEY"}, Secret: true, Optional: true},
				{Name: "project", Env: []string{"GOOGLE_CLOUD_PROJECT"}, Optional: true},
				{Name: "quota_project", Env: []string{"GOOGLE_CLOUD_QUOTA_PROJECT"}, Optional: true},
			},
			Files: []string{
				"$GOOGLE_APPLICATION_CREDENTIALS", "~/.gcp/service-account.json",
				"$HOME/.config/gcloud/application_default_credentials.json",
			},
		}},
		Options: []provider.Option{
			{Name: "project_id", Type: "string", Help: "the one project to read; without it all that can be found"},
			{Name: "project_ids", Type: "strings", Help: "the projects to read; two or more are shown with their names, which is a call for each"},
			{Name: "quota_project", Type: "string", Help: "the project that calls are counted for (x-goog-user-project)"},
			{Name: "prices", Type: "bool", Help: "read the price list also without an API key: about 40 MB once a day"},
		},
		Permissions: permissions,
		Docs: []string{
			"https://cloud.google.com/compute/docs/reference/rest/v1/instances/aggregatedList",
			"https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list",
			"https://cloud.google.com/compute/docs/gpus", "https://cloud.google.com/billing/docs/reference/rest/v1/services.skus/list",
			"https://cloud.google.com/stackdriver/pricing", "https://google.aip.dev/auth/4112",
		},
		CostNote: "$0.50 per million time series returned since 2025-10-02, 1 million a month free",
		Classify: classify,
		Open:     open,
	}
}

// limits are the quotas of a project. The credential may read several projects, whose quotas are counted together
// here: that is slower than Google demands, and never faster.
func limits() []httpx.Limit {
	return []httpx.Limit{
		{
			Name: "compute", Match: httpx.Pattern{Host: "compute.googleapis.com"}, Events: 750, Per: time.Minute, Burst: 50,
			Source: "cloud.google.com/compute/docs/api-rate-limits: aggregated lists are heavy-weight reads",
		},
		{
			Name: "monitoring", Match: httpx.Pattern{Host: "monitoring.googleapis.com"}, Events: 6000, Per: time.Minute, Burst: 100,
			Source: "the quota \"Time series queries per minute\" is shown in the console alone: a bound of our own",
		},
	}
}

func services() []provider.Service {
	return []provider.Service{
		{
			Name: compute, Title: "Compute Engine", Aliases: []string{"instances", "vms"},
			Classes: []cloud.Class{cloud.Compute, cloud.GPUs}, Permission: "compute.instances.list",
			Metrics: metricNames(compute), Delay: delay, Step: step,
		},
		{
			Name: gke, Title: "Google Kubernetes Engine", Aliases: []string{"clusters", "kubernetes"},
			Classes: []cloud.Class{cloud.Containers}, Permission: "container.clusters.list",
			Metrics: metricNames(gke), Delay: delay, Step: step,
		},
		{
			Name: functions, Title: "Cloud Functions", Aliases: []string{"cloudfunctions"},
			Classes: []cloud.Class{cloud.Functions}, Permission: "cloudfunctions.functions.list",
			Metrics: metricNames(functions), Delay: delay, Step: step,
		},
		{
			Name: run, Title: "Cloud Run", Aliases: []string{"cloudrun"},
			Classes: []cloud.Class{cloud.Containers, cloud.Functions}, Permission: "run.services.list, run.locations.list",
			Metrics: metricNames(run), Delay: delay, Step: step,
		},
		{
			Name: sql, Title: "Cloud SQL", Aliases: []string{"cloudsql"}, Classes: []cloud.Class{cloud.Database},
			Permission: "cloudsql.instances.list", Metrics: metricNames(sql), Delay: delay, Step: step,
		},
	}
}
