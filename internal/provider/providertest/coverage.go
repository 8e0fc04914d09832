package providertest

import (
	"slices"
	"testing"

	"github.com/adsops/cloudtop/internal/cloud"
)

// coverageChecks see that all that the Spec promises is there in a world that is large enough.
func (s *suite) coverageChecks() []check {
	return []check{{name: "coverage", run: s.coverage}}
}

func (s *suite) coverage(t testing.TB) {
	x := s.open(t, setup{count: max(10*s.size, 400)})
	h := x.harvest(true)
	h.mustBeComplete(x)
	x.close()
	rows, metrics := map[string]int{}, map[string]map[string]int{}
	for _, r := range h.resources() {
		rows[r.Service]++
		if metrics[r.Service] == nil {
			metrics[r.Service] = map[string]int{}
		}
		for _, m := range r.Metrics {
			metrics[r.Service][m.Name]++
		}
	}
	gpus := h.gpuServices()
	for _, svc := range s.spec.Services {
		if rows[svc.Name] == 0 {
			t.Errorf("service %s has no resource in a large world", svc.Name)
		}
		for _, m := range svc.Metrics {
			if metrics[svc.Name][m] == 0 {
				t.Errorf("service %s never has the metric %s that it declares", svc.Name, m)
			}
		}
		for m := range metrics[svc.Name] {
			if !slices.Contains(svc.Metrics, m) {
				t.Errorf("service %s has the metric %s that it does not declare", svc.Name, m)
			}
		}
		if gpus[svc.Name] && !slices.Contains(svc.Classes, cloud.GPUs) {
			t.Errorf("service %s has GPUs and is not of the class gpu: --gpu would not find them", svc.Name)
		}
	}
	for i := range s.spec.Limits {
		l := &s.spec.Limits[i]
		if !slices.ContainsFunc(x.tap.exchanges(), func(e *exchange) bool { return l.Match.Matches(request(e.place())) }) {
			t.Errorf("limit %s counts none of the calls that are made", l.Name)
		}
	}
	for i, q := range s.spec.Queries {
		called := slices.ContainsFunc(x.tap.exchanges(), func(e *exchange) bool { return q.Matches(request(e.place())) })
		if !called && !named(s.logins, q.Path) {
			t.Errorf("Queries[%d] %v is never called: what may be sent is no more than what is", i, q)
		}
	}
}

// gpuServices returns the services that have resources with GPUs.
func (h *harvest) gpuServices() map[string]bool {
	out := map[string]bool{}
	for _, r := range h.resources() {
		if r.GPU != nil {
			out[r.Service] = true
		}
	}
	return out
}
