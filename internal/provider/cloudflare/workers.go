package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
)

// script is a Worker as GET /accounts/{a}/workers/scripts lists it.
type script struct {
	ID               string   `json:"id"` // its name
	Tag              string   `json:"tag"`
	CreatedOn        stamp    `json:"created_on"`
	ModifiedOn       stamp    `json:"modified_on"`
	UsageModel       string   `json:"usage_model"` // standard | bundled | unbound
	Handlers         []string `json:"handlers"`
	CompatibilityDay string   `json:"compatibility_date"`
	LastDeployedFrom string   `json:"last_deployed_from"`
	MigrationTag     string   `json:"migration_tag"`
	HasAssets        *bool    `json:"has_assets"`
	HasModules       *bool    `json:"has_modules"`
	Logpush          *bool    `json:"logpush"`
	Tags             []string `json:"tags"`
	Placement        struct {
		Mode   string `json:"mode"`
		Status string `json:"status"`
	} `json:"placement"`
	Routes []struct {
		Pattern string `json:"pattern"`
	} `json:"routes"`
	Observability struct {
		Enabled      *bool    `json:"enabled"`
		SamplingRate *float64 `json:"head_sampling_rate"` // 0 to 1
	} `json:"observability"`
	TailConsumers []struct {
		Service string `json:"service"`
	} `json:"tail_consumers"`
}

// workers lists the account's scripts: one answer holds them all.
func (d *driver) workers(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[script](ctx, d, listing{
		op: "list Workers", path: "/accounts/" + url.PathEscape(q.Scope.Account) + "/workers/scripts",
	})
	return mapped(rows, "Workers Scripts Read", func(s *script) cloud.Resource {
		r := resource(q, "worker", workerID(s.ID), s.ID)
		r.CreatedAt = s.CreatedOn.Time
		for _, t := range s.Tags {
			r.Tags = append(r.Tags, cloud.Tag{Key: t})
		}
		r.Attrs = s.attrs()
		return r
	})
}

// Scripts, buckets, projects and models are named, not numbered, and two kinds may have one name: an ID is the path
// that the REST API gives the thing within its account.
func workerID(script string) string { return "workers/scripts/" + script }

func (s *script) attrs() []cloud.Attr {
	var a attrs
	a.text("script_tag", s.Tag)
	a.time("modified_at", s.ModifiedOn)
	a.text("usage_model", s.UsageModel)
	a.texts("handlers", s.Handlers)
	var routes []string
	for _, r := range s.Routes {
		routes = append(routes, r.Pattern)
	}
	a.texts("routes", routes)
	a.text("compatibility_date", s.CompatibilityDay)
	a.text("placement_mode", s.Placement.Mode)
	a.text("placement_status", s.Placement.Status)
	a.text("last_deployed_from", s.LastDeployedFrom)
	a.text("migration_tag", s.MigrationTag)
	attr(&a, "has_assets", s.HasAssets)
	attr(&a, "has_modules", s.HasModules)
	attr(&a, "logpush", s.Logpush)
	attr(&a, "observability", s.Observability.Enabled)
	attr(&a, "log_sampling_ratio", s.Observability.SamplingRate)
	var tails []string
	for _, t := range s.TailConsumers {
		tails = append(tails, t.Service)
	}
	a.texts("tail_consumers", tails)
	return a
}
