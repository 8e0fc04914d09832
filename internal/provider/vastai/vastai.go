// Package vastai reads Vast.ai through its REST API (https://console.vast.ai, OpenAPI of vast-ai/docs, August 2026, and
// the official command line vastai 1.9.1): rented GPU instances with the readings that the listing carries, volumes,
// serverless endpoints, money, and the market of GPU offers.
package vastai

import (
	"context"
	"iter"
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	name    = "vastai"
	host    = "console.vast.ai"
	base    = "https://" + host
	listing = "listing" // the source of prices that come with a resource
	keyHelp = "make a key at https://cloud.vast.ai/manage-keys/ and set VAST_API_KEY"
)

// The services' names.
const (
	instances = "instances"
	volumes   = "volumes"
	endpoints = "endpoints"
)

// The API's paths, with the trailing slash of the published description.
const (
	userPath      = "/api/v0/users/current/"
	instancesPath = "/api/v1/instances/"
	volumesPath   = "/api/v0/volumes/"
	endpointsPath = "/api/v0/endptjobs/"
	chargesPath   = "/api/v0/charges/"
	offersPath    = "/api/v0/bundles/"
	marketPath    = "/api/v0/metrics/gpu/current/"
)

// Spec describes Vast.ai.
func Spec() *provider.Spec {
	return &provider.Spec{
		Name: name, Title: "Vast.ai", Aliases: []string{"vast", "vast.ai"}, AI: true,
		Hosts:    []string{host},
		Queries:  []httpx.Pattern{{Method: http.MethodPost, Host: host, Path: offersPath}},
		Limits:   limits(),
		Services: services(),
		Asks:     asks(),
		Auth: []provider.AuthMethod{{
			Name: "api_key", Help: keyHelp,
			Fields: []provider.AuthField{{Name: "api_key", Env: []string{"VAST_API_KEY", "VASTAI_API_KEY"}, Secret: true}},
			Files:  []string{"$XDG_CONFIG_HOME/vastai/vast_api_key", "~/.config/vastai/vast_api_key", "~/.vast_api_key"},
		}},
		Permissions: permissions,
		Docs: []string{
			"https://docs.vast.ai/api-reference/instances/show-instances",
			"https://docs.vast.ai/api-reference/search/search-offers",
			"https://docs.vast.ai/api-reference/rate-limits-and-errors",
			"https://docs.vast.ai/api-reference/permissions",
			"https://github.com/vast-ai/vast-cli",
		},
		CostNote: "Nothing is billed for reading. Searching offers counts rows against a daily quota of the account.",
		Classify: classify,
		Open:     open,
	}
}

// permissions names the categories of https://docs.vast.ai/api-reference/permissions.
const permissions = `A scoped API key with these categories (vastai create api-key --permission_file FILE):

{"api": {"user_read": {}, "instance_read": {}, "billing_read": {}, "misc": {}}}

user_read: account and credit; instance_read: instances and volumes; billing_read: charges; misc: endpoints and offers.
Hosts add "machine_read": {} for the state of the GPU market.`

func services() []provider.Service {
	return []provider.Service{
		{
			Name: instances, Title: "Instances", Classes: []cloud.Class{cloud.GPUs, cloud.Compute},
			Permission: "instance_read",
			Metrics: []string{
				cloud.GPUUsagePercent, cloud.GPUTemperatureCelsius, cloud.CPUUsagePercent, cloud.MemoryUsagePercent,
				cloud.MemoryUsedBytes, cloud.DiskUsagePercent, cloud.DiskUsedBytes, cloud.UptimeSeconds,
			},
		},
		{Name: volumes, Title: "Volumes", Classes: []cloud.Class{cloud.Storage}, Permission: "instance_read"},
		{
			Name: endpoints, Title: "Serverless endpoints", Aliases: []string{"serverless"},
			Classes: []cloud.Class{cloud.AI, cloud.Functions}, Permission: "misc",
		},
	}
}

// limits are the x-rate-limit of the published descriptions: a shortest time between two calls to one endpoint, and
// ten offer searches a minute. The provider measures when calls arrive, so each has a little time for the way added.
func limits() []httpx.Limit {
	const way = 150 * time.Millisecond
	apart := func(what, path string, d time.Duration, page string) httpx.Limit {
		return httpx.Limit{
			Name: what, Match: httpx.Pattern{Host: host, Path: path}, Events: 1, Per: d + way,
			Source: "x-rate-limit of " + page + ", and 150 ms for the way there",
		}
	}
	searches := apart("offers", offersPath, time.Minute, "search_offers.yaml")
	searches.Events = 10
	return []httpx.Limit{
		apart(instances, instancesPath, time.Second, "show_instances.yaml"),
		apart(volumes, volumesPath, 5500*time.Millisecond, "show_volumes.yaml"),
		apart(endpoints, endpointsPath, 3*time.Second, "show_endpoints.yaml"),
		apart("charges", chargesPath, time.Second, "show_charges.yaml"),
		apart("market", marketPath, 3*time.Second, "metrics_gpu.yaml"),
		searches,
	}
}

func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	api, err := env.KeyAPI(base, keyHelp)
	if err != nil {
		return nil, err
	}
	return &driver{api: api, now: env.Now}, nil
}

// driver reads one account.
type driver struct {
	api     *httpx.API
	now     func() time.Time
	users   provider.Shared[struct{}, user]
	percent scale // of the CPU readings
}

var (
	_ provider.Scoper       = (*driver)(nil)
	_ provider.Identifier   = (*driver)(nil)
	_ provider.GPUMarket    = (*driver)(nil)
	_ provider.MarketReader = (*driver)(nil)
	_ provider.CostReader   = (*driver)(nil)
)

// Check reads the account.
func (d *driver) Check(ctx context.Context) error {
	_, err := d.readUser(ctx)
	return err
}

// List implements provider.Driver.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	switch q.Service {
	case instances:
		return d.listInstances(ctx, q.Scope.Account)
	case volumes:
		return d.listVolumes(ctx, q.Scope.Account)
	case endpoints:
		return d.listEndpoints(ctx, q.Scope.Account)
	}
	return provider.NoService(name, q.Service)
}
