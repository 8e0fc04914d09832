package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// namespace is an element of GET /accounts/{a}/storage/kv/namespaces.
type namespace struct {
	ID          loose.Text `json:"id"`
	Title       loose.Text `json:"title"`
	URLEncoding loose.Flag `json:"supports_url_encoding"`
}

func (n *namespace) named() bool { return n.ID != "" }

// namespaces lists the account's KV namespaces, 100 a page.
func (d *driver) namespaces(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[namespace](ctx, d, listing{
		op: "list KV namespaces", path: "/accounts/" + url.PathEscape(q.Scope.Account) + "/storage/kv/namespaces", perPage: 100,
	})
	return mapped(rows, "Workers KV Storage Read", func(n *namespace) cloud.Resource {
		r := resource(q, "kv_namespace", n.ID, n.Title)
		var a provider.Attrs
		a.Add("supports_url_encoding", n.URLEncoding)
		r.Attrs = a
		return r
	})
}
