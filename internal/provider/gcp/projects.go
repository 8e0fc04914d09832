package gcp

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
)

// Check gets a token: that proves the credential. What it may read is for each project to say.
func (d *driver) Check(ctx context.Context) error {
	_, err := d.tokens.get(ctx)
	if err == nil {
		return nil
	}
	if cloud.KindOf(err) == cloud.KindCancelled || cloud.KindOf(err) == cloud.KindTimeout {
		return &cloud.Error{Kind: cloud.KindOf(err), Op: name + ": sign in", Err: err}
	}
	return err
}

// Identity implements provider.Identifier.
func (d *driver) Identity(ctx context.Context) (cloud.Identity, error) {
	if err := d.Check(ctx); err != nil {
		return cloud.Identity{}, err
	}
	f := &d.tokens.file
	return cloud.Identity{Account: f.ProjectID, User: f.ClientEmail, Detail: strings.ReplaceAll(f.Type, "_", " ")}, nil
}

const (
	manager     = "https://cloudresourcemanager.googleapis.com/v3/"
	namesAtOnce = 8
)

// project is the part of the schema Project (cloudresourcemanager v3) that is used.
type project struct{ ProjectID, DisplayName, State string }

// Scopes yields the configured projects, else all that can be found. Where searching is not allowed, or its API not
// enabled, the credential's own project is left, and it is said that there may be more.
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	if ids := d.configured(); len(ids) > 0 {
		return d.named(ctx, ids)
	}
	return func(yield func(cloud.Scope, error) bool) {
		for s, err := range d.search(ctx) {
			own := cmp.Or(d.tokens.file.ProjectID, d.env.Config.Value("project"), d.tokens.file.QuotaProjectID)
			if own != "" && (cloud.KindOf(err) == cloud.KindDenied || cloud.KindOf(err) == cloud.KindUnsupported) {
				_ = yield(cloud.Scope{Account: own}, nil) && yield(cloud.Scope{}, partially(err))
				return
			}
			if !yield(s, err) {
				return
			}
		}
	}
}

func (d *driver) configured() []string {
	ids, _ := d.env.Config.Options["project_ids"].([]string)
	ids = slices.Clone(ids)
	if one := d.env.Config.Option("project_id"); one != "" && !slices.Contains(ids, one) {
		ids = append(ids, one)
	}
	return ids
}

// named yields projects with what people call them. A name that cannot be read is left out: whether the project can be
// is for its lists to say. A single project is spared the call.
func (d *driver) named(ctx context.Context, ids []string) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		if len(ids) == 1 {
			yield(cloud.Scope{Account: ids[0]}, nil)
			return
		}
		for s := range provider.Fan(ctx, namesAtOnce, ids, func(ctx context.Context, id string) cloud.Scope {
			var p project
			_, err := d.api.Get(ctx, "read name of "+id, manager+"projects/"+url.PathEscape(id), query("displayName"), &p)
			if err != nil {
				p.DisplayName = ""
			}
			return cloud.Scope{Account: id, AccountName: p.DisplayName}
		}) {
			if !yield(s, nil) {
				return
			}
		}
	}
}

func (d *driver) search(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	type page struct {
		Projects      some[project]
		NextPageToken string
	}
	call := httpx.Call{
		Op: "search projects", Path: manager + "projects:search",
		Query: query("projects(projectId,displayName,state),nextPageToken", "query", "state:ACTIVE", "pageSize", "500"),
	}
	return func(yield func(cloud.Scope, error) bool) {
		for p, err := range pages(ctx, d.api, call, func(p *page) string { return p.NextPageToken }) {
			if err != nil {
				yield(cloud.Scope{}, err)
				return
			}
			for _, x := range p.Projects.all {
				// Apps Script makes a project "sys-<digits>" for each script: it can have no resources.
				if x.ProjectID == "" || (x.State != "ACTIVE" && x.State != "") || strings.HasPrefix(x.ProjectID, "sys-") {
					continue
				}
				if !yield(cloud.Scope{Account: x.ProjectID, AccountName: x.DisplayName}, nil) {
					return
				}
			}
			for _, err := range p.Projects.lost("search projects") {
				if !yield(cloud.Scope{}, err) {
					return
				}
			}
		}
	}
}
