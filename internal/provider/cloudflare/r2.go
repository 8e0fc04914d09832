package cloudflare

import (
	"context"
	"iter"
	"net/http"
	"net/url"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

// bucket is an element of result.buckets of GET /accounts/{a}/r2/buckets.
type bucket struct {
	Name         loose.Text `json:"name"`
	CreationDate loose.Time `json:"creation_date"`
	Location     loose.Text `json:"location"` // apac eeur enam weur wnam oc, in any case
	Jurisdiction loose.Text `json:"jurisdiction"`
	StorageClass loose.Text `json:"storage_class"` // Standard | InfrequentAccess
}

const (
	r2Read          = "Workers R2 Storage Read"
	bucketsPerPage  = "1000"
	bucketPageLimit = 10_000 // pages; a bound against a cursor that never ends
)

// jurisdictions are the places whose buckets are listed by themselves: a list holds those of one alone.
func (d *driver) jurisdictions() []string {
	if d.fedramp {
		return []string{"default", "fedramp"}
	}
	return []string{"default", "eu"}
}

// buckets lists the buckets of every jurisdiction, one page after the other within each: R2 pages by cursor. A
// jurisdiction that fails does not hide the others; its error comes last.
func (d *driver) buckets(ctx context.Context, q cloud.Query) iter.Seq2[cloud.Resource, error] {
	return func(yield func(cloud.Resource, error) bool) {
		all := d.jurisdictions()
		var failed error
		var unread provider.Unread
		seen := map[loose.Text]bool{} // a list that knows no jurisdiction has the buckets of all
		for got := range provider.Fan(ctx, len(all), all, func(ctx context.Context, j string) page[bucket] {
			return d.jurisdiction(ctx, q.Scope.Account, j)
		}) {
			for i := range got.rows {
				b := &got.rows[i]
				if again := seen[b.analyticsName()]; !again && !yield(b.resource(q), nil) {
					return
				}
				seen[b.analyticsName()] = true
			}
			unread.Add(got.unread)
			if failed == nil {
				failed = got.err
			}
		}
		if err := unread.Err(name + ": list R2 buckets"); err != nil && !yield(cloud.Resource{}, err) {
			return
		}
		if failed != nil {
			yield(cloud.Resource{}, hinted(failed, r2Read))
		}
	}
}

// jurisdiction returns the buckets of one jurisdiction, and with an error those before it.
func (d *driver) jurisdiction(ctx context.Context, account, jurisdiction string) page[bucket] {
	var all page[bucket]
	seen := map[string]bool{}
	cursor := ""
	for range bucketPageLimit {
		query := url.Values{"per_page": {bucketsPerPage}}
		if cursor != "" {
			query.Set("cursor", cursor)
		}
		result, info, err := get[struct {
			Buckets loose.List[bucket] `json:"buckets"`
		}](ctx, d, httpx.Call{
			Op: "list R2 buckets", Path: "/accounts/" + url.PathEscape(account) + "/r2/buckets", Query: query,
			Header: http.Header{"Cf-R2-Jurisdiction": {jurisdiction}},
		})
		if err == nil && !result.Buckets.Told {
			err = response("list R2 buckets", "the answer has no buckets")
		}
		if err != nil {
			all.err = err
			return all
		}
		rows, unread := provider.Complete(&result.Buckets, isNamed)
		all.unread.Add(unread)
		for _, b := range rows {
			if b.Jurisdiction == "" {
				b.Jurisdiction = loose.Text(jurisdiction)
			}
			all.rows = append(all.rows, b)
		}
		cursor = string(info.Cursor)
		if cursor == "" {
			return all
		}
		if seen[cursor] {
			break
		}
		seen[cursor] = true
	}
	all.err = response("list R2 buckets", "the list's cursor repeats itself")
	return all
}

// analyticsName is what GraphQL calls the bucket: "eu_logs" is logs in the jurisdiction eu.
func (b *bucket) named() bool { return b.Name != "" }

func (b *bucket) analyticsName() loose.Text {
	if b.Jurisdiction == "" || b.Jurisdiction == "default" {
		return b.Name
	}
	return b.Jurisdiction + "_" + b.Name
}

func bucketID(analyticsName loose.Text) string { return "r2/buckets/" + string(analyticsName) }

func (b *bucket) resource(q cloud.Query) cloud.Resource {
	r := resource(q, "bucket", bucketID(b.analyticsName()), string(b.Name))
	r.CreatedAt = b.CreationDate.Time
	var a provider.Attrs
	a.Add("location", b.Location)
	a.Add("jurisdiction", b.Jurisdiction)
	a.Add("storage_class", b.StorageClass)
	r.Attrs = a
	return r
}
