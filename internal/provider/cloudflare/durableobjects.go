package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
)

// objectNamespace is an element of GET /accounts/{a}/workers/durable_objects/namespaces.
type objectNamespace struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Class  string `json:"class"`
	Script string `json:"script"`
	SQLite *bool  `json:"use_sqlite"`
}

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
		attr(&a, "use_sqlite", n.SQLite)
		r.Attrs = a
		return r
	})
}
