package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// queue is an element of GET /accounts/{a}/queues.
type queue struct {
	ID         provider.Text   `json:"queue_id"`
	Name       provider.Text   `json:"queue_name"`
	CreatedOn  provider.Moment `json:"created_on"`
	ModifiedOn provider.Moment `json:"modified_on"`
	Producers  provider.Number `json:"producers_total_count"`
	Consumers  provider.Number `json:"consumers_total_count"`
	Settings   struct {
		Delay     provider.Number `json:"delivery_delay"` // seconds
		Paused    provider.Flag   `json:"delivery_paused"`
		Retention provider.Number `json:"message_retention_period"` // seconds
	} `json:"settings"`
	Consuming []struct {
		Type       provider.Text `json:"type"` // worker | http_pull
		Script     provider.Text `json:"script_name"`
		DeadLetter provider.Text `json:"dead_letter_queue"`
	} `json:"consumers"`
}

func (m *queue) named() bool { return m.ID != "" }

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
		if m.Settings.Paused.Value {
			r.NativeStatus = "delivery paused"
		}
		r.Attrs = m.attrs()
		return r
	})
}

func (m *queue) attrs() []cloud.Attr {
	var a attrs
	a.time("modified_at", m.ModifiedOn)
	a.number("producers_count", m.Producers)
	a.number("consumers_count", m.Consumers)
	a.number("delivery_delay_seconds", m.Settings.Delay)
	a.flag("delivery_paused", m.Settings.Paused)
	a.number("message_retention_seconds", m.Settings.Retention)
	var kinds, scripts, letters []provider.Text
	for _, c := range m.Consuming {
		kinds, scripts, letters = append(kinds, c.Type), append(scripts, c.Script), append(letters, c.DeadLetter)
	}
	a.texts("consumer_types", kinds)
	a.texts("consumer_scripts", scripts)
	a.texts("dead_letter_queues", letters)
	return a
}
