package gcp

import (
	"cmp"
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
)

// functionFields leaves out environment variables.
const functionFields = "functions(name,state,stateMessages/message,environment,createTime,updateTime,labels,url,buildConfig(runtime," +
	"entryPoint),serviceConfig(service,availableMemory,availableCpu,timeoutSeconds,minInstanceCount,maxInstanceCount),eventTrigger/eventType)," +
	"nextPageToken,unreachable"

// function is the part of the schema Function (cloudfunctions v2) that is used.
type function struct {
	Name          string // projects/p/locations/l/functions/f
	State         string
	StateMessages []struct{ Message string }
	Environment   string // GEN_1 or GEN_2
	CreateTime    string
	UpdateTime    string
	Labels        map[string]string
	URL           string
	BuildConfig   struct{ Runtime, EntryPoint string }
	ServiceConfig struct {
		Service                                            text // projects/p/locations/l/services/s
		AvailableMemory, AvailableCPU                      text
		TimeoutSeconds, MinInstanceCount, MaxInstanceCount number
	}
	EventTrigger struct{ EventType string }
}

type functionPage struct {
	Functions     some[function]
	NextPageToken string
	Unreachable   []string
}

// functions lists the functions of all regions, 1,000 a call.
func (d *driver) functions(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	const op = "list functions"
	call := httpx.Call{
		Op: op, Path: "https://cloudfunctions.googleapis.com/v2/projects/" + url.PathEscape(q.Scope.Account) + "/locations/-/functions",
		Query: query(functionFields, "pageSize", "1000"),
	}
	return list(ctx, d, call, func(p *functionPage) string { return p.NextPageToken }, func(p *functionPage) ([]cloud.Resource, []error) {
		var found []cloud.Resource
		lost := p.Functions.lost(op)
		for i := range p.Functions.all {
			f := &p.Functions.all[i]
			d.homes.put(f.Name, home{f.Environment, string(f.ServiceConfig.Service)})
			found = append(found, f.resource(q))
		}
		for _, place := range p.Unreachable {
			lost = append(lost, missing(op, place, ""))
		}
		return found, lost
	})
}

func (f *function) resource(q cloud.Query) cloud.Resource {
	r := resource(q, "function", f.Name, last(f.Name))
	r.Region, r.CreatedAt = segment(f.Name, "locations"), moment(f.CreateTime)
	r.Status, r.NativeStatus = functionStatus(f.State), f.State
	r.Tags = tags(f.Labels)
	var a attrs
	a.text("generation", f.Environment)
	a.text("runtime", f.BuildConfig.Runtime)
	a.text("entry_point", f.BuildConfig.EntryPoint)
	a.text("memory", string(f.ServiceConfig.AvailableMemory))
	a.text("cpu", string(f.ServiceConfig.AvailableCPU))
	a.number("timeout_seconds", f.ServiceConfig.TimeoutSeconds)
	a.number("min_instances", f.ServiceConfig.MinInstanceCount)
	a.number("max_instances", f.ServiceConfig.MaxInstanceCount)
	a.text("event_type", f.EventTrigger.EventType)
	a.text("url", f.URL)
	a.time("updated_at", moment(f.UpdateTime))
	if len(f.StateMessages) > 0 {
		a.text("state_message", f.StateMessages[0].Message)
	}
	r.Attrs = a
	return r
}

// functionStatus maps the states of cloudfunctions v2.
func functionStatus(s string) cloud.Status {
	return cmp.Or(map[string]cloud.Status{
		"ACTIVE": cloud.StatusRunning, "DETACHING": cloud.StatusRunning, "DETACH_FAILED": cloud.StatusRunning,
		"DEPLOYING": cloud.StatusStarting, "DELETING": cloud.StatusStopping, "FAILED": cloud.StatusFailed,
	}[s], cloud.StatusUnknown)
}
