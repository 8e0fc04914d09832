package azuresim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// record is one row: a resource, a subscription, or cells that summarize made.
type record struct {
	resource     *resource
	subscription *subscription
	group        string // a resource group of it; empty = the subscription itself
	tenant       string
	cells        map[string]any
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
		out = appendJSON(out, t.evals[n](r))
	}
	r.forget()
	return append(out, '}')
}

// appendJSON writes a value: what rows are made of without a detour, and maps by their keys' order as encoding/json does.
func appendJSON(out []byte, v any) []byte {
	switch v := v.(type) {
	case nil:
		return append(out, "null"...)
	case string:
		if plain(v) {
			return append(append(append(out, '"'), v...), '"')
		}
	case bool:
		return strconv.AppendBool(out, v)
	case int:
		return strconv.AppendInt(out, int64(v), 10)
	case lazy:
		return appendJSON(out, v())
	case []any:
		out = append(out, '[')
		for i, e := range v {
			out = appendJSON(append(out, ","[:min(i, 1)]...), e)
		}
		return append(out, ']')
	case map[string]any:
		return appendMap(out, v)
	case map[string]string:
		return appendMap(out, v)
	}
	return append(out, encode(v)...)
}

func appendMap[V any](out []byte, m map[string]V) []byte {
	var room [16]string
	keys := room[:0]
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	out = append(out, '{')
	for i, k := range keys {
		out = append(appendJSON(append(out, ","[:min(i, 1)]...), k), ':')
		out = appendJSON(out, m[k])
	}
	return append(out, '}')
}

func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < 0x20 || c > 0x7e || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func encode(v any) []byte {
	data, err := json.Marshal(v)
	if err != nil {
		return []byte("null")
	}
	return data
}
