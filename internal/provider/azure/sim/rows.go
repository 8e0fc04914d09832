package azuresim

import (
	"strings"

	"github.com/adsops/cloudtop/internal/sim"
)

// record is one row: a resource, a subscription, or cells that summarize made.
type record struct {
	resource     *resource
	subscription *subscription
	group        string // a resource group of it; empty = the subscription itself
	tenant       string
	cells        map[string]any
	price        *priceItem     // that the cells are of
	body, row    map[string]any // "properties" and the rest, made at their first use
}

// column is a column as Resource Graph stores it: type, location and resource group in lower case.
func (r *record) column(name string) any {
	switch {
	case r.cells != nil:
		return r.cells[name]
	case r.group != "":
		return r.subscription.groupColumn(r.group, name, r.tenant)
	case r.subscription != nil:
		return r.subscription.column(name, r.tenant)
	}
	it := r.resource
	switch name {
	case "id":
		return it.id
	case "name":
		return it.name
	case "type":
		return it.kind.lower
	case "tenantId":
		return r.tenant
	case "location":
		return it.region
	case "resourceGroup":
		return strings.ToLower(it.group)
	case "subscriptionId":
		return it.sub.id
	case "managedBy":
		return ""
	case "tags":
		if it.tags == nil {
			return nil
		}
		return it.tags
	case "properties":
		if r.body == nil {
			r.body = it.kind.body(it)
		}
		return r.body
	}
	if r.row == nil {
		r.row = map[string]any{"kind": ""}
		it.kind.row(it, r.row)
	}
	return r.row[name]
}

func (s *subscription) column(name, tenant string) any {
	switch name {
	case "id":
		return "/subscriptions/" + s.id
	case "name":
		return s.name
	case "type":
		return "microsoft.resources/subscriptions"
	case "tenantId":
		return tenant
	case "subscriptionId":
		return s.id
	case "properties":
		return map[string]any{
			"state": s.state, "managedByTenants": []any{},
			"subscriptionPolicies": map[string]any{"quotaId": "PayAsYouGo_2014-09-01", "spendingLimit": "Off"},
		}
	case "kind", "location", "resourceGroup", "managedBy":
		return ""
	}
	return nil
}

// groupColumn is a column of a resource group's row.
func (s *subscription) groupColumn(group, name, tenant string) any {
	switch name {
	case "id":
		return "/subscriptions/" + s.id + "/resourceGroups/" + group
	case "name":
		return group
	case "type":
		return "microsoft.resources/subscriptions/resourcegroups"
	case "location":
		return s.regions[0]
	case "resourceGroup":
		return strings.ToLower(group)
	case "properties":
		return map[string]any{"provisioningState": "Succeeded"}
	}
	return s.column(name, tenant)
}

// forget drops what was made of the row.
func (r *record) forget() { r.body, r.row = nil, nil }

// write appends a row as a JSON object.
func (t *table) write(out []byte, r *record) []byte {
	out = append(out, '{')
	for i, n := range t.names {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '"')
		out = append(out, n...)
		out = append(out, `":`...)
		out = sim.AppendJSON(out, t.evals[n](r))
	}
	r.forget()
	return append(out, '}')
}
