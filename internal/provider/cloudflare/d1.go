package cloudflare

import (
	"context"
	"iter"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
)

// database is an element of GET /accounts/{a}/d1/database. The list is not documented to carry sizes; where it does
// they are read.
type database struct {
	UUID         string   `json:"uuid"`
	Name         string   `json:"name"`
	Version      string   `json:"version"`
	CreatedAt    stamp    `json:"created_at"`
	Jurisdiction *string  `json:"jurisdiction"`
	Tables       *float64 `json:"num_tables"`
	FileSize     *float64 `json:"file_size"` // bytes
}

// databases lists the account's databases, 10,000 a page.
func (d *driver) databases(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	rows := paged[database](ctx, d, listing{
		op: "list D1 databases", path: "/accounts/" + url.PathEscape(q.Scope.Account) + "/d1/database", perPage: 10_000,
	})
	return mapped(rows, "D1 Read", func(b *database) cloud.Resource {
		r := resource(q, "database", b.UUID, b.Name)
		r.CreatedAt = b.CreatedAt.Time
		var a attrs
		a.text("version", b.Version)
		if b.Jurisdiction != nil {
			a.text("jurisdiction", *b.Jurisdiction)
		}
		attr(&a, "tables_count", b.Tables)
		attr(&a, "file_size_bytes", b.FileSize)
		r.Attrs = a
		return r
	})
}
