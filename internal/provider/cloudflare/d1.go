package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// database is an element of GET /accounts/{a}/d1/database. The list is not documented to carry sizes; where it does
// they are read.
type database struct {
	UUID         loose.Text   `json:"uuid"`
	Name         loose.Text   `json:"name"`
	Version      loose.Text   `json:"version"`
	CreatedAt    loose.Time   `json:"created_at"`
	Jurisdiction loose.Text   `json:"jurisdiction"`
	Tables       loose.Number `json:"num_tables"`
	FileSize     loose.Number `json:"file_size"` // bytes
}

func (b *database) named() bool { return b.UUID != "" }

// databases lists the account's databases, 10,000 a page.
func (d *driver) databases(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[database](ctx, d, listing{
		op: "list D1 databases", path: "/accounts/" + url.PathEscape(q.Scope.Account) + "/d1/database", perPage: 10_000,
	})
	return mapped(rows, "D1 Read", func(b *database) cloud.Resource {
		r := resource(q, "database", b.UUID, b.Name)
		r.CreatedAt = b.CreatedAt.Time
		var a provider.Attrs
		a.Add("version", b.Version)
		a.Add("jurisdiction", b.Jurisdiction)
		a.Add("tables_count", b.Tables)
		a.Add("file_size_bytes", b.FileSize)
		r.Attrs = a
		return r
	})
}
