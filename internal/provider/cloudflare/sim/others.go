package cloudflaresim

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/adsops/cloudtop/internal/sim"
)

// What clients of these products ask for beyond the lists: single things, their parts, and lists of products that these
// accounts do not use.

// unused answers a list of what an account does not have.
func unused(low, high, usual int) answer {
	return func(r *http.Request, _ *account) (*result, *failure) {
		b := bounds{low, high, usual}
		return paginate(r, nil, b, outside(b))
	}
}

// unpaged answers a list without pages of what an account does not have.
func unpaged(*http.Request, *account) (*result, *failure) { return &result{list: true}, nil }

func (a *account) script(name string) (*script, *failure) {
	for _, s := range a.scripts {
		if s.ID == name {
			return s, nil
		}
	}
	return nil, fail(http.StatusNotFound, 10007, "This Worker does not exist on your account.")
}

// ofScript answers with a part of a Worker.
func ofScript(part func(*script) any) answer {
	return func(r *http.Request, a *account) (*result, *failure) {
		s, bad := a.script(r.PathValue("script"))
		if bad != nil {
			return nil, bad
		}
		return &result{value: part(s)}, nil
	}
}

func (s *script) deployments() any {
	return object{"deployments": []object{{
		"id": asUUID(s.Tag), "created_on": s.ModifiedOn, "source": s.LastDeployedFrom, "strategy": "percentage",
		"author_email": Email, "annotations": object{"workers/triggered_by": "deployment"},
		"versions": []object{{"percentage": 100, "version_id": asUUID(s.Etag)}},
	}}}
}

func (s *script) schedules() any {
	all := []object{}
	if slices.Contains(s.Handlers, "scheduled") {
		all = append(all, object{"cron": "*/30 * * * *", "created_on": s.CreatedOn, "modified_on": s.ModifiedOn})
	}
	return object{"schedules": all}
}

// settings hold bindings, of which secrets have a name and no text.
func (s *script) settings() any {
	return object{
		"bindings": []object{{"type": "secret_text", "name": "API_KEY"}, {"type": "plain_text", "name": "MODE", "text": marker}},
		"logpush":  s.Logpush, "tail_consumers": s.TailConsumers, "usage_model": s.UsageModel, "tags": s.Tags,
		"compatibility_date": s.CompatibilityDate, "compatibility_flags": s.CompatibilityFlags,
	}
}

// asUUID writes hexadecimal digits as a UUID.
func asUUID(hex string) string {
	return hex[:8] + "-" + hex[8:12] + "-4" + hex[13:16] + "-8" + hex[17:20] + "-" + hex[20:32]
}

// listWorkers is the newer form of the list of scripts, which is paged and ordered.
func listWorkers(r *http.Request, a *account) (*result, *failure) {
	all := slices.Clone(a.scripts)
	by, order := cmp.Or(r.URL.Query().Get("order_by"), "deployed_on"), cmp.Or(r.URL.Query().Get("order"), "desc")
	compare, ok := map[string]func(a, b *script) int{
		"deployed_on": func(a, b *script) int { return a.ModifiedOn.Compare(b.ModifiedOn) },
		"updated_on":  func(a, b *script) int { return a.ModifiedOn.Compare(b.ModifiedOn) },
		"created_on":  func(a, b *script) int { return a.CreatedOn.Compare(b.CreatedOn) },
		"name":        func(a, b *script) int { return cmp.Compare(a.ID, b.ID) },
	}[by]
	if !ok || order != "asc" && order != "desc" {
		return nil, fail(http.StatusBadRequest, 10021, "order_by or order is invalid")
	}
	slices.SortStableFunc(all, compare)
	if order == "desc" {
		slices.Reverse(all)
	}
	rows := make([][]byte, len(all))
	for i, s := range all {
		rows[i] = encode(object{
			"id": s.Tag, "name": s.ID, "created_on": s.CreatedOn, "updated_on": s.ModifiedOn, "deployed_on": s.ModifiedOn,
			"logpush": s.Logpush, "tags": append([]string{}, s.Tags...), "tail_consumers": []object{},
			"observability": object{"enabled": true, "head_sampling_rate": 1, "logs": object{"enabled": true, "invocation_logs": true}},
			"references": object{
				"dispatch_namespace_outbounds": []object{}, "domains": []object{}, "durable_objects": []object{}, "queues": []object{}, "workers": []object{},
			},
			"subdomain": object{"enabled": true, "previews_enabled": false},
		})
	}
	b := bounds{1, 100, 10}
	return paginate(r, rows, b, outside(b))
}

func (a *account) queue(id string) (*queue, *failure) {
	for _, q := range a.queues {
		if q.ID == id {
			return q, nil
		}
	}
	return nil, fail(http.StatusNotFound, 11000, "Queue not found")
}

func getQueue(r *http.Request, a *account) (*result, *failure) {
	q, bad := a.queue(r.PathValue("id"))
	return &result{value: q}, bad
}

func listConsumers(r *http.Request, a *account) (*result, *failure) {
	q, bad := a.queue(r.PathValue("id"))
	if bad != nil {
		return nil, bad
	}
	return &result{list: true, rows: encodeAll(q.Consumers)}, nil
}

// queueMetrics answers with what waits now; 0 is an unknown moment.
func (c *cloudflare) queueMetrics(r *http.Request, a *account) (*result, *failure) {
	q, bad := a.queue(r.PathValue("id"))
	if bad != nil {
		return nil, bad
	}
	now := c.world.Now()
	n := q.use.items.at(now)
	oldest := now.Add(-time.Minute).UnixMilli()
	if n == 0 {
		oldest = 0
	}
	return &result{value: object{
		"backlog_count": n, "backlog_bytes": n * float64(int(q.use.bytes)), "oldest_message_timestamp_ms": oldest,
	}}, nil
}

// listDeployments are those of a Pages project, newest first.
func listDeployments(r *http.Request, a *account) (*result, *failure) {
	p, bad := a.project(r.PathValue("name"))
	if bad != nil {
		return nil, bad
	}
	env := r.URL.Query().Get("env")
	var rows [][]byte
	for _, d := range []string{"latest_deployment", "canonical_deployment"} {
		if v, ok := p.value[d].(object); ok && (env == "" || v["environment"] == env) {
			rows = append(rows, encode(v))
		}
	}
	b := bounds{1, 25, 25}
	return paginate(r, rows, b, func() *failure {
		return fail(http.StatusBadRequest, 8000024, "Invalid list options provided. Review the `page` or `per_page` parameter.")
	})
}

// listKeys tells no keys: what the values are called is nobody's business here.
func listKeys(r *http.Request, a *account) (*result, *failure) {
	if _, bad := getNamespace(r, a); bad != nil {
		return nil, bad
	}
	if n, ok := number(r, "limit", 1000); !ok || n < 10 || n > 1000 {
		return nil, fail(http.StatusBadRequest, 10024, "limit must be between 10 and 1000")
	}
	return &result{list: true, info: object{"count": 0, "cursor": ""}}, nil
}

// usageOnly is the second form of the bill (FOCUS 1.3), whose columns of cost and price are not filled in yet and absent.
// It has what a free plan uses as well, goes back 31 days, and begins with the month.
func (c *cloudflare) usageOnly(r *http.Request, a *account) (*result, *failure) {
	now := c.world.Now()
	from, to, bad := c.billedSpan(r, time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, time.UTC))
	if bad == nil && to.Sub(from) > 31*24*time.Hour {
		bad = fail(http.StatusBadRequest, 10001, "the range must not exceed 31 days")
	}
	if bad != nil {
		return nil, bad
	}
	all := c.charges(a, from, to)
	for i, charge := range all {
		row := object{
			"ChargeFrequency": "Usage-Based", "x_BillableMetricId": asUUID(tagOf(charge["ServiceName"].(string))),
			"x_BillableMetricName": charge["ServiceName"], "x_ProductFamilyName": charge["ServiceFamilyName"],
		}
		for _, column := range []string{
			"BillingAccountId", "BillingAccountName", "BillingPeriodStart", "ChargeCategory", "ChargeClass", "ChargeDescription",
			"ChargePeriodEnd", "ChargePeriodStart", "ConsumedQuantity", "ConsumedUnit", "HostProviderName", "InvoiceIssuerName",
			"ServiceProviderName",
		} {
			row[column] = charge[column]
		}
		all[i] = row
	}
	return &result{list: true, rows: encodeAll(all)}, nil
}

// cycleDay is the day of the month on which every billing cycle begins.
const cycleDay = 10

// cycle returns when the billing cycle of a moment began.
func cycle(now time.Time) time.Time {
	from := time.Date(now.Year(), now.Month(), cycleDay, 0, 0, 0, 0, time.UTC)
	if from.After(now) {
		from = from.AddDate(0, -1, 0)
	}
	return from
}

// touchesCycle reports whether a range has the day on which a billing cycle begins: one that has not is answered empty.
func touchesCycle(from, to time.Time) bool {
	return from.Before(to) && !cycle(to).Before(from.Truncate(24*time.Hour))
}

func anchor() time.Time { return cycle(sim.Epoch).AddDate(0, -6, 0) }

// tagged reports whether a script has what the parameter tags asks for: "prod:yes,test:no".
func (s *script) tagged(filter string) bool {
	for pair := range strings.SplitSeq(filter, ",") {
		tag, allowed, _ := cutLast(pair, ":")
		if pair != "" && slices.Contains(s.Tags, tag) != (allowed == "yes") {
			return false
		}
	}
	return true
}

// cutLast is strings.Cut at the last separator: a tag may have colons of its own.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
