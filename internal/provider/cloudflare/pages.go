package cloudflare

import (
	"context"
	"iter"
	"net/url"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// project is an element of GET /accounts/{a}/pages/projects. The answer holds environment variables and a web
// analytics token as well: they are not decoded.
type project struct {
	ID               loose.Text   `json:"id"`
	Name             loose.Text   `json:"name"`
	Subdomain        loose.Text   `json:"subdomain"`
	Domains          []loose.Text `json:"domains"`
	CreatedOn        loose.Time   `json:"created_on"`
	Framework        loose.Text   `json:"framework"`
	FrameworkVersion loose.Text   `json:"framework_version"`
	ProductionBranch loose.Text   `json:"production_branch"`
	ProductionScript loose.Text   `json:"production_script_name"`
	UsesFunctions    loose.Flag   `json:"uses_functions"`
	Source           *struct {
		Type loose.Text `json:"type"` // github | gitlab
	} `json:"source"`
	Canonical *deployment `json:"canonical_deployment"`
	Latest    *deployment `json:"latest_deployment"`
}

type deployment struct {
	ShortID     loose.Text `json:"short_id"`
	Environment loose.Text `json:"environment"` // production | preview
	CreatedOn   loose.Time `json:"created_on"`
	Stage       struct {
		Name   loose.Text `json:"name"`   // queued initialize clone_repo build deploy
		Status loose.Text `json:"status"` // success idle active failure canceled
	} `json:"latest_stage"`
}

// projectsPerPage is the largest page: 11 is refused with code 8000024.
const projectsPerPage = 10

func (d *driver) pagesList(account string) listing {
	return listing{
		op: "list Pages projects", path: "/accounts/" + url.PathEscape(account) + "/pages/projects",
		perPage: projectsPerPage, silent: true,
	}
}

// projects lists the account's Pages projects, and remembers their scripts for the metrics.
func (d *driver) projects(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[project](ctx, d, d.pagesList(q.Scope.Account))
	return mapped(rows, "Cloudflare Pages Read", func(p *project) cloud.Resource {
		d.rememberScript(q.Scope.Account, p)
		return p.resource(q)
	})
}

func projectID(name loose.Text) string { return "pages/projects/" + string(name) }

func (p *project) named() bool { return p.Name != "" }

func (p *project) resource(q cloud.Query) cloud.Resource {
	r := resource(q, "pages_project", projectID(p.Name), string(p.Name))
	r.CreatedAt = p.CreatedOn.Time
	r.Status, r.NativeStatus = p.status()
	var a provider.Attrs
	a.Add("project_id", p.ID)
	a.Add("subdomain", p.Subdomain)
	a.Add("domains", words(p.Domains))
	a.Add("framework", p.Framework)
	a.Add("framework_version", p.FrameworkVersion)
	a.Add("production_branch", p.ProductionBranch)
	a.Add("production_script", p.ProductionScript)
	a.Add("uses_functions", p.UsesFunctions)
	if p.Source != nil {
		a.Add("source_type", p.Source.Type)
	}
	if l := p.Latest; l != nil {
		a.Add("latest_deployment", l.ShortID)
		a.Add("latest_deployment_environment", l.Environment)
		a.Add("latest_deployment_at", l.CreatedOn)
	}
	if p.Canonical != nil {
		a.Add("production_deployment_at", p.Canonical.CreatedOn)
	}
	r.Attrs = a
	return r
}

// status is that of the newest deployment. A project whose new deployment failed still serves the one before, which
// the native word leaves open: "build failure".
func (p *project) status() (cloud.Status, string) {
	if p.Latest == nil {
		return cloud.StatusUnknown, ""
	}
	native := strings.TrimSpace(string(p.Latest.Stage.Name + " " + p.Latest.Stage.Status))
	switch p.Latest.Stage.Status {
	case "success":
		return cloud.StatusRunning, native
	case "active", "idle":
		return cloud.StatusStarting, native
	case "failure":
		return cloud.StatusFailed, native
	case "canceled":
		if p.Canonical != nil {
			return cloud.StatusRunning, native
		}
	}
	return cloud.StatusUnknown, native
}

// rememberScript keeps a project's script: GraphQL knows projects by it alone.
func (d *driver) rememberScript(account string, p *project) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.pageScripts[account] == nil {
		d.pageScripts[account] = map[string]string{}
	}
	d.pageScripts[account][projectID(p.Name)] = string(p.ProductionScript)
}

// scriptsOf returns the projects of refs by their production scripts. Where one is not known they are listed once.
func (d *driver) scriptsOf(ctx context.Context, account string, refs []cloud.Ref) (map[string]string, error) {
	byScript, complete := d.knownScripts(account, refs)
	if complete {
		return byScript, nil
	}
	for p, err := range paged[project](ctx, d, d.pagesList(account)) {
		if err != nil {
			return byScript, hinted(err, "Cloudflare Pages Read")
		}
		d.rememberScript(account, &p)
	}
	byScript, _ = d.knownScripts(account, refs)
	return byScript, nil
}

func (d *driver) knownScripts(account string, refs []cloud.Ref) (byScript map[string]string, complete bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	byScript, complete = make(map[string]string, len(refs)), true
	for i := range refs {
		script, ok := d.pageScripts[account][refs[i].ID]
		complete = complete && ok
		if script != "" {
			byScript[script] = refs[i].ID
		}
	}
	return byScript, complete
}
