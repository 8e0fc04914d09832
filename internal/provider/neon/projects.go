package neon

import (
	"context"
	"net/url"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// project is the part of the schema ProjectListItem that is shown. Settings, among which are passwords of a kind, are
// not decoded.
type project struct {
	ID                  loose.Text
	Name                loose.Text
	RegionID            loose.Text   `json:"region_id"`
	PlatformID          loose.Text   `json:"platform_id"`
	PGVersion           loose.Number `json:"pg_version"`
	CreatedAt           loose.Time   `json:"created_at"`
	ActiveTime          loose.Number `json:"active_time"`            // seconds
	SyntheticStorage    loose.Number `json:"synthetic_storage_size"` // bytes
	BranchSizeLimit     loose.Number `json:"branch_logical_size_limit_bytes"`
	LastActive          loose.Time   `json:"compute_last_active_at"`
	HistoryRetention    loose.Number `json:"history_retention_seconds"`
	MaintenanceStartsAt loose.Time   `json:"maintenance_starts_at"`
	DeletedAt           loose.Time   `json:"deleted_at"`
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
		if out.plan, err = d.plan(ctx, account, asker+" of projects"); err != nil { // costs ask for it by themselves as well
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
	var a provider.Attrs
	a.Add("plan", loose.Text(plan))
	a.Add("platform", p.PlatformID)
	if p.PGVersion.Known {
		a.Add("pg_version", int(p.PGVersion.Value))
	}
	a.Add("active_time_seconds", p.ActiveTime)
	a.Add("history_retention_seconds", p.HistoryRetention)
	a.Add("branch_size_limit_bytes", p.BranchSizeLimit)
	a.Add("last_active_at", p.LastActive)
	a.Add("maintenance_starts_at", p.MaintenanceStartsAt)
	r.Attrs = a
	return r
}

// storage is a reading of bytes, where there is one.
func storage(bytes loose.Number, now time.Time) []cloud.Metric {
	if !bytes.Known {
		return nil
	}
	return []cloud.Metric{{Name: cloud.StorageBytes, Value: bytes.Value, At: cloud.InstantOf(now)}}
}
