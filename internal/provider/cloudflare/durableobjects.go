package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// objectNamespace is an element of GET /accounts/{a}/workers/durable_objects/namespaces.
type objectNamespace struct {
	ID     loose.Text `json:"id"`
	Name   loose.Text `json:"name"`
	Class  loose.Text `json:"class"`
	Script loose.Text `json:"script"`
	SQLite loose.Flag `json:"use_sqlite"`
}

func (n *objectNamespace) named() bool { return n.ID != "" }

// objectNamespaces lists the account's Durable Object namespaces, 1000 a page.
func (d *driver) objectNamespaces(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[objectNamespace](ctx, d, listing{
		op:      "list Durable Object namespaces",
		path:    "/accounts/" + url.PathEscape(q.Scope.Account) + "/workers/durable_objects/namespaces",
		perPage: 1000,
	})
	return mapped(rows, "Workers Scripts Read", func(n *objectNamespace) cloud.Resource {
		r := resource(q, "do_namespace", n.ID, n.Name)
		var a provider.Attrs
		a.Add("class", n.Class)
		a.Add("script", n.Script)
		a.Add("use_sqlite", n.SQLite)
		r.Attrs = a
		return r
	})
}
