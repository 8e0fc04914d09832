// Package neon reads Neon through its public API v2 (https://console.neon.tech/api/v2). Neon publishes no live CPU or
// memory: computes have a state and a range of sizes, usage is counted afterwards.
package neon

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
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
				Name: "api", Events: 700, Per: time.Minute, Burst: 40,
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
			"https://neon.com/docs/introduction/plans", "https://neon.com/docs/guides/consumption-metrics",
		},
		Classify: classify,
		Open:     open,
	}
}

func open(_ context.Context, env provider.Env) (provider.Driver, error) {
	key := env.Config.Value("api_key")
	if key == "" {
		return nil, &cloud.Error{Kind: cloud.KindAuth, Detail: "no API key", Hint: keyHelp}
	}
	bearer := func(r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+key)
		return nil
	}
	return &driver{api: env.API(base, bearer), now: env.Now, only: env.Config.Option("org_id")}, nil
}

type driver struct {
	api  *httpx.API
	now  func() time.Time
	only string // the one organisation to read; empty = all

	orgs   provider.Shared[string, []organization]
	listed provider.Shared[string, listing]
}

// Check asks who we are.
func (d *driver) Check(ctx context.Context) error {
	_, err := d.Identity(ctx)
	return err
}

// Identity implements provider.Identifier.
func (d *driver) Identity(ctx context.Context) (cloud.Identity, error) {
	var who struct {
		AccountID  string `json:"account_id"`
		AuthMethod string `json:"auth_method"`
	}
	if _, err := d.api.Get(ctx, "check key", "/auth", nil, &who); err != nil {
		return cloud.Identity{}, err
	}
	return cloud.Identity{Account: who.AccountID, User: who.AuthMethod}, nil
}

// organization is the part of the schema Organization that is used.
type organization struct {
	ID, Name, Plan string
}

// personal is the account of a key that belongs to no organisation.
const personal = "personal"

// Scopes yields the organisations that the key belongs to; projects of a key without one are in "personal".
func (d *driver) Scopes(ctx context.Context) iter.Seq2[cloud.Scope, error] {
	return d.scopes(ctx, "scopes")
}

func (d *driver) scopes(ctx context.Context, asker string) iter.Seq2[cloud.Scope, error] {
	return func(yield func(cloud.Scope, error) bool) {
		orgs, err := d.organizations(ctx, asker)
		if err != nil {
			yield(cloud.Scope{}, err)
			return
		}
		found := false
		for _, o := range orgs {
			if d.only != "" && o.ID != d.only {
				continue
			}
			found = true
			if !yield(cloud.Scope{Account: o.ID, AccountName: o.Name}, nil) {
				return
			}
		}
		switch {
		case found:
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

func (d *driver) organizations(ctx context.Context, asker string) ([]organization, error) {
	return d.orgs.Do(ctx, "", asker, func(ctx context.Context) ([]organization, error) {
		var answer struct{ Organizations []organization }
		_, err := d.api.Get(ctx, "list organisations", "/users/me/organizations", nil, &answer)
		return answer.Organizations, err
	})
}

// List implements provider.Driver.
func (d *driver) List(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		found, err := d.projects(ctx, q.Scope.Account, q.Service)
		if err != nil {
			yield(cloud.Resource{}, err)
			return
		}
		switch q.Service {
		case projects:
			for i := range found.projects {
				if !yield(found.projects[i].resource(q, found.plan, d.now()), nil) {
					return
				}
			}
			for _, err := range found.missing {
				if !yield(cloud.Resource{}, err) {
					return
				}
			}
		case branches:
			each(ctx, found, func(ctx context.Context, p *project) part { return d.branches(ctx, q, p) }, yield)
		case computes:
			each(ctx, found, func(ctx context.Context, p *project) part { return d.computes(ctx, q, p, found.plan) }, yield)
		case operations:
			each(ctx, found, func(ctx context.Context, p *project) part { return d.operations(ctx, q, p) }, yield)
		default:
			yield(cloud.Resource{}, &cloud.Error{Kind: cloud.KindConfig, Op: name, Detail: "no service " + q.Service})
		}
	}
}

// part is what one project contributed to a list.
type part struct {
	resources []cloud.Resource
	err       error
}

// each asks every project and yields what it has. A project that may not be read is said, and the others go on; any
// other error ends the list.
func each(
	ctx context.Context, found listing, ask func(context.Context, *project) part,
	yield func(cloud.Resource, error) bool,
) {
	all := make([]*project, len(found.projects))
	for i := range all {
		all[i] = &found.projects[i]
	}
	for got := range provider.Fan(ctx, parallel, all, ask) {
		for _, r := range got.resources {
			if !yield(r, nil) {
				return
			}
		}
		err := got.err
		if err == nil {
			continue
		}
		if kind := cloud.KindOf(err); kind == cloud.KindDenied || kind == cloud.KindNotFound {
			err = &cloud.Error{Kind: cloud.KindPartial, Detail: err.Error(), Err: err}
		}
		if !yield(cloud.Resource{}, err) || cloud.KindOf(err) != cloud.KindPartial {
			return
		}
	}
	for _, err := range found.missing {
		if !yield(cloud.Resource{}, err) {
			return
		}
	}
}

// classify reads {"request_id","code","message"} (spec: GeneralError).
func classify(status int, _ http.Header, body []byte) httpx.Fault {
	var e struct{ Code, Message string }
	if err := json.Unmarshal(body, &e); err != nil {
		return httpx.Fault{}
	}
	f := httpx.Fault{Code: e.Code, Detail: e.Message}
	switch status {
	case http.StatusUnauthorized:
		f.Hint = keyHelp
	case http.StatusForbidden:
		f.Hint = "use a key of a member of the organisation, or of the project"
	}
	return f
}

// pages reads a list page by page: fetch reads one and returns how many it had and the cursor of the next. A list ends
// with a page that is not full, or without a cursor; the last page of /projects has one all the same.
func pages(size int, fetch func(q url.Values) (n int, next string, err error)) error {
	seen := map[string]bool{}
	q := url.Values{"limit": {strconv.Itoa(size)}}
	for {
		n, next, err := fetch(q)
		if err != nil || n < size || next == "" {
			return err
		}
		if seen[next] {
			return &cloud.Error{Kind: cloud.KindResponse, Op: name, Detail: "the list repeats a page: its end cannot be told"}
		}
		seen[next] = true
		q.Set("cursor", next)
	}
}
