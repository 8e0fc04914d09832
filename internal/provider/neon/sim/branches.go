package neonsim

import (
	"cmp"
	"net/http"
	"slices"
)

const owner = "neondb_owner"

// branchesOf returns the branches that a search is after, in the order that is asked for.
func branchesOf(r *http.Request, p *project) ([]*branch, string, string, *failure) {
	by, f := word(r, "sort_by", "updated_at", "created_at", "name")
	if f != nil {
		return nil, "", "", f
	}
	order, f := word(r, "sort_order", "desc", "asc")
	if f != nil {
		return nil, "", "", f
	}
	if _, f := word(r, "include_deleted", "false", "true"); f != nil {
		return nil, "", "", f
	}
	all := slices.DeleteFunc(slices.Clone(p.branches), func(b *branch) bool { return !matches(r, b.name, b.id) })
	slices.SortStableFunc(all, func(a, b *branch) int {
		n := a.created.Compare(b.created)
		if by == "name" {
			n = cmp.Compare(a.name, b.name)
		}
		if order == "desc" {
			return -n
		}
		return n
	})
	return all, by, order, nil
}

// listBranches pages by a cursor of another name than all other lists, which only a page with a next one has.
func listBranches(r *http.Request, p *project) (any, *failure) {
	all, by, order, f := branchesOf(r, p)
	if f != nil {
		return nil, f
	}
	part, next, f := page(r, all, 10_000, 10_000)
	if f != nil {
		return nil, f
	}
	answer := object{"branches": encoded(part, func(b *branch) any { return b.json(p) }), "annotations": object{}}
	if len(part) > 0 && part[len(part)-1] != all[len(all)-1] {
		answer["pagination"] = object{"next": next, "sort_by": by, "sort_order": order}
	}
	return answer, nil
}

func countBranches(r *http.Request, p *project) (any, *failure) {
	all, _, _, f := branchesOf(r, p)
	return object{"count": len(all)}, f
}

// json is the schema Branch.
func (b *branch) json(p *project) any {
	m := object{
		"id": b.id, "project_id": p.id, "name": b.name, "current_state": b.state, "state_changed_at": b.created.Format(stamp),
		"creation_source": "console", "default": b.main, "protected": b.main, "cpu_used_sec": 0, "compute_time_seconds": 3600,
		"active_time_seconds": 1800, "written_data_bytes": 4096, "data_transfer_bytes": 2048,
		"created_at": b.created.Format(stamp), "updated_at": b.created.Format(stamp),
	}
	if b.size > 0 {
		m["logical_size"] = b.size
	}
	if b.parent != "" {
		m["parent_id"] = b.parent
	}
	return m
}

func getBranch(r *http.Request, p *project) (any, *failure) {
	answer, f := one(p.branches, "branch", r.PathValue("branch"), func(b *branch) string { return b.id }, func(b *branch) any { return b.json(p) })
	if f == nil {
		answer["annotation"] = object{"object": object{"type": "console/branch", "id": r.PathValue("branch")}, "value": object{}}
	}
	return answer, f
}

// withBranch checks the branch of a path, if there is one in it.
func withBranch(r *http.Request, p *project) *failure {
	id := r.PathValue("branch")
	if id == "" || slices.ContainsFunc(p.branches, func(b *branch) bool { return b.id == id }) {
		return nil
	}
	return missing("branch")
}

// listDatabases and listRoles answer with what every branch is made with.
func listDatabases(r *http.Request, p *project) (any, *failure) {
	return object{"databases": []any{object{
		"id": 834686, "branch_id": r.PathValue("branch"), "name": "neondb", "owner_name": owner,
		"created_at": p.created.Format(stamp), "updated_at": p.created.Format(stamp),
	}}}, withBranch(r, p)
}

func listRoles(r *http.Request, p *project) (any, *failure) {
	return object{"roles": []any{object{
		"branch_id": r.PathValue("branch"), "name": owner, "protected": false,
		"created_at": p.created.Format(stamp), "updated_at": p.created.Format(stamp),
	}}}, withBranch(r, p)
}

func revealPassword(r *http.Request, p *project) (any, *failure) {
	if r.PathValue("role") != owner {
		return nil, missing("role")
	}
	return object{"password": marker}, withBranch(r, p)
}

// listEndpoints answers with the computes of a project, or of one branch.
func listEndpoints(r *http.Request, p *project) (any, *failure) {
	all := slices.DeleteFunc(slices.Clone(p.computes), func(e *compute) bool {
		return r.PathValue("branch") != "" && e.branch != r.PathValue("branch")
	})
	return object{"endpoints": encoded(all, func(e *compute) any { return e.json(p) })}, withBranch(r, p)
}

func getEndpoint(r *http.Request, p *project) (any, *failure) {
	return one(p.computes, "endpoint", r.PathValue("endpoint"), func(e *compute) string { return e.id },
		func(e *compute) any { return e.json(p) })
}

// json is the schema Endpoint.
func (e *compute) json(p *project) any {
	m := object{
		"host": host(e.id, p.region), "id": e.id, "project_id": p.id, "branch_id": e.branch,
		"autoscaling_limit_min_cu": e.minCU, "autoscaling_limit_max_cu": e.maxCU, "region_id": p.region, "type": e.kind,
		"current_state": e.state, "settings": object{"pg_settings": object{"secret": marker}},
		"pooler_enabled": false, "pooler_mode": "transaction", "disabled": false, "passwordless_access": true,
		"creation_source": "console", "created_at": e.created.Format(stamp), "updated_at": e.created.Format(stamp),
		"proxy_host": p.region + ".neon.tech", "suspend_timeout_seconds": e.suspend, "provisioner": "k8s-neonvm",
	}
	if e.pending != "" {
		m["pending_state"] = e.pending
	}
	if e.state == "active" {
		m["last_active"], m["started_at"] = epoch().Add(-minute).Format(stamp), epoch().Add(-3*hour).Format(stamp)
	}
	return m
}

func listOperations(r *http.Request, p *project) (any, *failure) {
	return listed(r, "operations", p.operations, [2]int{1000, 1000}, func(o *operation) any { return o.json(p) })
}

func getOperation(r *http.Request, p *project) (any, *failure) {
	return one(p.operations, "operation", r.PathValue("operation"), func(o *operation) string { return o.id },
		func(o *operation) any { return o.json(p) })
}

// json is the schema Operation.
func (o *operation) json(p *project) any {
	m := object{
		"id": o.id, "project_id": p.id, "action": o.action, "status": o.status, "failures_count": 0, "total_duration_ms": 100,
		"created_at": o.created.Format(stamp), "updated_at": o.created.Format(stamp),
	}
	if o.branch != "" {
		m["branch_id"] = o.branch
	}
	return m
}
