package provider

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// Provider is the core interface that every connection satisfies.
type Provider interface {
	Name() string
	Initialize(ctx context.Context, config *ProviderConfig) error
	HealthCheck(ctx context.Context) error
	ListServices(ctx context.Context) ([]Service, error)
	GetMetrics(ctx context.Context, req *MetricsRequest) (*MetricsResponse, error)
	ListResources(ctx context.Context, filter *ResourceFilter) ([]Resource, error)
	Close() error
}

// GPUProvider is the interface of connections to clouds with GPUs.
type GPUProvider interface {
	Provider
	ListGPUInstances(ctx context.Context, filter *GPUFilter) ([]GPUInstance, error)
	GetGPUMetrics(ctx context.Context, instanceID string) (*GPUMetrics, error)
	GetGPUAvailability(ctx context.Context) ([]GPUOffering, error)
}

var _ GPUProvider = (*Conn)(nil)

type (
	// Resource is the resource of package cloud.
	Resource = cloud.Resource
	// GPUInstance is a resource that has GPUs.
	GPUInstance = cloud.Resource
	// GPUOffering is an offer of package cloud.
	GPUOffering = cloud.Offer
)

// ResourceFilter narrows ListResources. Zero fields do not narrow.
type ResourceFilter struct {
	Services []string // names, aliases or classes
	Regions  []string
	Statuses []cloud.Status
}

// GPUFilter narrows ListGPUInstances. Zero fields do not narrow.
type GPUFilter struct {
	GPUType  string // case-insensitive part of the card's name
	MinCount float64
	Statuses []cloud.Status
}

// MetricsRequest asks for the metrics of some resources.
type MetricsRequest struct {
	Resources []Resource
	Window    cloud.Window // the zero Window is the last ten minutes, or longer where a service's readings are later
}

// MetricsResponse holds readings by Resource.ID.
type MetricsResponse struct {
	Metrics map[string][]cloud.Metric
}

// GPUMetrics are the readings of one instance's GPUs. Nil was not measured.
type GPUMetrics struct {
	InstanceID         string
	UsagePercent       *float64
	MemoryUsagePercent *float64
	TemperatureCelsius *float64
	PowerWatts         *float64
	At                 time.Time // of the newest reading
}

// ListResources lists what filter asks for, scope by scope. With an error it returns what could be read.
func (c *Conn) ListResources(ctx context.Context, filter *ResourceFilter) ([]Resource, error) {
	if c.driver == nil {
		return nil, errNotInitialized(c.spec.Name)
	}
	if filter == nil {
		filter = &ResourceFilter{}
	}
	scopes, err := Gather(c.Scopes(ctx))
	errs := []error{err}
	var all []Resource
	scopes = inRegions(inRegions(scopes, c.config.Regions), filter.Regions)
	for _, queries := range Groups(Units(scopes, c.Services(filter.Services))) {
		ctx := NewBatch(queries).In(ctx)
		for _, q := range queries {
			found, err := Gather(c.driver.List(ctx, q))
			errs = append(errs, err)
			all = append(all, found...)
		}
	}
	keep := func(r Resource) bool {
		return (len(filter.Regions) == 0 || slices.Contains(filter.Regions, r.Region)) &&
			(len(filter.Statuses) == 0 || slices.Contains(filter.Statuses, r.Status))
	}
	return slices.DeleteFunc(all, func(r Resource) bool { return !keep(r) }), errors.Join(errs...)
}

// inRegions returns the scopes in one of the regions, and those without any; all where regions is empty.
func inRegions(scopes []cloud.Scope, regions []string) []cloud.Scope {
	return slices.DeleteFunc(scopes, func(s cloud.Scope) bool {
		return len(regions) > 0 && s.Region != "" && !slices.Contains(regions, s.Region)
	})
}

// GetMetrics reads the metrics of req's resources: those that came with the listing and those read by themselves.
func (c *Conn) GetMetrics(ctx context.Context, req *MetricsRequest) (*MetricsResponse, error) {
	if c.driver == nil {
		return nil, errNotInitialized(c.spec.Name)
	}
	out := &MetricsResponse{Metrics: make(map[string][]cloud.Metric, len(req.Resources))}
	type place struct{ account, region, service string }
	groups := map[place][]cloud.Ref{}
	var order []place
	for i := range req.Resources {
		r := &req.Resources[i]
		out.Metrics[r.ID] = slices.Clone(r.Metrics)
		p := place{r.Account, r.Region, r.Service}
		if groups[p] == nil {
			order = append(order, p)
		}
		groups[p] = append(groups[p], r.Ref())
	}
	reader, ok := c.driver.(MetricsReader)
	if !ok {
		return out, nil
	}
	var errs []error
	for _, p := range order {
		samples, err := Gather(reader.Metrics(ctx, groups[p], c.window(req.Window, p.service)))
		errs = append(errs, err)
		for _, s := range samples {
			out.Metrics[s.ID] = append(out.Metrics[s.ID], s.Metric)
		}
	}
	return out, errors.Join(errs...)
}

// window returns w, or where it is zero one that reaches back to the newest readings of a service.
func (c *Conn) window(w cloud.Window, service string) cloud.Window {
	if w != (cloud.Window{}) {
		return w
	}
	svc, _ := c.spec.Service(service)
	now := c.config.Now()
	return cloud.Window{From: now.Add(-max(10*time.Minute, svc.Delay+3*svc.Step)), To: now}
}

// ListGPUInstances lists the resources that have GPUs.
func (c *Conn) ListGPUInstances(ctx context.Context, filter *GPUFilter) ([]GPUInstance, error) {
	if filter == nil {
		filter = &GPUFilter{}
	}
	all, err := c.ListResources(ctx, &ResourceFilter{Services: []string{string(cloud.GPUs)}, Statuses: filter.Statuses})
	return slices.DeleteFunc(all, func(r Resource) bool {
		return r.GPU == nil || r.GPU.Count < filter.MinCount ||
			!strings.Contains(strings.ToLower(r.GPU.Type), strings.ToLower(filter.GPUType))
	}), err
}

// GetGPUMetrics reads the GPU metrics of one instance.
func (c *Conn) GetGPUMetrics(ctx context.Context, instanceID string) (*GPUMetrics, error) {
	all, err := c.ListGPUInstances(ctx, nil)
	i := slices.IndexFunc(all, func(r Resource) bool { return r.ID == instanceID })
	if i < 0 {
		missing := &cloud.Error{Kind: cloud.KindNotFound, Op: c.spec.Name, Detail: "no GPU instance " + instanceID}
		return nil, errors.Join(missing, err)
	}
	read, err := c.GetMetrics(ctx, &MetricsRequest{Resources: all[i : i+1]})
	if err != nil {
		return nil, err
	}
	out := &GPUMetrics{InstanceID: instanceID}
	fields := map[string]**float64{
		cloud.GPUUsagePercent: &out.UsagePercent, cloud.GPUMemoryUsagePercent: &out.MemoryUsagePercent,
		cloud.GPUTemperatureCelsius: &out.TemperatureCelsius, cloud.GPUPowerWatts: &out.PowerWatts,
	}
	for _, m := range read.Metrics[instanceID] {
		if f, ok := fields[m.Name]; ok {
			*f = &m.Value
			if at := m.At.Time(); at.After(out.At) {
				out.At = at
			}
		}
	}
	return out, nil
}

// GetGPUAvailability lists the GPUs for rent; empty where the provider rents none out by the hour.
func (c *Conn) GetGPUAvailability(ctx context.Context) ([]GPUOffering, error) {
	if c.driver == nil {
		return nil, errNotInitialized(c.spec.Name)
	}
	market, ok := c.driver.(GPUMarket)
	if !ok {
		return nil, nil
	}
	return Gather(market.Offers(ctx, cloud.OfferQuery{}))
}
