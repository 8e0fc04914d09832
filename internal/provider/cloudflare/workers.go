package cloudflare

import (
	"cmp"
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// script is a Worker as GET /accounts/{a}/workers/scripts lists it.
type script struct {
	ID               loose.Text   `json:"id"` // its name
	Tag              loose.Text   `json:"tag"`
	CreatedOn        loose.Time   `json:"created_on"`
	ModifiedOn       loose.Time   `json:"modified_on"`
	UsageModel       loose.Text   `json:"usage_model"` // standard | bundled | unbound
	Handlers         []loose.Text `json:"handlers"`
	CompatibilityDay loose.Text   `json:"compatibility_date"`
	LastDeployedFrom loose.Text   `json:"last_deployed_from"`
	MigrationTag     loose.Text   `json:"migration_tag"`
	HasAssets        loose.Flag   `json:"has_assets"`
	HasModules       loose.Flag   `json:"has_modules"`
	Logpush          loose.Flag   `json:"logpush"`
	Tags             []loose.Text `json:"tags"`
	Placement        struct {
		Mode   loose.Text `json:"mode"`
		Status loose.Text `json:"status"`
	} `json:"placement"`
	PlacementMode   loose.Text `json:"placement_mode"` // where it stood before placement did
	PlacementStatus loose.Text `json:"placement_status"`
	Routes          []struct {
		Pattern loose.Text `json:"pattern"`
	} `json:"routes"`
	Observability struct {
		Enabled      loose.Flag   `json:"enabled"`
		SamplingRate loose.Number `json:"head_sampling_rate"` // 0 to 1
	} `json:"observability"`
	TailConsumers []struct {
		Service loose.Text `json:"service"`
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
func workerID(script loose.Text) string { return "workers/scripts/" + string(script) }

func (s *script) named() bool { return s.ID != "" }

func (s *script) attrs() []cloud.Attr {
	var a provider.Attrs
	a.Add("script_tag", s.Tag)
	a.Add("modified_at", s.ModifiedOn)
	a.Add("usage_model", s.UsageModel)
	a.Add("handlers", words(s.Handlers))
	var routes []loose.Text
	for _, r := range s.Routes {
		routes = append(routes, r.Pattern)
	}
	a.Add("routes", words(routes))
	a.Add("compatibility_date", s.CompatibilityDay)
	a.Add("placement_mode", cmp.Or(s.Placement.Mode, s.PlacementMode))
	a.Add("placement_status", cmp.Or(s.Placement.Status, s.PlacementStatus))
	a.Add("last_deployed_from", s.LastDeployedFrom)
	a.Add("migration_tag", s.MigrationTag)
	a.Add("has_assets", s.HasAssets)
	a.Add("has_modules", s.HasModules)
	a.Add("logpush", s.Logpush)
	a.Add("observability", s.Observability.Enabled)
	a.Add("log_sampling_ratio", s.Observability.SamplingRate)
	var tails []loose.Text
	for _, t := range s.TailConsumers {
		tails = append(tails, t.Service)
	}
	a.Add("tail_consumers", words(tails))
	return a
}
