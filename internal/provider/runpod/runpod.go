// Package runpod reads RunPod through REST v2 (https://api.runpod.io/v2, OpenAPI 2.0.0). Every list is one call: v2
// pages nothing.
package runpod

import (
	"context"
	"encoding/json"
	"iter"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

const (
	name      = "runpod"
	base      = "https://api.runpod.io/v2"
	jobBase   = "https://api.runpod.ai/v2" // queues live on another host
	listing   = "listing"                  // the source of prices that come with a resource
	published = "published prices"         // the source of those that it does not have
	keyHelp   = "make a read-only API key at https://console.runpod.io/user/settings and set RUNPOD_API_KEY"
)

// The services' names.
const (
	pods       = "pods"
	serverless = "serverless"
	volumes    = "network_volumes"
	clusters   = "clusters"
)

// Spec describes RunPod.
func Spec() *provider.Spec {
	return &provider.Spec{
		Name: name, Title: "RunPod", Aliases: []string{"io", "runpod.io"}, AI: true,
		Hosts:    []string{"api.runpod.io", "api.runpod.ai"},
		Services: services(),
		Asks:     asks(),
		Limits: []httpx.Limit{
			{
				Name: "api", Match: httpx.Pattern{Host: "api.runpod.io"}, Events: 1200, Per: time.Minute,
				Source: "no quota is published: a bound of our own, lowered by each answer's RateLimit field",
			},
			{
				Name: "jobs", Match: httpx.Pattern{Host: "api.runpod.ai"}, Events: 2000, Per: 10 * time.Second,
				Source: "docs.runpod.io/serverless/endpoints/send-requests",
			},
		},
		Auth: []provider.AuthMethod{{
			Name: "api_key", Help: keyHelp,
			Fields: []provider.AuthField{{Name: "api_key", Env: []string{"RUNPOD_API_KEY"}, Secret: true}},
			Files:  []string{"~/.runpod/config.toml"}, Parse: parseConfig,
		}},
		Permissions: "An API key with read permission (console: Settings, API Keys, Read Only). A Restricted key needs\n" +
			"Read Only on api.runpod.io, and on api.runpod.ai for the queues of serverless endpoints.",
		Docs: []string{
			"https://docs.runpod.io/api-reference/overview", "https://docs.runpod.io/pods/pricing",
			"https://docs.runpod.io/serverless/endpoints/send-requests", "https://docs.runpod.io/get-started/api-keys",
		},
		Classify: classify,
		Open:     open,
	}
}

func services() []provider.Service {
	return []provider.Service{
		{
			Name: pods, Title: "Pods", Aliases: []string{"instances"},
			Classes: []cloud.Class{cloud.GPUs, cloud.Compute}, Permission: "read access to pods",
			Metrics: []string{
				cloud.GPUUsagePercent, cloud.GPUMemoryUsagePercent, cloud.CPUUsagePercent, cloud.MemoryUsagePercent,
				cloud.UptimeSeconds,
			},
		},
		{
			Name: serverless, Title: "Serverless endpoints", Aliases: []string{"endpoints"},
			Classes: []cloud.Class{cloud.AI, cloud.Functions}, Permission: "read access to serverless endpoints",
			Metrics: []string{
				cloud.WorkersRunningCount, cloud.WorkersIdleCount, workersThrottled, workersUnhealthy,
				workersInitializing, cloud.QueueDepthCount, jobsInProgress, jobsFailed, jobsCompleted, jobsRetried,
			},
		},
		{
			Name: volumes, Title: "Network volumes", Aliases: []string{"volumes"},
			Classes: []cloud.Class{cloud.Storage}, Permission: "read access to network volumes",
		},
		{
			Name: clusters, Title: "Instant Clusters", Classes: []cloud.Class{cloud.GPUs, cloud.Compute},
			Permission: "read access to clusters",
		},
	}
}

func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	api, err := env.KeyAPI(base, keyHelp)
	if err != nil {
		return nil, err
	}
	return &driver{api: api, now: env.Now}, nil
}

type driver struct {
	api *httpx.API
	now func() time.Time
}

var (
	_ provider.MetricsReader = (*driver)(nil)
	_ provider.GPUMarket     = (*driver)(nil)
	_ provider.CostReader    = (*driver)(nil)
)

// Check lists the network volumes, the smallest list. A key that may not read them is a good key.
func (d *driver) Check(ctx context.Context) error {
	_, err := d.api.Get(ctx, "check key", "/network-volumes", nil, nil)
	if cloud.KindOf(err) == cloud.KindDenied {
		return nil
	}
	return err
}

// List implements provider.Driver.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	switch q.Service {
	case pods:
		return d.pods(ctx, q)
	case serverless:
		return d.endpoints(ctx, q)
	case volumes:
		return d.volumes(ctx, q)
	case clusters:
		return d.clusters(ctx, q)
	}
	return provider.NoService(name, q.Service)
}

// list yields the list that one call returned in the named member, each element mapped.
func list[T any](ctx context.Context, d *driver, c httpx.Call, member string, resource func(*T) cloud.Resource) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		var l loose.List[T]
		if _, err := d.api.Do(ctx, c, into(member, &l)); err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		provider.Elements(name+": "+c.Op, &l, func(v *T) (cloud.Resource, bool) {
			r := resource(v)
			return r, r.ID != ""
		}, yield)
	}
}

// into returns a Decoder of an answer that wraps a list in the named member. An answer without it is an error.
func into[T any](member string, l *loose.List[T]) httpx.Decoder {
	return func(d *json.Decoder) error {
		var answer map[string]json.RawMessage
		if err := d.Decode(&answer); err != nil {
			return err
		}
		data, ok := answer[member]
		if !ok {
			return &cloud.Error{Kind: cloud.KindResponse, Detail: "the answer has no " + member}
		}
		return json.Unmarshal(data, l)
	}
}

// resource returns what every resource of the account has.
func resource(q cloud.Query, kind string, id, title loose.Text) cloud.Resource {
	return cloud.Resource{
		Provider: name, Account: q.Scope.Account, Service: q.Service, Type: kind, ID: string(id), Name: string(title),
		Status: cloud.StatusUnknown,
	}
}

// gpuName turns a GPU type's id into the name that people use: "NVIDIA GeForce RTX 4090" is an "RTX 4090".
func gpuName(id loose.Text) string {
	s := string(id)
	for _, maker := range []string{"NVIDIA ", "GeForce ", "AMD "} {
		s = strings.TrimPrefix(s, maker)
	}
	return s
}

// lower is how our attributes write the API's words: "HIGH_PERFORMANCE" as "high_performance".
func lower(w loose.Text) string { return strings.ToLower(string(w)) }
