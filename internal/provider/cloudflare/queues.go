package cloudflare

import (
	"context"
	"iter"
	"net/url"
	"slices"

	"github.com/adsops/cloudtop/internal/cloud"
)

// queue is an element of GET /accounts/{a}/queues.
type queue struct {
	ID         string   `json:"queue_id"`
	Name       string   `json:"queue_name"`
	CreatedOn  stamp    `json:"created_on"`
	ModifiedOn stamp    `json:"modified_on"`
	Producers  *float64 `json:"producers_total_count"`
	Consumers  *float64 `json:"consumers_total_count"`
	Settings   struct {
		Delay     *float64 `json:"delivery_delay"` // seconds
		Paused    *bool    `json:"delivery_paused"`
		Retention *float64 `json:"message_retention_period"` // seconds
	} `json:"settings"`
	Consuming []struct {
		Type       string `json:"type"` // worker | http_pull
		Script     string `json:"script_name"`
		DeadLetter string `json:"dead_letter_queue"`
	} `json:"consumers"`
}

// queues lists the account's queues. No page size can be asked for, but the description of 2024-08-06 shows pages of
// 100: both readings are followed.
func (d *driver) queues(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[queue](ctx, d, listing{
		op: "list Queues", path: "/accounts/" + url.PathEscape(q.Scope.Account) + "/queues", perPage: 100, silent: true,
	})
	return mapped(rows, "Queues Read", func(m *queue) cloud.Resource {
		r := resource(q, "queue", m.ID, m.Name)
		r.CreatedAt = m.CreatedOn.Time
		r.Status = cloud.StatusRunning // it takes messages also while their delivery is paused
		if m.Settings.Paused != nil && *m.Settings.Paused {
			r.NativeStatus = "delivery paused"
		}
		r.Attrs = m.attrs()
		return r
	})
}

func (m *queue) attrs() []cloud.Attr {
	var a attrs
	a.time("modified_at", m.ModifiedOn)
	attr(&a, "producers_count", m.Producers)
	attr(&a, "consumers_count", m.Consumers)
	attr(&a, "delivery_delay_seconds", m.Settings.Delay)
	attr(&a, "delivery_paused", m.Settings.Paused)
	attr(&a, "message_retention_seconds", m.Settings.Retention)
	var kinds, scripts, letters []string
	add := func(list *[]string, v string) {
		if v != "" && !slices.Contains(*list, v) {
			*list = append(*list, v)
		}
	}
	for _, c := range m.Consuming {
		add(&kinds, c.Type)
		add(&scripts, c.Script)
		add(&letters, c.DeadLetter)
	}
	a.texts("consumer_types", kinds)
	a.texts("consumer_scripts", scripts)
	a.texts("dead_letter_queues", letters)
	return a
}
