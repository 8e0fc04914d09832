package providertest

import (
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// promiseChecks use the connection by the interfaces that are promised to users.
func (s *suite) promiseChecks() []check { return []check{{name: "promise", run: s.promise}} }

func (s *suite) promise(t testing.TB) {
	x := s.open(t, setup{})
	var p provider.GPUProvider = x.conn
	services, err := p.ListServices(t.Context())
	if err != nil || len(services) != len(s.spec.Services) || p.Name() != s.spec.Name {
		t.Errorf("ListServices: got %d, %v, want %d", len(services), err, len(s.spec.Services))
	}
	all, err := p.ListResources(t.Context(), nil)
	if want := len(x.cloud.Truth().Resources); err != nil || len(all) != want {
		t.Errorf("ListResources: got %d, %v, want %d", len(all), err, want)
	}
	if _, err := p.GetMetrics(t.Context(), &provider.MetricsRequest{Resources: all}); err != nil {
		t.Errorf("GetMetrics: %v", err)
	}
	gpus, err := p.ListGPUInstances(t.Context(), nil)
	if err != nil || slices.ContainsFunc(gpus, func(r cloud.Resource) bool { return r.GPU == nil }) {
		t.Errorf("ListGPUInstances: %v, or one of %d has no GPU", err, len(gpus))
	}
	if len(gpus) > 0 {
		if m, err := p.GetGPUMetrics(t.Context(), gpus[0].ID); err != nil || m.InstanceID != gpus[0].ID {
			t.Errorf("GetGPUMetrics: got %+v, %v", m, err)
		}
	}
	offers, err := p.GetGPUAvailability(t.Context())
	if want := x.cloud.Truth().Offers; err != nil || want > 0 && len(offers) != want {
		t.Errorf("GetGPUAvailability: got %d, %v, want %d", len(offers), err, want)
	}
	x.close()
}
