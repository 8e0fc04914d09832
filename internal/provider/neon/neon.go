// Package neon reads Neon through its public API v2 (https://console.neon.tech/api/v2). Neon publishes no live CPU or
// memory: computes have a state and a range of sizes, usage is counted afterwards.
package neon

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

const (
	name    = "neon"
	base    = "https://console.neon.tech/api/v2"
	keyHelp = "make an API key at https://console.neon.tech/app/settings/api-keys and set NEON_API_KEY"

	// parallel is how many projects are asked at once; the chain bounds the rate.
	parallel = 8
)

// The services' names.
const (
	projects   = "projects"
	branches   = "branches"
	computes   = "computes"
	operations = "operations"
)

// Spec describes Neon.
func Spec() *provider.Spec {
	database := []cloud.Class{cloud.Database}
	return &provider.Spec{
		Name: name, Title: "Neon", Short: "n",
		Hosts: []string{"console.neon.tech"},
		Services: []provider.Service{
			{
				Name: projects, Title: "Projects", Classes: database, Permission: "read access to projects",
				Metrics: []string{cloud.StorageBytes},
			},
			{
				Name: branches, Title: "Branches", Classes: database, Permission: "read access to projects",
				Metrics: []string{cloud.StorageBytes},
			},
			{
				Name: computes, Title: "Computes", Aliases: []string{"endpoints"},
				Classes: []cloud.Class{cloud.Database, cloud.Compute}, Permission: "read access to projects",
			},
			{
				Name: operations, Title: "Operations in progress", Classes: database, Permission: "read access to projects",
			},
		},
		Asks: asks(),
		Limits: []httpx.Limit{
			{
				Name: "consumption", Match: httpx.Pattern{Path: "/api/v2/consumption_history/*"}, Events: 30, Per: time.Minute,
				Source: "neon.com/docs/guides/consumption-metrics (about 30 a minute)",
			},
			{
				Name: "api", Events: 700, Per: time.Minute, Burst: 28, // with what a second adds, no route gets 40 in one
				Source: "neon.com/docs/reference/api/key-concepts: 700 a minute, 40 a second for each route",
			},
		},
		Auth: []provider.AuthMethod{{
			Name: "api_key", Help: keyHelp,
			Fields: []provider.AuthField{{Name: "api_key", Env: []string{"NEON_API_KEY"}, Secret: true}},
		}},
		Options: []provider.Option{
			{Name: "org_id", Type: "string", Help: "read this organisation only"},
		},
		Permissions: "A personal, organisation or project API key; reading needs no more than viewer access.",
		Docs: []string{
			"https://api-docs.neon.tech/reference", "https://neon.com/docs/reference/api/key-concepts",
			"https://neon.com/docs/introduction/plans", "https://neon.com/docs/introduction/usage-calculations",
			"https://neon.com/docs/introduction/legacy-plans", "https://neon.com/docs/guides/consumption-metrics",
		},
		Classify: classify,
		Open:     open,
	}
}

func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	api, err := env.KeyAPI(base, keyHelp)
	if err != nil {
		return nil, err
	}
	return &driver{api: api, now: env.Now, only: env.Config.Option("org_id")}, nil
}

type driver struct {
	api  *httpx.API
	now  func() time.Time
	only string // the one organisation to read; empty = all

	orgs   provider.Shared[string, found[organization]]
	listed provider.Shared[string, projectList]
}

// Check asks who we are.
func (d *driver) Check(ctx context.Context) error {
	_, err := d.Identity(ctx)
	return err
}

// Identity implements provider.Identifier.
func (d *driver) Identity(ctx context.Context) (cloud.Identity, error) {
	var who loose.Object[struct {
		AccountID  loose.Text `json:"account_id"`
		AuthMethod loose.Text `json:"auth_method"`
	}]
	if _, err := d.api.Get(ctx, "check key", "/auth", nil, &who); err != nil {
		return cloud.Identity{}, err
	}
	return cloud.Identity{Account: string(who.Value.AccountID), User: string(who.Value.AuthMethod)}, nil
}

// organization is the part of the schema Organization that is used.
type organization struct {
	ID, Name, Plan loose.Text
}

// personal is the account of a key that belongs to no organisation.
const personal = "personal"

// Scopes yields the organisations that the key belongs to; projects of a key without one are in "personal".
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return d.scopes(ctx, "scopes")
}

func (d *driver) scopes(ctx context.Context, asker string) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		all, err := d.organizations(ctx, asker)
		known := false
		for _, o := range all.rows {
			if d.only != "" && string(o.ID) != d.only {
				continue
			}
			known = true
			if !yield(cloud.Scope{Account: string(o.ID), AccountName: string(o.Name)}, nil) {
				return
			}
		}
		switch {
		case err != nil:
			yield(cloud.Scope{}, err)
		case len(all.missing) > 0:
			yield(cloud.Scope{}, all.missing[0])
		case known:
		case d.only != "":
			yield(cloud.Scope{}, &cloud.Error{
				Kind: cloud.KindNotFound, Op: "neon: find organisations", Detail: "the key does not see organisation " + d.only,
				Hint: "check options.org_id, or leave it out to read all organisations of the key",
			})
		default:
			yield(cloud.Scope{Account: personal}, nil)
		}
	}
}

func (d *driver) organizations(ctx context.Context, asker string) (found[organization], error) {
	return d.orgs.Do(ctx, "", asker, func(ctx context.Context) (found[organization], error) {
		all := listing[organization]{
			op: "list organisations", path: "/users/me/organizations", field: "organizations",
			is: func(o *organization) bool { return o.ID != "" },
		}
		return all.read(ctx, d)
	})
}

// List implements provider.Driver.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		ask, ok := d.asking(q)
		if !ok {
			yield(cloud.Resource{}, &cloud.Error{Kind: cloud.KindConfig, Op: name, Detail: "no service " + q.Service})
			return
		}
		list := d.projects(ctx, q.Scope.Account, q.Service)
		each := func(ctx context.Context, p *project) part { return ask(ctx, p, list.plan) }
		for got := range provider.Fan(ctx, parallel, pointers(list.rows), each) {
			for _, r := range got.resources {
				if !yield(r, nil) {
					return
				}
			}
			for _, err := range got.errs {
				if !yield(cloud.Resource{}, err) || cloud.KindOf(err) != cloud.KindPartial {
					return
				}
			}
		}
		for _, err := range append(list.missing, list.err) {
			if err != nil && !yield(cloud.Resource{}, err) {
				return
			}
		}
	}
}

// asking returns how one project is asked for its part of a list.
func (d *driver) asking(q cloud.Query) (ask func(ctx context.Context, p *project, plan string) part, ok bool) {
	switch q.Service {
	case projects: // the list itself has it all
		ask = func(_ context.Context, p *project, plan string) part {
			return part{resources: []cloud.Resource{p.resource(q, plan, d.now())}}
		}
	case branches:
		ask = func(ctx context.Context, p *project, _ string) part { return d.branches(ctx, q, p) }
	case computes:
		ask = func(ctx context.Context, p *project, plan string) part { return d.computes(ctx, q, p, plan) }
	case operations:
		ask = func(ctx context.Context, p *project, _ string) part { return d.operations(ctx, q, p) }
	}
	return ask, ask != nil
}

// part is what one project contributed to a list.
type part struct {
	resources []cloud.Resource
	errs      []error // the last one ends the list where it is not of kind partial
}

// partOf makes a part of what was found. A project that may not be read is said, and the others go on.
func partOf[T any](got found[T], err error, to func(*T) cloud.Resource) part {
	out := part{resources: make([]cloud.Resource, len(got.rows)), errs: got.missing}
	for i := range got.rows {
		out.resources[i] = to(&got.rows[i])
	}
	if err != nil {
		out.errs = append(out.errs, gapOf(err))
	}
	return out
}

// gapOf makes a gap of an error that is about one thing alone: it may not be read, is gone meanwhile, or answers what
// cannot be understood. Any other error, and nil, stays as it is.
func gapOf(err error) error {
	switch cloud.KindOf(err) {
	case cloud.KindDenied, cloud.KindNotFound, cloud.KindRequest, cloud.KindResponse, cloud.KindUnsupported:
		return &cloud.Error{Kind: cloud.KindPartial, Detail: err.Error(), Err: err}
	default:
		return err
	}
}

func pointers[T any](all []T) []*T {
	out := make([]*T, len(all))
	for i := range all {
		out[i] = &all[i]
	}
	return out
}

// classify reads {"request_id","code","message"} (spec: GeneralError).
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var e loose.Object[struct{ Code, Message loose.Text }]
	_ = json.Unmarshal(body, &e) // a proxy's page says no more than the status does
	f := httpx.Fault{Code: string(e.Value.Code), Detail: string(e.Value.Message)}
	switch status {
	case http.StatusUnauthorized:
		f.Hint = keyHelp
	case http.StatusForbidden:
		f.Hint = "use a key of a member of the organisation, or of the project"
	case http.StatusLocked: // another operation is in progress: "safe to retry"
		f.Kind = cloud.KindUnavailable
	}
	return f
}
