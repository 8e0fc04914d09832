package neon

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
)

// project is the part of the schema ProjectListItem that is shown.
type project struct {
	ID                  string
	Name                string
	RegionID            string     `json:"region_id"`
	PlatformID          string     `json:"platform_id"`
	PGVersion           int        `json:"pg_version"`
	CreatedAt           time.Time  `json:"created_at"`
	ActiveTime          *float64   `json:"active_time"`            // seconds
	SyntheticStorage    *float64   `json:"synthetic_storage_size"` // bytes
	BranchSizeLimit     *float64   `json:"branch_logical_size_limit_bytes"`
	LastActive          *time.Time `json:"compute_last_active_at"`
	HistoryRetention    *float64   `json:"history_retention_seconds"`
	OrgID               string     `json:"org_id"`
	MaintenanceStartsAt *time.Time `json:"maintenance_starts_at"`
	DeletedAt           *time.Time `json:"deleted_at"`
}

// listing is one organisation's projects.
type listing struct {
	plan     string
	projects []project
	missing  []error // what the answers said that they lack
}

const projectsPage = 400

// projects lists an organisation's projects, once for all services that ask in one round.
func (d *driver) projects(ctx context.Context, account, asker string) (listing, error) {
	return d.listed.Do(ctx, account, asker, func(ctx context.Context) (listing, error) {
		var out listing
		var err error
		if out.plan, err = d.plan(ctx, account, asker); err != nil {
			return out, err
		}
		err = pages(projectsPage, func(q url.Values) (int, string, error) {
			if account != personal {
				q.Set("org_id", account)
			}
			var page struct {
				Projects    []project
				Unavailable []string `json:"unavailable_project_ids"`
				Pagination  struct{ Cursor string }
			}
			_, err := d.api.Get(ctx, "list projects", "/projects", q, &page)
			out.projects = append(out.projects, page.Projects...)
			if n := len(page.Unavailable); n > 0 {
				out.missing = append(out.missing, cloud.Partial("neon: list projects", fmt.Sprintf(
					"%d projects could not be read in time: %s", n, strings.Join(page.Unavailable, ", "))))
			}
			return len(page.Projects) + len(page.Unavailable), page.Pagination.Cursor, err
		})
		return out, err
	})
}

// plan returns an organisation's plan, "" where it is not told: then nothing is priced.
func (d *driver) plan(ctx context.Context, account, asker string) (string, error) {
	orgs, err := d.organizations(ctx, account+" "+asker)
	for _, o := range orgs {
		if o.ID == account {
			return o.Plan, nil
		}
	}
	return "", err
}

func (p *project) resource(q cloud.Query, plan string, now time.Time) cloud.Resource {
	r := cloud.Resource{
		Provider: name, Account: q.Scope.Account, Region: p.RegionID, Service: projects, Type: "project", ID: p.ID,
		Name: p.Name, Status: cloud.StatusUnknown, CreatedAt: p.CreatedAt.UTC(),
	}
	if p.DeletedAt != nil {
		r.Status = cloud.StatusDeleted
	}
	if p.SyntheticStorage != nil {
		r.Metrics = []cloud.Metric{{Name: cloud.StorageBytes, Value: *p.SyntheticStorage, At: now}}
	}
	var a attrs
	a.text("plan", plan)
	a.text("platform", p.PlatformID)
	a.add("pg_version", p.PGVersion)
	a.number("active_time_seconds", p.ActiveTime)
	a.number("history_retention_seconds", p.HistoryRetention)
	a.number("branch_size_limit_bytes", p.BranchSizeLimit)
	a.moment("last_active_at", p.LastActive)
	a.moment("maintenance_starts_at", p.MaintenanceStartsAt)
	r.Attrs = a
	return r
}

// attrs builds attributes in a fixed order, leaving out what is not there.
type attrs []cloud.Attr

func (a *attrs) add(name string, v any) { *a = append(*a, cloud.Attr{Name: name, Value: v}) }

func (a *attrs) text(name, v string) {
	if v != "" {
		a.add(name, v)
	}
}

func (a *attrs) number(name string, v *float64) {
	if v != nil {
		a.add(name, *v)
	}
}

func (a *attrs) moment(name string, v *time.Time) {
	if v != nil {
		a.add(name, v.UTC())
	}
}
