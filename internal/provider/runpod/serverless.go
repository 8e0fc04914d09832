package runpod

import (
	"context"
	"iter"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// Metrics that only RunPod has.
const (
	workersThrottled    = "workers_throttled_count"
	workersUnhealthy    = "workers_unhealthy_count"
	workersInitializing = "workers_initializing_count"
	jobsInProgress      = "jobs_in_progress_count"
	jobsFailed          = "jobs_failed_count"
	jobsCompleted       = "jobs_completed_count"
)

// The types of endpoints. Only a queue has a health that counts jobs.
const (
	queueEndpoint    = "queue_endpoint"
	balancedEndpoint = "load_balancer_endpoint"
)

// parallel is how many endpoints are asked for their workers at once; the chain bounds the rate.
const parallel = 8

// endpoint is the part of the schema Endpoint that is shown. Its env holds secrets and is not decoded.
type endpoint struct {
	ID    string
	Name  string
	Type  string
	Image string
	GPU   *struct {
		Pools []string
		Count *float64
	}
	CPU []struct {
		ID        string
		VCPUCount float64
		Memory    float64
	}
	Workers struct {
		Min, Max    *float64
		IdleTimeout *float64 // seconds
	}
	Scaling struct {
		Type         string
		QueueDelay   *float64 // seconds
		RequestCount *float64
	}
	DataCenterIDs  []string
	NetworkVolumes []string
	Timeout        float64 // milliseconds
	Flashboot      string
	CreatedAt      time.Time
}

func (d *driver) endpoints(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	var answer struct{ Endpoints []endpoint }
	call := httpx.Call{Op: "list serverless endpoints", Path: "/serverless"}
	return list(ctx, d, call, func() []endpoint { return answer.Endpoints }, func(e *endpoint) cloud.Resource {
		kind := balancedEndpoint
		if e.Type == "" || e.Type == "QUEUE" {
			kind = queueEndpoint
		}
		r := resource(q, kind, e.ID, e.Name)
		r.CreatedAt = e.CreatedAt.UTC()
		if len(e.DataCenterIDs) == 1 {
			r.Region = e.DataCenterIDs[0]
		}
		if e.Workers.Max != nil {
			r.Status = cloud.StatusRunning
			if *e.Workers.Max == 0 {
				r.Status = cloud.StatusStopped
			}
		}
		r.Attrs = e.attrs()
		return r
	}, &answer)
}

func (e *endpoint) attrs() []cloud.Attr {
	var a attrs
	number := func(name string, v *float64) {
		if v != nil {
			a.add(name, *v)
		}
	}
	a.text("image", e.Image)
	if e.GPU != nil {
		a.texts("gpu_pools", e.GPU.Pools)
		number("gpus_per_worker", e.GPU.Count)
	}
	for _, c := range e.CPU[:min(len(e.CPU), 1)] {
		a.text("cpu_type", c.ID)
		a.add("vcpus", c.VCPUCount)
		a.add("memory_gb", c.Memory)
	}
	number("workers_min", e.Workers.Min)
	number("workers_max", e.Workers.Max)
	number("idle_timeout_seconds", e.Workers.IdleTimeout)
	a.text("scaling", e.Scaling.Type)
	number("scaling_queue_delay_seconds", e.Scaling.QueueDelay)
	number("scaling_request_count", e.Scaling.RequestCount)
	a.texts("data_centers", e.DataCenterIDs)
	a.texts("network_volumes", e.NetworkVolumes)
	if e.Timeout > 0 {
		a.add("timeout_seconds", e.Timeout/1000)
	}
	a.text("flashboot", e.Flashboot)
	return a
}

// Metrics reads each endpoint's workers, and of queues the jobs: one or two calls for each. What cannot be read of one
// endpoint is said, and the others go on.
func (d *driver) Metrics(ctx context.Context, refs []cloud.Ref, _ cloud.Window) iter.Seq2[cloud.Sample, error] {
	return func(yield func(cloud.Sample, error) bool) {
		for got := range provider.Fan(ctx, parallel, d.questions(refs), func(ctx context.Context, ask question) reading {
			return ask(ctx)
		}) {
			for _, s := range got.samples {
				if !yield(s, nil) {
					return
				}
			}
			if got.err == nil {
				continue
			}
			err := partially(got.err)
			if !yield(cloud.Sample{}, err) || cloud.KindOf(err) != cloud.KindPartial {
				return
			}
		}
	}
}

// question is one call about one endpoint, reading its answer.
type question func(context.Context) reading

type reading struct {
	samples []cloud.Sample
	err     error
}

func (d *driver) questions(refs []cloud.Ref) []question {
	var all []question
	for _, ref := range refs {
		if ref.Service != serverless {
			continue
		}
		all = append(all, func(ctx context.Context) reading { return d.workers(ctx, ref.ID) })
		if ref.Type == queueEndpoint {
			all = append(all, func(ctx context.Context) reading { return d.jobs(ctx, ref.ID) })
		}
	}
	return all
}

func (d *driver) workers(ctx context.Context, id string) reading {
	var answer struct {
		Summary struct{ Running, Idle, Initializing, Throttled, Unhealthy *float64 }
	}
	_, err := d.api.Get(ctx, "read workers of "+id, "/serverless/"+url.PathEscape(id)+"/workers", nil, &answer)
	s := &answer.Summary
	return reading{err: err, samples: d.samples(id, []measure{
		{cloud.WorkersRunningCount, s.Running}, {cloud.WorkersIdleCount, s.Idle}, {workersInitializing, s.Initializing},
		{workersThrottled, s.Throttled}, {workersUnhealthy, s.Unhealthy},
	})}
}

// jobs reads a queue's health (docs: {"jobs":{"completed","failed","inProgress","inQueue","retried"},"workers":{...}}).
func (d *driver) jobs(ctx context.Context, id string) reading {
	var answer struct {
		Jobs struct{ Completed, Failed, InProgress, InQueue *float64 }
	}
	_, err := d.api.Get(ctx, "read queue of "+id, jobBase+"/"+url.PathEscape(id)+"/health", nil, &answer)
	j := &answer.Jobs
	return reading{err: err, samples: d.samples(id, []measure{
		{cloud.QueueDepthCount, j.InQueue}, {jobsInProgress, j.InProgress}, {jobsFailed, j.Failed},
		{jobsCompleted, j.Completed},
	})}
}

// measure is one number of an answer, nil where it was not told.
type measure struct {
	name  string
	value *float64
}

func (d *driver) samples(id string, all []measure) []cloud.Sample {
	var out []cloud.Sample
	for _, m := range all {
		if m.value != nil {
			out = append(out, cloud.Sample{ID: id, Metric: cloud.Metric{Name: m.name, Value: *m.value, At: d.now()}})
		}
	}
	return out
}
