package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// queue is an element of GET /accounts/{a}/queues.
type queue struct {
	ID         loose.Text   `json:"queue_id"`
	Name       loose.Text   `json:"queue_name"`
	CreatedOn  loose.Time   `json:"created_on"`
	ModifiedOn loose.Time   `json:"modified_on"`
	Producers  loose.Number `json:"producers_total_count"`
	Consumers  loose.Number `json:"consumers_total_count"`
	Settings   struct {
		Delay     loose.Number `json:"delivery_delay"` // seconds
		Paused    loose.Flag   `json:"delivery_paused"`
		Retention loose.Number `json:"message_retention_period"` // seconds
	} `json:"settings"`
	Consuming []struct {
		Type       loose.Text `json:"type"` // worker | http_pull
		Script     loose.Text `json:"script_name"`
		DeadLetter loose.Text `json:"dead_letter_queue"`
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
	var a provider.Attrs
	a.Add("modified_at", m.ModifiedOn)
	a.Add("producers_count", m.Producers)
	a.Add("consumers_count", m.Consumers)
	a.Add("delivery_delay_seconds", m.Settings.Delay)
	a.Add("delivery_paused", m.Settings.Paused)
	a.Add("message_retention_seconds", m.Settings.Retention)
	var kinds, scripts, letters []loose.Text
	for _, c := range m.Consuming {
		kinds, scripts, letters = append(kinds, c.Type), append(scripts, c.Script), append(letters, c.DeadLetter)
	}
	a.Add("consumer_types", words(kinds))
	a.Add("consumer_scripts", words(scripts))
	a.Add("dead_letter_queues", words(letters))
	return a
}
