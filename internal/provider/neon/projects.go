package neon

import (
	"context"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// project is the part of the schema ProjectListItem that is shown. Settings, among which are passwords of a kind, are
// not decoded.
type project struct {
	ID                  provider.Text
	Name                provider.Text
	RegionID            provider.Text   `json:"region_id"`
	PlatformID          provider.Text   `json:"platform_id"`
	PGVersion           provider.Number `json:"pg_version"`
	CreatedAt           provider.Moment `json:"created_at"`
	ActiveTime          provider.Number `json:"active_time"`            // seconds
	SyntheticStorage    provider.Number `json:"synthetic_storage_size"` // bytes
	BranchSizeLimit     provider.Number `json:"branch_logical_size_limit_bytes"`
	LastActive          provider.Moment `json:"compute_last_active_at"`
	HistoryRetention    provider.Number `json:"history_retention_seconds"`
	MaintenanceStartsAt provider.Moment `json:"maintenance_starts_at"`
	DeletedAt           provider.Moment `json:"deleted_at"`
}

// projectList is one organisation's projects: what was read before err, if any.
type projectList struct {
	plan string
	found[project]
	err error
}

const projectsPage = 400

// projects lists an organisation's projects, once for all services that ask in one round.
func (d *driver) projects(ctx context.Context, account, asker string) projectList {
	out, err := d.listed.Do(ctx, account, asker, func(ctx context.Context) (out projectList, err error) {
		if out.plan, err = d.plan(ctx, account, asker); err != nil {
			return out, err
		}
		all := listing[project]{
			op: "list projects", path: "/projects", field: "projects", size: projectsPage, query: url.Values{},
			is: func(p *project) bool { return p.ID != "" },
		}
		if account != personal {
			all.query.Set("org_id", account)
		}
		out.found, err = all.read(ctx, d)
		return out, err
	})
	out.err = err
	return out
}

// plan returns an organisation's plan, "" where it is not told: then nothing is priced.
func (d *driver) plan(ctx context.Context, account, asker string) (string, error) {
	all, err := d.organizations(ctx, account+" "+asker)
	for _, o := range all.rows {
		if string(o.ID) == account {
			return string(o.Plan), nil
		}
	}
	return "", err
}

// path is where the API has what belongs to the project.
func (p *project) path(part string) string { return "/projects/" + url.PathEscape(string(p.ID)) + part }

func (p *project) resource(q cloud.Query, plan string, now time.Time) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: string(p.RegionID), Service: projects, Type: "project",
		ID: string(p.ID), Name: string(p.Name), Status: cloud.StatusUnknown, CreatedAt: p.CreatedAt.Time,
	}
	if !p.DeletedAt.IsZero() {
		r.Status = cloud.StatusDeleted
	}
	r.Metrics = storage(p.SyntheticStorage, now)
	var a attrs
	a.text("plan", provider.Text(plan))
	a.text("platform", p.PlatformID)
	if p.PGVersion.Known {
		a.add("pg_version", int(p.PGVersion.Value))
	}
	a.number("active_time_seconds", p.ActiveTime)
	a.number("history_retention_seconds", p.HistoryRetention)
	a.number("branch_size_limit_bytes", p.BranchSizeLimit)
	a.moment("last_active_at", p.LastActive)
	a.moment("maintenance_starts_at", p.MaintenanceStartsAt)
	r.Attrs = a
	return r
}

// storage is a reading of bytes, where there is one.
func storage(bytes provider.Number, now time.Time) []cloud.Metric {
	if !bytes.Known {
		return nil
	}
	return []cloud.Metric{{Name: cloud.StorageBytes, Value: bytes.Value, At: now}}
}
