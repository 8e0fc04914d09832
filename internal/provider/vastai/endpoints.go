package vastai

import (
	"context"
	"errors"
	"iter"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// endpoint is an element of GET /api/v0/endptjobs/ (show_endpoints.yaml and the official client's EndpointData). The
// answer's api_key is a secret and is not read.
type endpoint struct {
	ID                word   `json:"id"`
	Name              word   `json:"endpoint_name"`
	State             word   `json:"endpoint_state"` // active, suspended, stopped
	CreatedAt         moment `json:"created_at"`
	MinLoad           number `json:"min_load"` // the model's units of work per second
	MinColdLoad       number `json:"min_cold_load"`
	TargetUtil        number `json:"target_util"` // 0 to 1
	ColdMult          number `json:"cold_mult"`
	ColdWorkers       number `json:"cold_workers"`
	MaxWorkers        number `json:"max_workers"`
	MaxQueueTime      number `json:"max_queue_time"` // seconds
	TargetQueueTime   number `json:"target_queue_time"`
	InactivityTimeout number `json:"inactivity_timeout"`
	AutoDelete        number `json:"auto_delete_in_seconds"`
}

// listEndpoints lists the serverless endpoints in one call. An account without any may be answered with status 400
// ("No endpoints for user found"), which is an empty list.
func (d *driver) listEndpoints(ctx context.Context, account string) iter.Seq2[cloud.Resource, error] {
	const op = "list endpoints"
	return func(yield func(cloud.Resource, error) bool) {
		var list struct {
			outcome
			Results loose.List[endpoint] `json:"results"`
		}
		_, err := d.api.Get(ctx, op, endpointsPath, nil, &list)
		if e, ok := errors.AsType[*cloud.Error](err); ok && e.Code == noEndpoints {
			return
		}
		if err == nil {
			err = list.complete(op, list.Results.Told)
		}
		if err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		provider.Elements(name+": "+op, &list.Results, func(e *endpoint) (cloud.Resource, bool) {
			return e.resource(account), e.ID != ""
		}, yield)
	}
}

func (e *endpoint) resource(account string) cloud.Resource {
	return cloud.Resource{
		Provider: name, Account: account, Service: endpoints, Type: "endpoint", ID: string(e.ID), Name: string(e.Name),
		Status: e.status(), NativeStatus: string(e.State), CreatedAt: e.CreatedAt.Time, Attrs: e.attrs(),
	}
}

func (e *endpoint) status() cloud.Status {
	switch e.State {
	case "active":
		return cloud.StatusRunning
	case "suspended", stopped:
		return cloud.StatusStopped
	}
	return cloud.StatusUnknown
}

func (e *endpoint) attrs() []cloud.Attr {
	a := make(provider.Attrs, 0, 10)
	a.Reading("max_workers", e.MaxWorkers)
	a.Reading("cold_workers", e.ColdWorkers)
	a.Reading("min_load", e.MinLoad)
	a.Reading("min_cold_load", e.MinColdLoad)
	a.Reading("target_utilization_ratio", e.TargetUtil)
	a.Reading("cold_multiple", e.ColdMult)
	a.Reading("max_queue_seconds", e.MaxQueueTime)
	a.Reading("target_queue_seconds", e.TargetQueueTime)
	a.Reading("idle_timeout_seconds", e.InactivityTimeout)
	a.Reading("auto_delete_in_seconds", e.AutoDelete)
	return a
}
