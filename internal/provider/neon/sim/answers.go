package neonsim

import (
	"maps"
	"net/http"
	"slices"
	"time"
)

const stamp = time.RFC3339

func (c *cloud) auth(*http.Request) (any, *failure) {
	return map[string]any{"account_id": "0b6d1a3e-8f52-4a51-9a55-6f8f3a1f2c11", "auth_method": "api_key_user"}, nil
}

func (c *cloud) me(*http.Request) (any, *failure) {
	return map[string]any{
		"active_seconds_limit": -1, "billing_account": map[string]any{}, "auth_accounts": []any{}, "email": "ops@example.com",
		"id": "0b6d1a3e-8f52-4a51-9a55-6f8f3a1f2c11", "image": "", "login": "ops", "name": "Ops", "last_name": "",
		"projects_limit": 100, "branches_limit": 500, "max_autoscaling_limit": 8, "plan": "scale_v3",
	}, nil
}

func (c *cloud) organizations(*http.Request) (any, *failure) {
	out := []map[string]any{}
	for _, o := range orgs() {
		out = append(out, map[string]any{
			"id": o.id, "name": o.name, "handle": o.handle, "plan": o.plan, "managed_by": "console",
			"created_at": "2025-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z",
		})
	}
	return map[string]any{"organizations": out}, nil
}

func (c *cloud) spendingLimit(*http.Request) (any, *failure) {
	return map[string]any{"spending_limit_cents": nil}, nil
}

// listProjects answers GET /projects: a personal key must name the organisation.
func (c *cloud) listProjects(r *http.Request) (any, *failure) {
	id := r.URL.Query().Get("org_id")
	if id == "" {
		return nil, &failure{http.StatusBadRequest, "org_id is required, you can find it on your organization settings page"}
	}
	mine, f := c.ofOrg(id)
	if f != nil {
		return nil, f
	}
	part, next, f := page(r, mine, 10, 400)
	if f != nil {
		return nil, f
	}
	list := []map[string]any{}
	for _, p := range part {
		list = append(list, p.json())
	}
	answer := map[string]any{"projects": list, "applications": map[string]any{}, "integrations": map[string]any{}}
	if len(part) > 0 {
		answer["pagination"] = map[string]any{"cursor": next}
	}
	return answer, nil
}

func (c *cloud) ofOrg(id string) ([]*project, *failure) {
	if !slices.ContainsFunc(orgs(), func(o org) bool { return o.id == id }) {
		return nil, &failure{http.StatusNotFound, "organization not found"}
	}
	var mine []*project
	for _, p := range c.projects {
		if p.org.id == id {
			mine = append(mine, p)
		}
	}
	return mine, nil
}

func (p *project) json() map[string]any {
	m := map[string]any{
		"id": p.id, "platform_id": "aws", "region_id": p.region, "name": p.name, "provisioner": "k8s-neonvm", "pg_version": p.pg,
		"default_endpoint_settings": map[string]any{"pg_settings": map[string]string{"auth.token": "MARKER-SECRET"}},
		"proxy_host":                p.region + ".neon.tech", "branch_logical_size_limit": 204800, "branch_logical_size_limit_bytes": 204800 << 20,
		"store_passwords": true, "active_time": p.cuSeconds / 2, "cpu_used_sec": p.cuSeconds, "creation_source": "console",
		"created_at": p.created.Format(stamp), "updated_at": p.created.Format(stamp), "owner_id": p.org.id, "org_id": p.org.id,
		"org_name": p.org.name, "history_retention_seconds": 86400,
	}
	if p.storage > 0 {
		m["synthetic_storage_size"] = p.storage
		m["compute_last_active_at"] = "2026-11-01T11:00:00Z"
	}
	return m
}

// inProject finds the project of a path.
func (c *cloud) inProject(answer func(*http.Request, *project) (any, *failure)) func(*http.Request) (any, *failure) {
	return func(r *http.Request) (any, *failure) {
		i := slices.IndexFunc(c.projects, func(p *project) bool { return p.id == r.PathValue("id") })
		if i < 0 {
			return nil, &failure{http.StatusNotFound, "project not found"}
		}
		return answer(r, c.projects[i])
	}
}

func (c *cloud) getProject(_ *http.Request, p *project) (any, *failure) {
	m := p.json()
	delete(m, "active_time")
	delete(m, "org_name")
	maps.Copy(m, map[string]any{
		"data_storage_bytes_hour": p.storage * 24, "data_transfer_bytes": 0, "written_data_bytes": 0,
		"compute_time_seconds": p.cuSeconds, "active_time_seconds": p.cuSeconds / 2,
		"consumption_period_start": "2026-11-01T00:00:00Z", "consumption_period_end": "2026-12-01T00:00:00Z",
	})
	return map[string]any{"project": m}, nil
}

func (c *cloud) listBranches(r *http.Request, p *project) (any, *failure) {
	part, next, f := page(r, p.branches, 1000, 10000)
	if f != nil {
		return nil, f
	}
	list := []map[string]any{}
	for _, b := range part {
		m := map[string]any{
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
		list = append(list, m)
	}
	answer := map[string]any{"branches": list, "annotations": map[string]any{}}
	if len(part) > 0 && len(part) < len(p.branches) {
		answer["pagination"] = map[string]any{"next": next, "sort_by": "updated_at", "sort_order": "desc"}
	}
	return answer, nil
}

func (c *cloud) listEndpoints(_ *http.Request, p *project) (any, *failure) {
	list := []map[string]any{}
	for _, e := range p.computes {
		m := map[string]any{
			"host": e.id + "." + p.region + ".neon.tech", "id": e.id, "project_id": p.id, "branch_id": e.branch,
			"autoscaling_limit_min_cu": e.minCU, "autoscaling_limit_max_cu": e.maxCU, "region_id": p.region, "type": e.kind,
			"current_state": e.state, "settings": map[string]any{"pg_settings": map[string]string{"secret": "MARKER-SECRET"}},
			"pooler_enabled": false, "pooler_mode": "transaction", "disabled": false, "passwordless_access": true,
			"creation_source": "console", "created_at": e.created.Format(stamp), "updated_at": e.created.Format(stamp),
			"proxy_host": p.region + ".neon.tech", "suspend_timeout_seconds": e.suspend, "provisioner": "k8s-neonvm",
		}
		if e.pending != "" {
			m["pending_state"] = e.pending
		}
		if e.state == "active" {
			m["last_active"], m["started_at"] = "2026-11-01T11:59:00Z", "2026-11-01T09:00:00Z"
		}
		list = append(list, m)
	}
	return map[string]any{"endpoints": list}, nil
}

func (c *cloud) listOperations(r *http.Request, p *project) (any, *failure) {
	part, next, f := page(r, p.operations, 1000, 1000)
	if f != nil {
		return nil, f
	}
	list := []map[string]any{}
	for _, o := range part {
		m := map[string]any{
			"id": o.id, "project_id": p.id, "action": o.action, "status": o.status, "failures_count": 0, "total_duration_ms": 100,
			"created_at": o.created.Format(stamp), "updated_at": o.created.Format(stamp),
		}
		if o.branch != "" {
			m["branch_id"] = o.branch
		}
		list = append(list, m)
	}
	return map[string]any{"operations": list, "pagination": map[string]any{"cursor": next}}, nil
}
