package providertest

import (
	"slices"
	"sync"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// harvest is one reading of everything.
type harvest struct {
	done []finished
}

// finished is a task with what it found.
type finished struct {
	task
	*outcome
}

// harvest reads everything, as the collector would: scopes, then all lists at once, then their details. One by one
// where it shall be the same each time, together where it shall be fast.
func (x *session) harvest(together bool) *harvest {
	h := &harvest{}
	d := x.conn.Driver()
	h.work(x, opening(d), false)
	var scopes []cloud.Scope
	for _, f := range h.done {
		scopes = append(scopes, f.scopes...)
	}
	var lists []task
	for _, q := range provider.Units(scopes, x.conn.Services(nil)) {
		lists = append(lists, listTask(q))
	}
	h.work(x, append(lists, marketTasks(d)...), together)
	h.work(x, h.details(x), together)
	return h
}

// work does tasks and keeps their outcomes in the order of the tasks.
func (h *harvest) work(x *session, tasks []task, together bool) {
	results := make([]finished, len(tasks))
	var wg sync.WaitGroup
	for i, k := range tasks {
		do := func() { results[i] = finished{k, x.do(x.Context(), k)} }
		if together {
			wg.Go(do)
		} else {
			do()
		}
	}
	wg.Wait()
	h.done = append(h.done, results...)
}

// details returns the tasks for metrics and prices of what was listed, in the order of the lists.
func (h *harvest) details(x *session) []task {
	type group struct {
		svc   provider.Service
		scope cloud.Scope
		found []cloud.Resource
	}
	var groups []*group
	for _, f := range h.done {
		if f.kind != "list" {
			continue
		}
		svc, _ := x.suite.spec.Service(f.service)
		scope := cloud.Scope{Account: f.query.Scope.Account, Region: f.query.Scope.Region}
		i := slices.IndexFunc(groups, func(g *group) bool { return g.svc.Name == svc.Name && g.scope == scope })
		if i < 0 {
			i = len(groups)
			groups = append(groups, &group{svc: svc, scope: scope})
		}
		groups[i].found = append(groups[i].found, f.resources...)
	}
	var tasks []task
	for _, g := range groups {
		tasks = append(tasks, detailTasks(x.conn.Driver(), &g.svc, g.scope, g.found)...)
	}
	return tasks
}

// spot is where a detail belongs: one resource of one service in one listed place.
type spot struct{ account, region, service, id string }

func (f finished) spot(id string) spot {
	return spot{f.query.Scope.Account, f.query.Scope.Region, f.service, id}
}

// resources returns everything that was listed, with the metrics and prices that were read of it.
func (h *harvest) resources() []cloud.Resource {
	var all []cloud.Resource
	at := map[spot][]int{}
	for _, f := range h.done {
		for _, r := range f.resources {
			r.Metrics = slices.Clone(r.Metrics)
			at[f.spot(r.ID)] = append(at[f.spot(r.ID)], len(all))
			all = append(all, r)
		}
	}
	for _, f := range h.done {
		for _, s := range f.samples {
			for _, i := range at[f.spot(s.ID)] {
				all[i].Metrics = append(all[i].Metrics, s.Metric)
			}
		}
		for _, q := range f.quotes {
			for _, i := range at[f.spot(q.ID)] {
				all[i].Cost = &q.Price
			}
		}
	}
	return all
}

// mustBeComplete reports every error.
func (h *harvest) mustBeComplete(x *session) {
	x.Helper()
	for _, f := range h.done {
		for _, err := range f.errs {
			x.Errorf("%s: %v", f.name, err)
		}
	}
}
