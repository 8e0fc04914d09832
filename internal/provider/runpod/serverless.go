package runpod

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// Metrics that only RunPod has.
const (
	workersThrottled    = "workers_throttled_count"
	workersUnhealthy    = "workers_unhealthy_count"
	workersInitializing = "workers_initializing_count"
	jobsInProgress      = "jobs_in_progress_count"
	jobsFailed          = "jobs_failed_count"
	jobsCompleted       = "jobs_completed_count"
	jobsRetried         = "jobs_retried_count"
)

// The types of endpoints. Only a queue has a health that counts jobs.
const (
	queueEndpoint    = "queue_endpoint"
	balancedEndpoint = "load_balancer_endpoint"
	otherEndpoint    = "endpoint"
)

// parallel is how many endpoints are asked for their workers at once; the chain bounds the rate.
const parallel = 8

// endpoint is the part of the schema Endpoint that is shown. Its env holds secrets and is not decoded.
type endpoint struct {
	ID, Name, Type, Image, Flashboot loose.Text
	GPU                              struct {
		Pools []string
		Count loose.Number
	}
	CPU     []cpu // the kinds that workers may have
	Workers struct {
		Min, Max    loose.Number
		IdleTimeout loose.Number // seconds
	}
	Scaling struct {
		Type         loose.Text
		QueueDelay   loose.Number // seconds
		RequestCount loose.Number
	}
	DataCenterIDs  []string
	NetworkVolumes []string
	Timeout        loose.Number // milliseconds
	CreatedAt      loose.Time
}

func (d *driver) endpoints(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	call := httpx.Call{Op: "list serverless endpoints", Path: "/serverless"}
	return list(ctx, d, call, "endpoints", func(e *endpoint) cloud.Resource {
		r := resource(q, e.kind(), e.ID, e.Name)
		r.CreatedAt, r.Attrs = e.CreatedAt.Time, e.attrs()
		if len(e.DataCenterIDs) == 1 {
			r.Region = e.DataCenterIDs[0]
		}
		if most, ok := e.Workers.Max.Reading(); ok {
			r.Status = cloud.StatusRunning
			if most == 0 {
				r.Status = cloud.StatusStopped
			}
		}
		return r
	})
}

// kind reads the schema EndpointType; one of before there were types is a queue.
func (e *endpoint) kind() string {
	switch e.Type {
	case "", "QUEUE":
		return queueEndpoint
	case "LOAD_BALANCER":
		return balancedEndpoint
	}
	return otherEndpoint
}

func (e *endpoint) attrs() []cloud.Attr {
	var a provider.Attrs
	if e.kind() == otherEndpoint {
		a.Add("endpoint_type", lower(e.Type))
	}
	a.Add("image", e.Image)
	a.Add("gpu_pools", e.GPU.Pools)
	a.Reading("gpus_per_worker", e.GPU.Count)
	if len(e.CPU) > 0 {
		e.CPU[0].addTo(&a)
	}
	a.Reading("workers_min", e.Workers.Min)
	a.Reading("workers_max", e.Workers.Max)
	a.Reading("idle_timeout_seconds", e.Workers.IdleTimeout)
	a.Add("scaling", e.Scaling.Type)
	a.Reading("scaling_queue_delay_seconds", e.Scaling.QueueDelay)
	a.Reading("scaling_request_count", e.Scaling.RequestCount)
	a.Add("data_centers", e.DataCenterIDs)
	a.Add("network_volumes", e.NetworkVolumes)
	if ms := e.Timeout.Value; ms > 0 {
		a.Add("timeout_seconds", loose.Of(ms/1000))
	}
	a.Add("flashboot", e.Flashboot)
	return a
}

// Metrics reads each endpoint's workers, and of queues the jobs: one or two calls for each. What cannot be read of one
// endpoint is said, and the others go on.
func (d *driver) Metrics(ctx context.Context, refs []cloud.Ref, _ cloud.Window) iter.Seq2[cloud.Sample, error] {
	return func(yield func(cloud.Sample, error) bool) {
		for got := range provider.Fan(ctx, parallel, d.questions(refs), func(ctx context.Context, ask question) reading {
			return ask(ctx)
		}) {
			for _, m := range got.metrics {
				if !yield(cloud.Sample{ID: got.id, Metric: m}, nil) {
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
	id      string
	metrics []cloud.Metric
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

// summary is the schema WorkerSummary.
type summary struct{ Running, Idle, Initializing, Throttled, Unhealthy loose.Number }

func (d *driver) workers(ctx context.Context, id string) reading {
	var answer struct {
		Summary *summary
		Workers loose.List[struct{ Status loose.Text }]
	}
	op := "read workers of " + id
	_, err := d.api.Get(ctx, op, "/serverless/"+url.PathEscape(id)+"/workers", nil, &answer)
	s := answer.Summary
	switch {
	case err != nil:
		return reading{id: id, err: err}
	case s == nil && !answer.Workers.Told:
		return reading{id: id, err: lacking(op, "workers")}
	case s == nil:
		s = &summary{}
		for state, n := range map[loose.Text]*loose.Number{
			"RUNNING": &s.Running, "IDLE": &s.Idle, "INITIALIZING": &s.Initializing, "THROTTLED": &s.Throttled, "UNHEALTHY": &s.Unhealthy,
		} {
			*n = loose.Of(0)
			for _, w := range answer.Workers.All {
				if w.Status == state {
					n.Value++
				}
			}
		}
	}
	return reading{id: id, metrics: metrics(d.now(), []measure{
		{cloud.WorkersRunningCount, s.Running}, {cloud.WorkersIdleCount, s.Idle}, {workersInitializing, s.Initializing},
		{workersThrottled, s.Throttled}, {workersUnhealthy, s.Unhealthy},
	})}
}

// jobs reads a queue's health (docs: {"jobs":{"completed","failed","inProgress","inQueue","retried"},"workers":{...}}).
func (d *driver) jobs(ctx context.Context, id string) reading {
	var answer struct {
		Jobs *struct{ Completed, Failed, InProgress, InQueue, Retried loose.Number }
	}
	op := "read queue of " + id
	_, err := d.api.Get(ctx, op, jobBase+"/"+url.PathEscape(id)+"/health", nil, &answer)
	if err != nil {
		return reading{id: id, err: ofQueue(err)}
	}
	j := answer.Jobs
	if j == nil {
		return reading{id: id, err: lacking(op, "jobs")}
	}
	return reading{id: id, metrics: metrics(d.now(), []measure{
		{cloud.QueueDepthCount, j.InQueue}, {jobsInProgress, j.InProgress}, {jobsFailed, j.Failed},
		{jobsCompleted, j.Completed}, {jobsRetried, j.Retried},
	})}
}

// lacking is the error of an answer that lacks a member which it must have.
func lacking(op, member string) error {
	return &cloud.Error{Kind: cloud.KindResponse, Op: name + ": " + op, Detail: "the answer has no " + member}
}
