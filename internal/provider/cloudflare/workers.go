package cloudflare

import (
	"cmp"
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// script is a Worker as GET /accounts/{a}/workers/scripts lists it.
type script struct {
	ID               provider.Text   `json:"id"` // its name
	Tag              provider.Text   `json:"tag"`
	CreatedOn        provider.Moment `json:"created_on"`
	ModifiedOn       provider.Moment `json:"modified_on"`
	UsageModel       provider.Text   `json:"usage_model"` // standard | bundled | unbound
	Handlers         []provider.Text `json:"handlers"`
	CompatibilityDay provider.Text   `json:"compatibility_date"`
	LastDeployedFrom provider.Text   `json:"last_deployed_from"`
	MigrationTag     provider.Text   `json:"migration_tag"`
	HasAssets        provider.Flag   `json:"has_assets"`
	HasModules       provider.Flag   `json:"has_modules"`
	Logpush          provider.Flag   `json:"logpush"`
	Tags             []provider.Text `json:"tags"`
	Placement        struct {
		Mode   provider.Text `json:"mode"`
		Status provider.Text `json:"status"`
	} `json:"placement"`
	PlacementMode   provider.Text `json:"placement_mode"` // where it stood before placement did
	PlacementStatus provider.Text `json:"placement_status"`
	Routes          []struct {
		Pattern provider.Text `json:"pattern"`
	} `json:"routes"`
	Observability struct {
		Enabled      provider.Flag   `json:"enabled"`
		SamplingRate provider.Number `json:"head_sampling_rate"` // 0 to 1
	} `json:"observability"`
	TailConsumers []struct {
		Service provider.Text `json:"service"`
	} `json:"tail_consumers"`
}

// workers lists the account's scripts: one answer holds them all.
func (d *driver) workers(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[script](ctx, d, listing{
		op: "list Workers", path: "/accounts/" + url.PathEscape(q.Scope.Account) + "/workers/scripts",
	})
	return mapped(rows, "Workers Scripts Read", func(s *script) cloud.Resource {
		r := resource(q, "worker", workerID(s.ID), string(s.ID))
		r.CreatedAt = s.CreatedOn.Time
		for _, t := range s.Tags {
			r.Tags = append(r.Tags, cloud.Tag{Key: string(t)})
		}
		r.Attrs = s.attrs()
		return r
	})
}

// Scripts, buckets, projects and models are named, not numbered, and two kinds may have one name: an ID is the path
// that the REST API gives the thing within its account.
func workerID(script provider.Text) string { return "workers/scripts/" + string(script) }

func (s *script) named() bool { return s.ID != "" }

func (s *script) attrs() []cloud.Attr {
	var a attrs
	a.text("script_tag", s.Tag)
	a.time("modified_at", s.ModifiedOn)
	a.text("usage_model", s.UsageModel)
	a.texts("handlers", s.Handlers)
	var routes []provider.Text
	for _, r := range s.Routes {
		routes = append(routes, r.Pattern)
	}
	a.texts("routes", routes)
	a.text("compatibility_date", s.CompatibilityDay)
	a.text("placement_mode", cmp.Or(s.Placement.Mode, s.PlacementMode))
	a.text("placement_status", cmp.Or(s.Placement.Status, s.PlacementStatus))
	a.text("last_deployed_from", s.LastDeployedFrom)
	a.text("migration_tag", s.MigrationTag)
	a.flag("has_assets", s.HasAssets)
	a.flag("has_modules", s.HasModules)
	a.flag("logpush", s.Logpush)
	a.flag("observability", s.Observability.Enabled)
	a.number("log_sampling_ratio", s.Observability.SamplingRate)
	var tails []provider.Text
	for _, t := range s.TailConsumers {
		tails = append(tails, t.Service)
	}
	a.texts("tail_consumers", tails)
	return a
}
