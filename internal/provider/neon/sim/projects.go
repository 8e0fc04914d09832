package neonsim

import (
	"maps"
	"net/http"
	"slices"
)

// listProjects answers GET /projects: a personal key must name the organisation.
func (c *cloud) listProjects(r *http.Request) (any, *failure) {
	o, f := orgOf(r, r.URL.Query().Get("org_id"))
	if f != nil {
		return nil, f
	}
	if _, f := number(r, "timeout", 0, 100, 30_000); f != nil {
		return nil, f
	}
	recoverable, f := word(r, "recoverable", "false", "true")
	if f != nil {
		return nil, f
	}
	mine := slices.DeleteFunc(c.ofOrg(o), func(p *project) bool {
		return recoverable == "true" || !matches(r, p.name, p.id) // nothing was deleted of late
	})
	return listProjects(r, mine)
}

func listProjects(r *http.Request, all []*project) (any, *failure) {
	answer, f := listed(r, "projects", all, [2]int{10, 400}, func(p *project) any { return p.json() })
	if f == nil {
		answer["applications"], answer["integrations"] = object{}, object{}
	}
	return answer, f
}

// sharedProjects are those of others, of which there are none.
func sharedProjects(r *http.Request) (any, *failure) {
	return listProjects(r, nil)
}

func (c *cloud) ofOrg(o org) []*project {
	return slices.DeleteFunc(slices.Clone(c.projects), func(p *project) bool { return p.org.id != o.id })
}

// inProject finds the project of a path.
func (c *cloud) inProject(do func(*http.Request, *project) (any, *failure)) answer {
	return func(r *http.Request) (any, *failure) {
		i := slices.IndexFunc(c.projects, func(p *project) bool {
			return p.id == r.PathValue("id") && slices.Contains(visible(r), p.org)
		})
		if i < 0 {
			return nil, missing("project")
		}
		return do(r, c.projects[i])
	}
}

// json is the schema ProjectListItem.
func (p *project) json() object {
	active := p.seconds(p.created, epoch())
	m := object{
		"id": p.id, "platform_id": "aws", "region_id": p.region, "name": p.name, "provisioner": "k8s-neonvm", "pg_version": p.pg,
		"default_endpoint_settings": object{"pg_settings": object{"auth.token": marker}},
		"proxy_host":                p.region + ".neon.tech", "branch_logical_size_limit": 204800, "branch_logical_size_limit_bytes": 204800 << 20,
		"store_passwords": true, "active_time": active / 2, "cpu_used_sec": active, "creation_source": "console",
		"created_at": p.created.Format(stamp), "updated_at": p.created.Format(stamp), "owner_id": p.org.id, "org_id": p.org.id,
		"org_name": p.org.name, "history_retention_seconds": 86400,
	}
	if p.storage > 0 {
		m["synthetic_storage_size"] = p.storage
		m["compute_last_active_at"] = epoch().Add(-hour).Format(stamp)
	}
	return m
}

// getProject answers with the counters of the billing period, which begins with the month.
func (c *cloud) getProject(_ *http.Request, p *project) (any, *failure) {
	now := c.world.Now()
	from := month(now)
	m := p.json()
	delete(m, "active_time")
	delete(m, "org_name")
	seconds := p.seconds(from, now)
	maps.Copy(m, object{
		"data_storage_bytes_hour": p.byteHours(from, now), "data_transfer_bytes": p.transfer(from, now), "written_data_bytes": 0,
		"compute_time_seconds": seconds, "active_time_seconds": seconds / 2,
		"consumption_period_start": from.Format(stamp), "consumption_period_end": from.AddDate(0, 1, 0).Format(stamp),
	})
	return object{"project": m}, nil
}

func permissions(*http.Request, *project) (any, *failure) {
	return object{"project_permissions": []any{}}, nil
}

func snapshots(*http.Request, *project) (any, *failure) { return object{"snapshots": []any{}}, nil }

// connectionURI answers with a text that holds a password.
func connectionURI(r *http.Request, p *project) (any, *failure) {
	q := r.URL.Query()
	if q.Get("database_name") == "" || q.Get("role_name") == "" {
		return nil, bad("database_name and role_name are required")
	}
	if len(p.computes) == 0 {
		return nil, missing("endpoint")
	}
	return object{"uri": "postgresql://" + q.Get("role_name") + ":" + marker + "@" + host(p.computes[0].id, p.region) + "/" +
		q.Get("database_name") + "?sslmode=require"}, nil
}
