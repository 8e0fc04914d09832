// Package runpod reads RunPod through REST v2 (https://api.runpod.io/v2, OpenAPI 2.0.0). Every list is one call: v2
// pages nothing.
package runpod

import (
	"context"
	"encoding/json"
	"errors"
	"iter"
	"net/http"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	name    = "runpod"
	base    = "https://api.runpod.io/v2"
	jobBase = "https://api.runpod.ai/v2" // queues live on another host
	listing = "listing"                  // the source of prices that come with a resource
	keyHelp = "make a read-only API key at https://console.runpod.io/user/settings and set RUNPOD_API_KEY"
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
		}},
		Permissions: "An API key with read permission (console: Settings, API Keys, Read Only).",
		Docs: []string{
			"https://docs.runpod.io/api-reference/overview", "https://docs.runpod.io/pods/pricing",
			"https://docs.runpod.io/serverless/endpoints/send-requests",
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
				workersInitializing, cloud.QueueDepthCount, jobsInProgress, jobsFailed, jobsCompleted,
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
	key := env.Config.Value("api_key")
	if key == "" {
		return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "no API key", Hint: keyHelp}
	}
	bearer := func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	}
	return &driver{api: env.API(base, bearer), now: env.Now}, nil
}

type driver struct {
	api *httpx.API
	now func() time.Time
}

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
	return failed[cloud.Resource](&cloud.Error{Kind: cloud.KindConfig, Op: name, Detail: "no service " + q.Service})
}

// list yields what one call returned, each element mapped.
func list[T any](
	ctx context.Context, d *driver, c httpx.Call, elements func() []T, resource func(*T) cloud.Resource, out any,
) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		if _, err := d.api.Do(ctx, c, httpx.Into(out)); err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		all := elements()
		for i := range all {
			if !yield(resource(&all[i]), nil) {
				return
			}
		}
	}
}

func failed[T any](err error) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		var zero T
		yield(zero, err)
	}
}

// resource returns what every resource of the account has.
func resource(q cloud.Query, kind, id, title string) cloud.Resource {
	return cloud.Resource{
		Provider: name, Account: q.Scope.Account, Service: q.Service, Type: kind, ID: id, Name: title,
		Status: cloud.StatusUnknown,
	}
}

// gpuName turns a GPU type's id into the name that people use: "NVIDIA GeForce RTX 4090" is an "RTX 4090".
func gpuName(id string) string {
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimPrefix(id, "NVIDIA "), "GeForce "), "AMD ")
}

// classify reads problem+json: {"title","status","detail","errors"} (spec: ErrorResponse).
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var p struct {
		Title, Detail string
		Errors        []string
	}
	if err := json.Unmarshal(body, &p); err != nil {
		return httpx.Fault{}
	}
	f := httpx.Fault{Code: p.Title, Detail: strings.Join(append([]string{p.Detail}, p.Errors...), "; ")}
	switch status {
	case http.StatusUnauthorized:
		f.Hint = keyHelp
	case http.StatusForbidden:
		f.Hint = "give the API key read access (console: Settings, API Keys)"
	}
	return f
}

// attrs builds attributes in a fixed order, leaving out what is not there.
type attrs []cloud.Attr

func (a *attrs) text(name, v string) {
	if v != "" {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

func (a *attrs) texts(name string, v []string) {
	if len(v) > 0 {
		*a = append(*a, cloud.Attr{Name: name, Value: v})
	}
}

func (a *attrs) add(name string, v any) { *a = append(*a, cloud.Attr{Name: name, Value: v}) }

// partially returns err as something missing from a sequence that goes on. What concerns the whole sequence stays what
// it is: the end of the context, and a refused key.
func partially(err error) error {
	e, ok := errors.AsType[*cloud.Error](err)
	if !ok {
		return err
	}
	switch e.Kind {
	case cloud.KindCancelled, cloud.KindTimeout, cloud.KindAuth:
		return err
	default:
		return &cloud.Error{Kind: cloud.KindPartial, Op: e.Op, Detail: e.Message(), Hint: e.Hint, Err: e}
	}
}
