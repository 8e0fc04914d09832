package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
)

// objectNamespace is an element of GET /accounts/{a}/workers/durable_objects/namespaces.
type objectNamespace struct {
	ID     provider.Text `json:"id"`
	Name   provider.Text `json:"name"`
	Class  provider.Text `json:"class"`
	Script provider.Text `json:"script"`
	SQLite provider.Flag `json:"use_sqlite"`
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
		var a attrs
		a.text("class", n.Class)
		a.text("script", n.Script)
		a.flag("use_sqlite", n.SQLite)
		r.Attrs = a
		return r
	})
}
