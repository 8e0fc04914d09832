package azure

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/adsops/cloudtop/internal/cloud"
	"github.com/adsops/cloudtop/internal/httpx"
	"github.com/adsops/cloudtop/internal/provider"
	"github.com/adsops/cloudtop/pkg/loose"
)

const (
	graphOp   = "azure: query Resource Graph"
	graphPath = "/providers/Microsoft.ResourceGraph/resources"
	pageSize  = 1000 // the default and the most (learn.microsoft.com: work-with-data)
	// together is how long after one another the readers of one inventory may come.
	together = 5 * time.Second
	// subscriptionType is the type of the row that says that a subscription may be read.
	subscriptionType = "microsoft.resources/subscriptions"
)

// graphPage is an answer of Resource Graph, read row by row: each becomes what is kept of it.
type graphPage struct {
	types     map[string][]kind
	rows      int
	placed    []placed
	readable  map[string]bool // subscriptions, lower case
	homeless  bool            // a row names no subscription
	skipToken string
	truncated string // "true" where rows are missing and no token is given
	total     int
	missing   error // of cloud.KindPartial: rows that are not as published
}

// placed is an item and the part of the inventory that it belongs to.
type placed struct {
	part
	item
}

// read reads {"data":[row, ...], "$skipToken":"...", ...} from its beginning.
func (p *graphPage) read(dec *json.Decoder) error {
	*p = graphPage{types: p.types, readable: map[string]bool{}}
	return loose.Members(dec, func(key string) error {
		switch strings.ToLower(key) {
		case "data":
			return loose.Elements(dec, func() error {
				var r row
				err := oddPart("query Resource Graph", dec.Decode(&r), &p.missing)
				p.add(&r)
				return err
			})
		case "$skiptoken":
			return dec.Decode(&p.skipToken)
		case "resulttruncated":
			return dec.Decode(&p.truncated)
		case "totalrecords":
			return dec.Decode(&p.total)
		}
		return loose.Skip(dec)
	})
}

func (p *graphPage) add(r *row) {
	p.rows++
	r.complete(p.types)
	if r.SubscriptionID == "" {
		p.homeless = true
		return
	}
	p.readable[r.SubscriptionID] = true
	if it, ok := r.item(p.types); ok {
		p.placed = append(p.placed, placed{part{r.SubscriptionID, it.Service}, it})
	}
}

// query asks for every resource of the listed services, and for the subscriptions themselves: Resource Graph leaves
// out in silence what the credential may not read, so only a subscription's own row tells empty from denied.
// Only named fields are asked for: a row has some 500 bytes instead of 5,000, and most secrets never travel.
func (d *driver) query() string {
	var types, columns []string
	for _, k := range kinds() {
		if !slices.Contains(d.listed, k.service) {
			continue
		}
		for _, c := range k.columns {
			if !slices.Contains(columns, c) {
				columns = append(columns, c)
			}
		}
		if !slices.Contains(types, k.arm) {
			types = append(types, k.arm)
		}
	}
	where := "type in~ (" + literals(types) + ")"
	if len(d.regions) > 0 {
		where += " and location in~ (" + literals(d.regions) + ")"
	}
	common := []string{
		"id", "name", "type", "kind", "location", "subscriptionId", "resourceGroup", "sku", "tags", "zones",
		"provisioning=properties.provisioningState",
	}
	return "Resources | where " + where +
		" | union (ResourceContainers | where type =~ '" + subscriptionType + "')" +
		" | project " + strings.Join(append(common, columns...), ", ") +
		" | order by id asc"
}

// literals writes strings as KQL does. A quote within one is dropped: no type or region has one.
func literals(all []string) string {
	quoted := make([]string, len(all))
	for i, s := range all {
		quoted[i] = "'" + strings.NewReplacer("'", "", `\`, "").Replace(s) + "'"
	}
	return strings.Join(quoted, ",")
}

// part is what one reader takes of an inventory.
type part struct{ subscription, service string }

// inventory is what one query told. Each part is read by one reader, and kept no longer.
type inventory struct {
	mu       sync.Mutex
	parts    map[part][]item
	readable map[string]bool // subscriptions, lower case
	cut      error           // that not every subscription was asked, or not every row could be read
	err      error           // what ended the query early, or cut
}

// round is an inventory that is asked for once and read by several.
type round struct {
	shared provider.Shared[string, *inventory]
	last   time.Time // when its last reader came
}

// items returns one part of the inventory. Readers that come together share one query; who comes later, or comes
// again, begins a new one. A subscription of which Resource Graph shows nothing, not even its own row, is an error of
// cloud.KindDenied.
func (d *driver) items(ctx context.Context, p part) ([]item, error) {
	shared := &d.current().shared
	inv, err := shared.Do(ctx, "", p.subscription+"/"+p.service, d.inventory)
	if ctx.Err() != nil {
		return nil, cloud.Ended(ctx, graphOp, "the answer of Resource Graph")
	}
	if err != nil {
		return nil, err
	}
	items := inv.taken(p)
	if inv.err != nil {
		return items, inv.err
	}
	if len(items) == 0 && len(inv.readable) > 0 && !inv.readable[p.subscription] {
		return nil, &cloud.Error{
			Kind: cloud.KindDenied, Op: graphOp, Hint: roleHint, Detail: "it does not show subscription " + p.subscription,
		}
	}
	return items, nil
}

// taken returns a part, and forgets it.
func (inv *inventory) taken(p part) []item {
	inv.mu.Lock()
	defer inv.mu.Unlock()
	defer delete(inv.parts, p)
	return inv.parts[p]
}

func (d *driver) current() *round {
	d.mu.Lock()
	defer d.mu.Unlock()
	now := d.now()
	if d.round == nil || now.Sub(d.round.last) > together {
		d.round = &round{}
	}
	d.round.last = now
	return d.round
}

// inventory reads all pages. What comes before a page that fails is kept; only a first page that fails is an error.
func (d *driver) inventory(ctx context.Context) (*inventory, error) {
	inv := &inventory{parts: map[part][]item{}, readable: map[string]bool{}}
	page := &graphPage{types: byType()}
	options := map[string]any{"$top": pageSize, "resultFormat": "objectArray"}
	body := map[string]any{"query": d.query(), "options": options}
	if len(d.only) > 0 {
		body["subscriptions"] = d.only
	}
	for pages := 0; ; pages++ {
		h, err := d.send(ctx, armAudience, httpx.Call{
			Op: "query Resource Graph", Path: graphPath, Query: url.Values{"api-version": {"2024-04-01"}}, Body: body,
		}, page.read)
		if err != nil && pages == 0 {
			return nil, err
		}
		if err == nil {
			err = inv.add(page, options["$skipToken"])
		}
		if strings.EqualFold(h.Get("X-Ms-Tenant-Subscription-Limit-Hit"), "true") {
			inv.cut = cloud.Partial(graphOp, "the tenant has more subscriptions than a query reads: name them in options.subscription_ids")
		}
		if err != nil || page.skipToken == "" {
			inv.err = cmp.Or(err, inv.cut)
			d.hire(inv)
			return inv, nil
		}
		options["$skipToken"] = page.skipToken
	}
}

// add sorts a page's resources into parts. previous is the token that the page was asked with.
func (inv *inventory) add(page *graphPage, previous any) error {
	for i := range page.placed {
		p := &page.placed[i]
		inv.parts[p.part] = append(inv.parts[p.part], p.item)
	}
	maps.Copy(inv.readable, page.readable)
	if page.homeless {
		inv.cut = cloud.Partial(graphOp, "a row names no subscription")
	}
	inv.cut = cmp.Or(page.missing, inv.cut)
	switch {
	case page.skipToken != "" && page.skipToken == previous:
		return &cloud.Error{Kind: cloud.KindResponse, Op: graphOp, Detail: "the page's $skipToken is the one that it was asked with"}
	case page.skipToken == "" && page.truncated == "true":
		return cloud.Partial(graphOp, fmt.Sprintf("the answer is truncated: %d records match", page.total))
	}
	return nil
}
