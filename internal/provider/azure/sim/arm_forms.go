package azuresim

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// armPage is how many resources a page of a list has.
const armPage = 500

// paged answers one page of a list; nextLink asks for the next one.
func paged[T any](r *http.Request, all []T, form func(T) any) (any, *problem) {
	q := r.URL.Query()
	from := 0
	if s := q.Get("$skiptoken"); s != "" {
		n, ok := readToken(s, strings.ToLower(r.URL.Path))
		if !ok || n < 0 || n > len(all) {
			return nil, &problem{http.StatusBadRequest, "InvalidSkipToken", "The provided skip token is invalid.", nil}
		}
		from = n
	}
	size := armPage
	if n, err := strconv.Atoi(q.Get("$top")); err == nil && n > 0 {
		size = min(n, size)
	}
	to := min(from+size, len(all))
	page := make([]any, 0, to-from)
	for _, it := range all[from:to] {
		page = append(page, form(it))
	}
	out := map[string]any{"value": page}
	if to < len(all) {
		q.Set("$skiptoken", writeToken(to, strings.ToLower(r.URL.Path)))
		out["nextLink"] = "https://" + managementHost + r.URL.EscapedPath() + "?" + q.Encode()
	}
	return out, nil
}

// view is how much of a machine is asked for.
type view struct{ instance, statusOnly bool }

func viewOf(q url.Values, list bool) view {
	v := view{instance: strings.EqualFold(q.Get("$expand"), "instanceView")}
	v.statusOnly = list && strings.EqualFold(q.Get("statusonly"), "true")
	return v
}

// armType is the type as Azure Resource Manager writes it.
func (k *kind) armType() string {
	if k.service == "sql" {
		return k.arm + "/databases"
	}
	return k.arm
}

// arm is a resource as its resource provider gives it. Resource Graph's "extended" is not part of it.
func (r *resource) arm(v view) map[string]any {
	out := map[string]any{"id": r.id, "name": r.name, "type": r.kind.armType(), "location": r.region}
	r.kind.row(r, out)
	if r.tags != nil {
		out["tags"] = r.tags
	}
	body := r.kind.body(r)
	switch r.kind.service {
	case "vms":
		delete(body, "extended")
		if v.statusOnly {
			body = map[string]any{"vmId": body["vmId"], "provisioningState": r.provisioning, "hardwareProfile": body["hardwareProfile"]}
		}
		if v.instance || v.statusOnly {
			body["instanceView"] = r.instanceView()
		}
	case "functions", "web_apps":
		out["location"] = places()[r.region].name // App Service writes display names
	case "aks", "container_apps", "postgresql":
		out["systemData"] = map[string]any{
			"createdBy": "ops@contoso.example", "createdByType": "User", "createdAt": r.created.UTC().Format(time.RFC3339),
			"lastModifiedBy": "ops@contoso.example", "lastModifiedByType": "User", "lastModifiedAt": r.created.UTC().Format(time.RFC3339),
		}
	}
	out["properties"] = body
	return out
}

// instanceView is what a machine does (armcompute VirtualMachineInstanceView). Without a power state there is no code.
func (r *resource) instanceView() any {
	status := func(code, text string) any {
		return map[string]any{"code": code, "level": "Info", "displayStatus": text, "time": r.at()}
	}
	statuses := []any{status("ProvisioningState/"+strings.ToLower(r.provisioning), "Provisioning "+strings.ToLower(r.provisioning))}
	if r.state != "" {
		statuses = append(statuses, status("PowerState/"+r.state, "VM "+r.state))
	}
	return map[string]any{
		"computerName": r.name, "hyperVGeneration": "V2", "statuses": statuses,
		"osName": map[bool]string{true: "Windows", false: "Linux"}[r.windows],
	}
}

// instances are the machines of a scale set.
func (r *resource) instances() []map[string]any {
	all := make([]map[string]any, r.count)
	for i := range all {
		name := fmt.Sprintf("%s_%d", r.name, i)
		all[i] = map[string]any{
			"instanceId": strconv.Itoa(i), "id": r.id + "/virtualMachines/" + strconv.Itoa(i), "name": name, "location": r.region,
			"type": r.kind.arm + "/virtualMachines", "sku": map[string]any{"name": r.size.name, "tier": "Standard"},
			"properties": map[string]any{
				"latestModelApplied": true, "vmId": r.uuid(uint64(100 + i)), "provisioningState": r.provisioning,
				"hardwareProfile": map[string]any{"vmSize": r.size.name},
				"instanceView": map[string]any{"statuses": []any{
					map[string]any{"code": "ProvisioningState/" + strings.ToLower(r.provisioning), "level": "Info"},
					map[string]any{"code": "PowerState/running", "level": "Info", "displayStatus": "VM running"},
				}},
			},
		}
	}
	return all
}

// agentPools are the node pools of a cluster, as resources of their own.
func (r *resource) agentPools() []map[string]any {
	var all []map[string]any
	for _, p := range clusterPools(r) {
		one := p.(map[string]any)
		name := one["name"].(string)
		delete(one, "name")
		all = append(all, map[string]any{
			"id": r.id + "/agentPools/" + name, "name": name, "type": r.kind.arm + "/agentPools", "properties": one,
		})
	}
	return all
}

// sqlServers are the logical servers, which the databases name. They are resources for Azure, not for Truth.
func (c *cloud) sqlServers(r *http.Request, t *target) (any, *problem) {
	var all []map[string]any
	seen := map[string]bool{}
	for _, it := range c.resources {
		if it.kind.service != "sql" || it.sub != t.sub || t.group != "" && !strings.EqualFold(it.group, t.group) {
			continue
		}
		name, _, _ := strings.Cut(it.parent, "/")
		id := it.id[:strings.LastIndex(it.id, "/databases/")]
		if seen[id] || len(t.names) > 0 && !strings.EqualFold(name, t.names[0]) {
			continue
		}
		seen[id] = true
		all = append(all, map[string]any{
			"id": id, "name": name, "type": it.kind.arm, "location": it.region, "kind": "v12.0", "tags": map[string]any{},
			"properties": map[string]any{
				"administratorLogin": "sqladmin", "version": "12.0", "state": "Ready", "publicNetworkAccess": "Enabled",
				"fullyQualifiedDomainName": name + ".database.windows.net", "minimalTlsVersion": "1.2",
			},
		})
	}
	if !t.list {
		return all[0], nil
	}
	return paged(r, all, func(m map[string]any) any { return m })
}
