package gcp

import (
	"context"
	"iter"
	"slices"
	"strings"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
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

// project is the part of the schema Project (cloudresourcemanager v3) that is used.
type project struct{ ProjectID, DisplayName, State string }

// Scopes yields the configured projects, else all that can be found. Where searching is not allowed, or its API not
// enabled, the credential's own project is left, and it is said that there may be more.
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	if ids := d.configured(); len(ids) > 0 {
		return func(yield func(cloud.Scope, error) bool) {
			for _, id := range ids {
				if !yield(cloud.Scope{Account: id}, nil) {
					return
				}
			}
		}
	}
	return func(yield func(cloud.Scope, error) bool) {
		for s, err := range d.search(ctx) {
			own := d.tokens.file.ProjectID
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

func (d *driver) search(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	type page struct {
		Projects      []project
		NextPageToken string
	}
	call := httpx.Call{
		Op: "search projects", Path: "https://cloudresourcemanager.googleapis.com/v3/projects:search",
		Query: query("projects(projectId,displayName,state),nextPageToken", "query", "state:ACTIVE", "pageSize", "500"),
	}
	return func(yield func(cloud.Scope, error) bool) {
		for p, err := range pages(ctx, d.api, call, func(p *page) string { return p.NextPageToken }) {
			if err != nil {
				yield(cloud.Scope{}, err)
				return
			}
			for _, x := range p.Projects {
				// Apps Script makes a project "sys-<digits>" for each script: it can have no resources.
				if x.State != "ACTIVE" || strings.HasPrefix(x.ProjectID, "sys-") {
					continue
				}
				if !yield(cloud.Scope{Account: x.ProjectID, AccountName: x.DisplayName}, nil) {
					return
				}
			}
		}
	}
}
