package gcp

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

const (
	runBase  = "https://run.googleapis.com/"
	runFan   = 12             // regions asked at once
	placesIn = 12 * time.Hour // how long the list of regions is believed
	// runFields leaves out environment variables.
	runFields = "services(name,uid,createTime,updateTime,deleteTime,labels,uri,ingress,reconciling,terminalCondition(state,reason,message)," +
		"scaling(minInstanceCount,maxInstanceCount),template(scaling(minInstanceCount,maxInstanceCount),containers(image,resources/limits))," +
		"latestReadyRevision),nextPageToken,unreachable"
)

// runService is the part of the schema GoogleCloudRunV2Service that is used.
type runService struct {
	Name              string // projects/p/locations/l/services/s
	CreateTime        string
	UpdateTime        string
	DeleteTime        string
	Labels            map[string]string
	URI               string
	Ingress           string
	Reconciling       bool
	TerminalCondition struct{ State, Reason, Message string }
	Scaling           instances
	Template          struct {
		Scaling    instances
		Containers []struct {
			Image     string
			Resources struct{ Limits map[string]text }
		}
	}
	LatestReadyRevision string
}

type instances struct{ MinInstanceCount, MaxInstanceCount number }

type runPage struct {
	Services      some[runService]
	NextPageToken string
	Unreachable   []string
}

// places remembers in which regions a project can use Cloud Run.
type places struct {
	mu    sync.Mutex
	known map[string]knownPlaces
}

type knownPlaces struct {
	regions []string
	until   time.Time
}

func newPlaces() *places { return &places{known: map[string]knownPlaces{}} }

func (p *places) get(project string, now time.Time) []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if k := p.known[project]; now.Before(k.until) {
		return k.regions
	}
	return nil
}

func (p *places) put(project string, regions []string, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.known[project] = knownPlaces{regions, until}
}

// runServices lists the services region by region: Cloud Run refuses "-" for all regions.
func (d *driver) runServices(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		regions, err := d.runRegions(ctx, q.Scope.Account)
		if err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		answers := provider.Fan(ctx, runFan, regions, func(ctx context.Context, region string) regionAnswer {
			return d.runRegion(ctx, q, region)
		})
		var failures []error
		found := false
		for a := range answers {
			for _, r := range a.resources {
				if !yield(r, nil) {
					return
				}
			}
			for _, err := range a.lost {
				if !yield(cloud.Resource{}, err) {
					return
				}
			}
			found = found || a.err == nil
			if a.err != nil {
				failures = append(failures, a.err)
			}
		}
		tell(failures, found, yield)
	}
}

// tell yields failures of parts: as what is missing where something was found, else the first as the failure of all.
func tell[T any](failures []error, found bool, yield func(T, error) bool) {
	var zero T
	for _, err := range failures {
		if !found || ending(err) {
			yield(zero, err)
			return
		}
	}
	for _, err := range failures {
		if !yield(zero, partially(err)) {
			return
		}
	}
}

type regionAnswer struct {
	resources []cloud.Resource
	lost      []error // partial
	err       error
}

func (d *driver) runRegion(ctx context.Context, q cloud.Query, region string) (a regionAnswer) {
	op := "list services in " + region
	call := httpx.Call{
		Op:    op,
		Path:  runBase + "v2/projects/" + url.PathEscape(q.Scope.Account) + "/locations/" + url.PathEscape(region) + "/services",
		Query: query(runFields, "pageSize", "500"),
	}
	for p, err := range pages(ctx, d.api, call, func(p *runPage) string { return p.NextPageToken }) {
		if err != nil {
			a.err = err
			return a
		}
		for i := range p.Services.all {
			a.resources = append(a.resources, p.Services.all[i].resource(q))
		}
		a.lost = append(a.lost, p.Services.lost(op)...)
		for _, place := range p.Unreachable {
			a.lost = append(a.lost, missing(op, place, ""))
		}
	}
	return a
}

// runRegions returns the regions to ask, sorted: those of the configuration that there are.
func (d *driver) runRegions(ctx context.Context, project string) ([]string, error) {
	if known := d.places.get(project, d.env.Now()); known != nil {
		return known, nil
	}
	type page struct {
		Locations     []struct{ LocationID string }
		NextPageToken string
	}
	call := httpx.Call{
		Op: "list regions of Cloud Run", Path: runBase + "v1/projects/" + url.PathEscape(project) + "/locations",
		Query: query("locations/locationId,nextPageToken", "pageSize", "500"),
	}
	regions := []string{}
	for p, err := range pages(ctx, d.api, call, func(p *page) string { return p.NextPageToken }) {
		if err != nil {
			return nil, err
		}
		for _, l := range p.Locations {
			if len(d.regions) == 0 || slices.Contains(d.regions, l.LocationID) {
				regions = append(regions, l.LocationID)
			}
		}
	}
	slices.Sort(regions)
	d.places.put(project, regions, d.env.Now().Add(placesIn))
	return regions, nil
}

func (s *runService) resource(q cloud.Query) cloud.Resource {
	r := resource(q, "service", s.Name, last(s.Name))
	r.Region, r.CreatedAt = segment(s.Name, "locations"), moment(s.CreateTime)
	r.Status, r.NativeStatus = s.status(), s.TerminalCondition.State
	r.Tags = tags(s.Labels)
	var a attrs
	a.text("url", s.URI)
	if len(s.Template.Containers) > 0 {
		c := s.Template.Containers[0]
		a.text("image", c.Image)
		a.text("cpu", string(c.Resources.Limits["cpu"]))
		a.text("memory", string(c.Resources.Limits["memory"]))
	}
	a.number("min_instances", cmp.Or(s.Scaling.MinInstanceCount, s.Template.Scaling.MinInstanceCount))
	a.number("max_instances", cmp.Or(s.Scaling.MaxInstanceCount, s.Template.Scaling.MaxInstanceCount))
	a.text("ingress", s.Ingress)
	a.text("revision", last(s.LatestReadyRevision))
	a.text("reason", s.TerminalCondition.Reason)
	a.text("message", s.TerminalCondition.Message)
	a.time("updated_at", moment(s.UpdateTime))
	r.Attrs = a
	return r
}

// status maps the terminal condition (schema GoogleCloudRunV2Condition): whether the newest configuration serves.
func (s *runService) status() cloud.Status {
	if s.DeleteTime != "" {
		return cloud.StatusDeleted
	}
	return cmp.Or(map[string]cloud.Status{
		"CONDITION_SUCCEEDED": cloud.StatusRunning, "CONDITION_FAILED": cloud.StatusFailed,
		"CONDITION_PENDING": cloud.StatusStarting, "CONDITION_RECONCILING": cloud.StatusStarting,
	}[s.TerminalCondition.State], cloud.StatusUnknown)
}
