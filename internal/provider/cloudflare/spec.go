package cloudflare

import (
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// The services' names.
const (
	workers        = "workers"
	r2             = "r2"
	d1             = "d1"
	kv             = "kv"
	ai             = "ai"
	queues         = "queues"
	pages          = "pages"
	durableObjects = "durable_objects"
)

// Analytics are counted by the minute, and the last few minutes are counted too low ("metrics and analytics" page of
// Workers): readings end lag before now.
const (
	lag  = 5 * time.Minute
	step = 5 * time.Minute
)

const docs = "https://developers.cloudflare.com"

// Spec describes Cloudflare.
func Spec() *provider.Spec {
	return &provider.Spec{
		Name: name, Title: "Cloudflare", Aliases: []string{"cf"}, Short: "c",
		Hosts:    []string{"api.cloudflare.com", "api.fed.cloudflare.com"},
		Queries:  []httpx.Pattern{{Method: http.MethodPost, Path: "/client/v4/graphql"}},
		Limits:   limits(),
		Services: services(),
		Asks:     asks(),
		Auth:     auth(),
		Options: []provider.Option{
			{Name: "account_id", Type: "string", Help: "read this account alone (default: every account that the credential sees)"},
			{
				Name: "compliance_region", Type: "string", Values: []string{"public", "fedramp_high"},
				Help: "public (default) or fedramp_high",
			},
		},
		Permissions: "An API token (" + tokenPage + ", Custom token) for all accounts to be read, with the account permissions " +
			"Account Settings Read, Account Analytics Read, Workers Scripts Read, Workers R2 Storage Read, D1 Read, " +
			"Workers KV Storage Read, Workers AI Read, Queues Read, Cloudflare Pages Read and Billing Read.",
		Docs: []string{
			docs + "/api/", docs + "/fundamentals/api/reference/limits/", docs + "/fundamentals/api/reference/permissions/",
			docs + "/analytics/graphql-api/limits/", docs + "/analytics/graphql-api/errors/",
			docs + "/workers/observability/metrics-and-analytics/", docs + "/r2/platform/metrics-analytics/",
			docs + "/workers/platform/pricing/", docs + "/r2/pricing/", docs + "/d1/platform/pricing/",
			docs + "/kv/platform/pricing/", docs + "/workers-ai/platform/pricing/",
		},
		Classify: classify,
		Open:     open,
	}
}

func limits() []httpx.Limit {
	const page = docs + "/fundamentals/api/reference/limits/"
	return []httpx.Limit{
		{Name: "api", Events: 1200, Per: 5 * time.Minute, Source: page},
		{Name: "address", Events: 200, Per: time.Second, Source: page},
		{
			Name: "graphql", Match: httpx.Pattern{Path: "/client/v4/graphql"}, Events: 300, Per: 5 * time.Minute,
			Source: docs + "/analytics/graphql-api/limits/",
		},
	}
}

func auth() []provider.AuthMethod {
	account := provider.AuthField{
		Name: "account_id", Env: []string{"CLOUDFLARE_ACCOUNT_ID", "CF_ACCOUNT_ID"}, Optional: true,
	}
	return []provider.AuthMethod{
		{Name: "api_key", Help: tokenHelp, Fields: []provider.AuthField{
			{Name: "api_key", Env: []string{"CLOUDFLARE_API_TOKEN", "CF_API_TOKEN"}, Secret: true}, account,
		}},
		{
			Name: "environment",
			Help: "the Global API Key is at " + tokenPage + "; it may do everything: prefer a read-only API token",
			Fields: []provider.AuthField{
				{Name: "email", Env: []string{"CLOUDFLARE_EMAIL", "CF_EMAIL"}},
				{Name: "global_api_key", Env: []string{"CLOUDFLARE_API_KEY", "CF_API_KEY"}, Secret: true}, account,
			},
		},
	}
}

func services() []provider.Service {
	all := []provider.Service{
		{
			Name: workers, Title: "Workers", Aliases: []string{"scripts"}, Classes: []cloud.Class{cloud.Functions},
			Permission: "Workers Scripts Read", Metrics: metricsOf(workers),
		},
		{
			Name: r2, Title: "R2 buckets", Aliases: []string{"buckets"}, Classes: []cloud.Class{cloud.Storage},
			Permission: "Workers R2 Storage Read", Metrics: metricsOf(r2),
		},
		{
			Name: d1, Title: "D1 databases", Classes: []cloud.Class{cloud.Database}, Permission: "D1 Read",
			Metrics: metricsOf(d1),
		},
		{
			Name: kv, Title: "Workers KV namespaces", Aliases: []string{"workers_kv"},
			Classes: []cloud.Class{cloud.Storage, cloud.Database}, Permission: "Workers KV Storage Read", Metrics: metricsOf(kv),
		},
		{
			Name: ai, Title: "Workers AI models in use", Aliases: []string{"workers_ai"}, Classes: []cloud.Class{cloud.AI},
			Permission: analyticsRead, Metrics: metricsOf(ai),
		},
		{
			Name: queues, Title: "Queues", Classes: []cloud.Class{cloud.Functions}, Permission: "Queues Read",
			Metrics: metricsOf(queues),
		},
		{
			Name: pages, Title: "Pages projects", Classes: []cloud.Class{cloud.Functions}, Permission: "Cloudflare Pages Read",
			Metrics: metricsOf(pages),
		},
		{
			Name: durableObjects, Title: "Durable Object namespaces", Aliases: []string{"do"},
			Classes: []cloud.Class{cloud.Functions, cloud.Database}, Permission: "Workers Scripts Read",
			Metrics: metricsOf(durableObjects),
		},
	}
	for i := range all {
		all[i].Delay, all[i].Step = lag, step
	}
	return all
}
